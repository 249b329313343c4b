"""Back a platform up, bring a service back, and compare what services said with what others took."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from chassis.clock import SystemClock
from chassis.database.provision import load_or_make_passwords
from chassis.database.server import EmbeddedPostgres, PostgresFailed
from chassis.errors import Message
from chassis.events.groups import read_by
from chassis.events.reconciling import Comparison, Gap, compare
from chassis.service import Service
from deploy.backup.making import make_backup
from deploy.backup.manifest import BackupUnusable
from deploy.backup.restoring import discard_former, restore_service
from deploy.console.platform import DEFAULT
from deploy.console.programs import consumers_with, opened_program, service_named
from deploy.console.progress import bars
from deploy.console.saying import NOT_RUNNING, Data, fail, language, out, say
from deploy.embedded.installation import PROGRAMS, Installation, NotRunning

NAMED: int = 10
_GAPS: Mapping[Gap, Message] = {
    Gap.MISSING: Message("未收到", "missing"),
    Gap.BEHIND: Message("版本落后", "behind"),
    Gap.AHEAD: Message("版本超前", "ahead"),
    Gap.UNKNOWN: Message("来源已无", "unknown to the producer"),
}


def backup(
    to: Annotated[Path | None, typer.Option(file_okay=False, help="备份目录，须为空 / an empty folder")] = None,
    data: Data = DEFAULT,
) -> None:
    """备份运行中的平台 / back a running platform up (without its keys)."""
    clock = SystemClock()
    folder = to or data / "backups" / f"{clock.system_now():%Y%m%d-%H%M%S}"
    installation = Installation(data)
    try:
        with bars() as bar:
            manifest = make_backup(installation, folder, clock=clock, tell=bar)
    except NotRunning:
        fail(NOT_RUNNING)
    except BackupUnusable as failure:
        fail(failure.message)
    except OSError as error:
        fail(Message(f"无法写入 {folder}：{error.strerror}。", f"Cannot write {folder}: {error.strerror}."))
    size = (manifest.objects_bytes + sum(dump.size_bytes for dump in manifest.dumps)) / 2**20
    say(
        Message(
            f"备份完成：{folder}，{len(manifest.dumps)} 个数据库，{manifest.objects} 块文件，{size:.1f} MiB。"
            f"密钥环不在其中，请将 {installation.key_ring_file} 另行妥善保管。",
            f"Backed up to {folder}: {len(manifest.dumps)} databases, {manifest.objects} pieces of files,"
            f" {size:.1f} MiB. The key ring is not in it: keep {installation.key_ring_file} elsewhere, and safe.",
        )
    )


def restore(
    service: Annotated[str, typer.Argument(help="服务 / the service")],
    source: Annotated[Path, typer.Option("--from", file_okay=False, help="备份目录 / the backup's folder")],
    reason: Annotated[str, typer.Option(help="理由，记入新世代 / why; kept with the new epoch")],
    data: Data = DEFAULT,
    *,
    discard: Annotated[
        bool, typer.Option("--discard-former", help="成功后删除被替换的数据库 / delete what was replaced")
    ] = False,
) -> None:
    """把一个服务恢复到备份（平台须停止）/ bring a service back to a backup; the platform must rest."""
    chosen = service_named(service)
    installation = Installation(data)
    passwords = load_or_make_passwords(installation.passwords, [each.name for each in PROGRAMS])
    try:
        with EmbeddedPostgres.start(installation.postgres, on_progress=say) as postgres, bars() as bar:
            restored = restore_service(
                installation,
                postgres,
                source,
                chosen.name,
                passwords[chosen.name],
                reason=reason,
                clock=SystemClock(),
                tell=bar,
            )
            if discard:
                discard_former(postgres, chosen.name)
    except NotRunning:
        fail(
            Message(
                f"{data} 里没有密钥环：请先把备份时的 {installation.key_ring_file.name} 放回去。",
                f"{data} has no key ring: put the {installation.key_ring_file.name} of the backup's time back first.",
            )
        )
    except BackupUnusable as failure:
        fail(failure.message)
    except PostgresFailed as failure:
        fail(failure.message)
    say(
        Message(
            f"{chosen.name} 已恢复，世代 {restored.epoch}。请 make run，再用 xianjie reconcile 查看与其他服务的差异。",
            f"{chosen.name} is restored, epoch {restored.epoch}. Start the platform, then let `xianjie reconcile` name"
            " what differs from the other services.",
        )
    )


def reconcile(
    consumer: Annotated[str | None, typer.Option(help="只比对此消费者 / only this consumer")] = None,
    data: Data = DEFAULT,
) -> None:
    """比对各服务发布与接收的事件，有差异则以 1 退出 / compare said with taken; exit 1 if they differ."""
    groups = consumers_with(consumer)
    agree = True
    for group, taker in groups.items():
        if consumer not in (None, group):
            continue
        for producer, types in _read_by(taker, group):
            found = asyncio.run(_compared(data, producer, taker, group, types))
            agree &= all(each.agrees for each in found)
            _tell(producer, group, found)
    raise typer.Exit(0 if agree else 1)


def _read_by(taker: Service, group: str) -> list[tuple[Service, dict[str, bool]]]:
    """The types that a group reads, each with whether it tells the full state, by the service that publishes them."""
    wanted = {each.event.wire_type() for each in read_by(taker, group)}
    found = [
        (each, {event.wire_type(): event.full_state for event in each.events if event.wire_type() in wanted})
        for each in PROGRAMS
    ]
    return [(producer, types) for producer, types in found if types]


async def _compared(
    data: Path, producer: Service, taker: Service, group: str, types: Mapping[str, bool]
) -> list[Comparison]:
    async with opened_program(data, producer) as here, opened_program(data, taker) as there:
        return await compare(here.database, there.database, consumer=group, types=types)


def _tell(producer: Service, group: str, found: Sequence[Comparison]) -> None:
    for each in found:
        state = Message("一致", "agree") if each.agrees else Message("不一致", "DIFFER")
        say(
            Message(
                f"{producer.name} → {group}  {each.type}：{state.zh}；发布 {each.said}，接收 {each.taken}，"
                f"在途 {each.on_the_way}。",
                f"{producer.name} → {group}  {each.type}: {state.en}; said {each.said}, taken {each.taken},"
                f" on the way {each.on_the_way}.",
            )
        )
        for difference in each.named[:NAMED]:
            gap = _GAPS[difference.gap].in_language(language())
            out.print(f"  {difference.id}  {gap}  {difference.said or '-'} / {difference.taken or '-'}", markup=False)
        if not each.agrees:
            counts = {gap: _GAPS[gap].in_language(language()) for gap in each.counts}
            out.print("  " + ", ".join(f"{counts[gap]} {number}" for gap, number in each.counts.items()), markup=False)
    if all(each.agrees for each in found):
        return
    if all(each.closes_by_republish for each in found):
        remedy = f"xianjie republish {producer.name} --only {group}"
    else:
        remedy = f"xianjie replay --consumer {group}"
    say(Message(f"补救：{remedy}", f"To mend it: {remedy}"))
