"""``xianjie``: run and look after the platform of one data directory."""

from __future__ import annotations

import typer

from deploy.console import (
    audit,
    backup,
    clock,
    documents,
    events,
    importing,
    keys,
    migrating,
    platform,
    sample,
    screening,
    serving,
    status,
    topics,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="衔接 Xianjie · 平台运维命令 / operator's commands")
app.command()(serving.serve)
app.command("migrate")(migrating.migrate_databases)
app.command()(sample.sample)
app.command("import")(importing.import_file)
app.command()(screening.screen)
app.command()(platform.clean)
app.command()(status.status)
app.command()(documents.openapi)
app.command()(documents.asyncapi)
app.command()(documents.events)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(backup.reconcile)
app.command()(events.republish)
app.command()(events.replay)
app.add_typer(audit.app, name="audit", help="审计 / the audit")
app.add_typer(keys.app, name="keys", help="密钥 / the keys")
app.add_typer(events.parked, name="parked", help="搁置的事件 / parked events")
app.add_typer(topics.app, name="topics", help="Kafka 主题 / Kafka's topics")
app.add_typer(clock.app, name="clock", help="业务日期 / the business date (embedded and test modes)")


def main() -> None:
    """The console command's entry."""
    app()


if __name__ == "__main__":
    main()
