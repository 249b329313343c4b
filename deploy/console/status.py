"""Show the state of every program, and what waits in each service's database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import typer
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from chassis.errors import Message
from chassis.jobs.tables import JobState
from chassis.telemetry import backlog
from chassis.telemetry.backlog import Backlog
from deploy.console.platform import DEFAULT
from deploy.console.programs import opened_program
from deploy.console.saying import NO_ANSWER, NOT_RUNNING, Data, fail, language, out
from deploy.embedded.installation import PROGRAMS, Installation, NotRunning
from deploy.embedded.supervisor import HOST


def status(
    data: Data = DEFAULT,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="原样输出 JSON / print JSON")] = False,
) -> None:
    """各程序与积压 / the state of every program and what waits; exit 1 unless all are ready."""
    try:
        run = Installation(data).read_run()
    except NotRunning:
        fail(NOT_RUNNING)
    try:
        answer = httpx.get(f"http://{HOST}:{run.port}/health/status", timeout=10)
    except httpx.TransportError:
        fail(NO_ANSWER)
    state = answer.json()
    waiting = asyncio.run(_waiting(data))
    if as_json:
        out.print_json(json.dumps({**state, "backlog": {name: _told(each) for name, each in waiting.items()}}))
    else:
        _show_programs(state["programs"])
        _show_consumers(state["programs"])
        _show_backlog(waiting)
    raise typer.Exit(0 if answer.status_code == httpx.codes.OK else 1)


async def _waiting(data: Path) -> dict[str, Backlog | None]:
    """The backlog of each service; None where its database does not answer."""
    found: dict[str, Backlog | None] = {}
    for service in PROGRAMS:
        async with opened_program(data, service) as program:
            try:
                found[service.name] = await backlog.read(program)
            except (SQLAlchemyError, OSError):
                found[service.name] = None
    return found


def _told(found: Backlog | None) -> dict[str, Any] | None:
    if found is None:
        return None
    parked = [[consumer, state, number] for (consumer, state), number in found.parked.items()]
    return {
        "pending": found.pending,
        "pending_seconds": round(found.pending_seconds, 1),
        "unsealed": found.unsealed,
        "unsealed_seconds": round(found.unsealed_seconds, 1),
        "feed_seconds": round(found.feed_seconds, 1),
        "parked": parked,
        "jobs": dict(found.jobs),
    }


def _table(*columns: Message) -> Table:
    table = Table(box=None, pad_edge=False)
    for place, column in enumerate(columns):
        # A name is never cut where the terminal is narrow; headings break instead.
        first = place == 0
        justify: Literal["left", "right"] = "left" if first else "right"
        table.add_column(column.in_language(language()), justify=justify, min_width=10 if first else None)
    return table


def _show_programs(programs: Mapping[str, Any]) -> None:
    table = _table(
        Message("程序", "program"),
        Message("就绪", "ready"),
        Message("上次就绪（秒前）", "ready, seconds ago"),
        Message("原因", "reason"),
    )
    for name, told in programs.items():
        age = told.get("age_seconds")
        ready = Message("是", "yes") if told["ready"] else Message("否", "NO")
        table.add_row(
            name, ready.in_language(language()), "-" if age is None else f"{age:.0f}", told.get("reason") or ""
        )
    out.print(table)


def _show_consumers(programs: Mapping[str, Any]) -> None:
    """Each consumer group as its workers tell of it. Inside one process nobody lags: its relays wait for it."""
    table = _table(
        Message("消费者", "consumer"),
        Message("就绪", "ready"),
        Message("滞后（条）", "events behind"),
        Message("最久在手（秒）", "longest in hand, s"),
    )
    for told in programs.values():
        parts = (told.get("answer") or {}).get("parts", {})
        for part in (part for name, part in parts.items() if name.startswith("consumer ")):
            partitions = list(part.get("partitions", {}).values())
            ready = Message("是", "yes") if part["ready"] else Message("否", "NO")
            behind = sum(one["lag"] or 0 for one in partitions)
            longest = max((one["seconds_in_hand"] for one in partitions), default=0.0)
            table.add_row(part["group"], ready.in_language(language()), str(behind), f"{longest:.0f}")
    out.print(table)


def _show_backlog(waiting: Mapping[str, Backlog | None]) -> None:
    table = _table(
        Message("服务", "service"),
        Message("未发布事件", "events pending"),
        Message("最早（秒）", "oldest, s"),
        Message("搁置", "parked"),
        Message("死信", "dead"),
        Message("未封存审计", "unsealed audit"),
        Message("变更流滞后（秒）", "feed lag, s"),
        Message("待办任务", "jobs waiting"),
        Message("失败任务", "jobs failed"),
    )
    for name, found in waiting.items():
        if found is None:
            table.add_row(name, *["?"] * 8)
            continue
        dead = sum(number for (_, state), number in found.parked.items() if state == "dead")
        table.add_row(
            name,
            str(found.pending),
            f"{found.pending_seconds:.0f}",
            str(sum(found.parked.values()) - dead),
            str(dead),
            str(found.unsealed),
            f"{found.feed_seconds:.0f}",
            str(found.jobs.get(JobState.QUEUED.value, 0) + found.jobs.get(JobState.RUNNING.value, 0)),
            str(found.jobs.get(JobState.FAILED.value, 0)),
        )
    out.print(table)
