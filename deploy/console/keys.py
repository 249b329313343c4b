"""Tell which keys are needed still, and make what is kept anew with the current ones."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from sqlalchemy import select

from chassis.errors import Message
from chassis.jobs.definition import defer
from chassis.jobs.tables import JobState, job
from chassis.keys.resealing import RESEAL, ResealParameters, reseal_kind
from chassis.keys.status import KeyUse, key_use
from chassis.lifecycle import store_of
from chassis.program import Program
from chassis.security.keys import KeyRing, Purpose
from chassis.security.scope import PLATFORM, Area
from chassis.service import Service
from deploy.console.platform import DEFAULT
from deploy.console.programs import opened_program, operator, service_named
from deploy.console.progress import bars
from deploy.console.saying import Data, fail, language, out, say
from deploy.embedded.installation import PROGRAMS
from deploy.progress import Progress as Step

app = typer.Typer(no_args_is_help=True)
One = Annotated[str | None, typer.Option("--service", help="服务；缺省为全部 / a service; default: all")]

_POLL_SECONDS: Final = 0.5
_NEEDED: Final = Message("仍在使用", "needed by")
_COUNTED: Final = (Purpose.DATA, Purpose.INDEX)


@app.callback()
def group() -> None:
    """密钥 / the keys."""


@app.command()
def status(service: One = None, data: Data = DEFAULT) -> None:
    """哪些密钥仍在使用，哪些可以停用 / which keys are needed, and which can be retired."""
    services = _chosen(service)
    ring, uses = asyncio.run(_uses(data, services))
    headings = (Message("用途", "purpose"), Message("编号", "id"), _NEEDED, Message("可否停用", "can be retired"))
    table = Table(*(heading.in_language(language()) for heading in headings))
    for purpose in _COUNTED:
        for key in sorted(ring.keys(purpose), key=lambda key: key.id):
            needed: Counter[str] = Counter()
            for one, use in zip(services, uses, strict=True):
                needed += Counter({f"{one.name}.{name}": count for name, count in use.of(purpose, key.id).items()})
            listed = "\n".join(f"{name}: {count}" for name, count in sorted(needed.items()))
            table.add_row(purpose.value, str(key.id), listed, _verdict(key.id == ring.current(purpose).id, needed))
    out.print(table)
    say(
        Message(
            "audit 密钥随审计链长期保留；cursor 密钥在游标过期后即可停用。",
            "Keys of audit stay as long as the chain does; one of cursor can go once its cursors need not hold.",
        )
    )


@app.command()
def reseal(service: One = None, data: Data = DEFAULT) -> None:
    """用现行密钥重新加密全部存量 / make everything that is kept anew with the current keys."""
    left = 0
    for each in _chosen(service):
        ended = asyncio.run(_resealed(data, each))
        result = ended.result or {}
        if ended.state != JobState.SUCCEEDED:
            error = (ended.error or {}).get(language(), ended.state)
            fail(Message(f"{each.name}：没有完成：{error}", f"{each.name}: not done: {error}"))
        left += result["left"]
        say(
            Message(
                f"{each.name}：重新加密 {result['made']} 项，仍用旧密钥 {result['left']} 项。",
                f"{each.name}: {result['made']} made anew, {result['left']} still under an old key.",
            )
        )
        for name, count in sorted(result["left_in"].items()):
            out.print(f"  {name}: {count}", markup=False)
    raise typer.Exit(1 if left else 0)


def _chosen(service: str | None) -> Sequence[Service]:
    return PROGRAMS if service is None else (service_named(service),)


def _verdict(is_current: bool, needed: Counter[str]) -> str:  # noqa: FBT001  # one word in a table
    if is_current:
        return Message("现行", "current").in_language(language())
    return (Message("否", "no") if needed else Message("可以", "yes")).in_language(language())


async def _uses(data: Path, services: Sequence[Service]) -> tuple[KeyRing, list[KeyUse]]:
    uses = []
    for each in services:
        async with opened_program(data, each) as program:
            uses.append(await key_use(program, each.tables, store_of(each, program)))
            ring = program.vault.ring
    return ring, uses


async def _resealed(data: Path, service: Service) -> Any:
    """The job's row at its end; the service's worker does it."""
    async with opened_program(data, service) as program:
        parameters = ResealParameters.of(program.vault.ring)
        async with program.unit(operator(RESEAL), area=Area.everywhere()) as unit:
            job_id = await defer(unit, reseal_kind(service.tables), parameters, PLATFORM)
        step = Message(f"{service.name}：重新加密", f"{service.name}: sealing anew")
        with bars() as tell:
            while not JobState((row := await _row(program, job_id)).state).is_final:
                tell(Step(step, row.progress_done, row.progress_total or 0))
                await asyncio.sleep(_POLL_SECONDS)
        return row


async def _row(program: Program, job_id: Any) -> Any:
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(job).where(job.c.id == job_id))).one()
