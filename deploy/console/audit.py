"""Check the audit's chain from the first entry to the last checkpoint, by the file's word and by the gateway's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from chassis.audit.chain import RingChainKeys
from chassis.audit.verification import Report
from chassis.audit.verification import verify as verify_chain
from chassis.errors import Message
from chassis.security.scope import Area
from chassis.service import Service
from chassis.worker import checkpoint_file
from deploy.console.platform import DEFAULT
from deploy.console.programs import opened_program, service_named
from deploy.console.saying import Data, language, out, say
from deploy.embedded.installation import PROGRAMS
from gateway.checkpoints.queries import heard_from
from gateway.service import SERVICE as GATEWAY

app = typer.Typer(no_args_is_help=True)
FINDINGS_SHOWN = 20


@app.callback()
def group() -> None:
    """审计 / the audit."""


@app.command()
def verify(
    service: Annotated[str | None, typer.Option(help="服务；缺省为全部 / a service; default: all")] = None,
    data: Data = DEFAULT,
) -> None:
    """核验审计链，发现改动则以 1 退出 / verify the chain; exit 1 if anything was changed."""
    services = PROGRAMS if service is None else (service_named(service),)
    reports = [(each, asyncio.run(_report(data, each))) for each in services]
    for each, report in reports:
        _tell(each, report)
    raise typer.Exit(0 if all(report.is_intact for _, report in reports) else 1)


async def _report(data: Path, service: Service) -> Report:
    async with opened_program(data, service) as program, opened_program(data, GATEWAY) as witness:
        async with witness.database.transaction(Area.everywhere()) as connection:
            heard = await heard_from(connection, service.name)
        history = checkpoint_file(program).read().joined_with(heard)
        return await verify_chain(program.database, RingChainKeys(program.vault.ring), history, service=service.name)


def _tell(service: Service, report: Report) -> None:
    state = Message("完整", "intact") if report.is_intact else Message("有改动", "CHANGED")
    say(
        Message(
            f"{service.name}：{state.zh}；{report.seals} 条封存，{report.checkpoints} 个检查点。",
            f"{service.name}: {state.en}; {report.seals} seals, {report.checkpoints} checkpoints.",
        )
    )
    for finding in report.findings[:FINDINGS_SHOWN]:
        out.print(f"  {finding.message.in_language(language())}", markup=False)
