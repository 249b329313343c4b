"""``xianjie``: run and look after the platform of one data directory."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final

import typer

from deploy.console.usage import Command, Commands, speaking

_COMMANDS: Final = {
    "serve": "serving.serve",
    "migrate": "migrating.migrate_databases",
    "sample": "sample.sample",
    "import": "importing.import_file",
    "screen": "screening.screen",
    "clean": "platform.clean",
    "status": "status.status",
    "openapi": "documents.openapi",
    "asyncapi": "documents.asyncapi",
    "events": "documents.events",
    "backup": "backup.backup",
    "restore": "backup.restore",
    "reconcile": "backup.reconcile",
    "republish": "events.republish",
    "replay": "events.replay",
}
_GROUPS: Final = {
    "audit": ("audit.app", "审计 / the audit"),
    "keys": ("keys.app", "密钥 / the keys"),
    "parked": ("events.parked", "搁置的事件 / parked events"),
    "topics": ("topics.app", "Kafka 主题 / Kafka's topics"),
    "clock": ("clock.app", "业务日期 / the business date (embedded and test modes)"),
}


def command_line(*names: str) -> typer.Typer:
    """The commands of these names, or all: `serve` alone loads in a tenth of the time, and every start waits for it."""
    app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False)
    app.callback(cls=Commands, help="衔接 Xianjie · 平台运维命令 / operator's commands")(_together)
    for name, place in _COMMANDS.items():
        if not names or name in names:
            app.command(name, cls=Command)(_found(place))
    for name, (place, said) in _GROUPS.items():
        if not names or name in names:
            app.add_typer(speaking(_found(place)), cls=Commands, name=name, help=said)
    return app


def main() -> None:
    """The console command's entry."""
    command_line(*[word for word in sys.argv[1:2] if word in _COMMANDS or word in _GROUPS])()


def _together() -> None:
    """Keeps Typer from taking one command alone for the whole line."""


def _found(place: str) -> Any:
    module, _, name = place.partition(".")
    return getattr(import_module(f"deploy.console.{module}"), name)


def __getattr__(name: str) -> typer.Typer:
    if name == "app":
        return command_line()
    raise AttributeError(name)


if __name__ == "__main__":
    main()
