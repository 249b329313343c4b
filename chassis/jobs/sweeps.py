"""Run each sweep once for every business day and area, in the order of the days, however far the date jumps.

A sweep finds with set-based statements what a day brings (deadlines passed, publicity ended, contracts over). It takes
the day as ``as_of``; run twice for one day, it changes nothing the second time, since a kill may cut it off before the
day is marked as done. A day counts per area: a county that joins later begins with the day on which it joins.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.database.engine import SERIALIZATION_STATES, is_outage, sqlstate
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import DomainError, Internal, Message
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.jobs.tables import sweep_day
from chassis.program import Program
from chassis.security import scope
from chassis.security.scope import PLATFORM, area_of
from chassis.types import Model

SWEEPS: Final = "platform.sweeps"
Areas = Callable[[Program], Awaitable[Sequence[int]]]
"""The divisions that periodic work is done for one by one, normally the counties in force."""

# One look into the primary key for each sweep and area, however many days have passed.
_LAST: Final = text(
    """
    SELECT k.sweep, k.region,
           (SELECT max(d.day) FROM sweep_day AS d WHERE d.sweep = k.sweep AND d.region = k.region) AS day
    FROM unnest(CAST(:sweeps AS text[]), CAST(:regions AS bigint[])) AS k(sweep, region)
    """
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _OnDay:
    """A clock that tells the day that is swept, so that records and events of that day carry its date."""

    clock: Clock
    day: date

    def system_now(self) -> datetime:
        return self.clock.system_now()

    def business_now(self) -> datetime:
        return datetime.combine(self.day, self.clock.business_now().timetz())

    def today(self) -> date:
        return self.day


@dataclass(frozen=True)
class SweepRun:
    """One sweep of one area for one business day."""

    program: Program
    sweep: str
    region: int
    as_of: date

    def unit(self) -> UnitOfWork:
        """A unit of work over the area whose business date is ``as_of``; commit in chunks of a few seconds."""
        program = self.program
        clock, actor = _OnDay(program.clock, self.as_of), scope.program(self.sweep, self.region)
        return UnitOfWork(
            program.database, actor, clock, program.vault, area=area_of(self.region), extras=program.extras
        )


@dataclass(frozen=True)
class Sweep:
    """A named sweep; the name stands in ``sweep_day`` and never changes.

    :param per_area: False runs it once for the whole database.
    """

    name: str
    run: Callable[[SweepRun], Awaitable[None]]
    per_area: bool = True


class SweepFailed(Internal):
    code, status = "sweep_failed", 500
    title = Message(
        "日终处理未能完成，稍后自动重试；若一再出现请联系管理员。",
        "A daily sweep failed and is tried again later; tell the administrator if it keeps failing.",
    )


class SweepParameters(Model):
    """Sweeps need no parameters: what is due is read from the days done."""


def sweeps_kind(sweeps: Sequence[Sweep], areas: Areas) -> JobKind[SweepParameters]:
    """The job that brings every sweep up to the business date."""

    async def handler(job: JobContext[SweepParameters]) -> Mapping[str, Any]:
        return await _bring_up_to_date(job, sweeps, areas)

    return JobKind(name=SWEEPS, parameters=SweepParameters, handler=handler, lock=lambda _p, _r: SWEEPS)


async def days_left(connection: AsyncConnection, program: Program, sweeps: Sequence[Sweep], areas: Areas) -> int:
    """How many business days the sweep that is furthest behind has to do; the connection is bound to every area."""
    keys = _keys(sweeps, await areas(program))
    last = await _last_days(connection, keys)
    today = program.clock.today()
    before = today - timedelta(days=1)  # a sweep that never ran begins with today
    return max(((today - last.get((sweep.name, region), before)).days for sweep, region in keys), default=0)


async def _bring_up_to_date(job: JobContext[SweepParameters], sweeps: Sequence[Sweep], areas: Areas) -> dict[str, Any]:
    keys = _keys(sweeps, await areas(job.program))
    async with job.program.database.transaction(job.area) as connection:
        last = await _last_days(connection, keys)
    yesterday = job.program.clock.today() - timedelta(days=1)
    done_to = {(sweep.name, region): last.get((sweep.name, region), yesterday) for sweep, region in keys}
    failed: set[tuple[str, int]] = set()
    days = 0
    while True:
        # A later day must not pass before an earlier one; other sweeps and areas go on. The date may move on meanwhile.
        oldest = min((day for key, day in done_to.items() if key not in failed), default=date.max)
        if oldest >= job.program.clock.today():
            break
        day = oldest + timedelta(days=1)
        for sweep, region in keys:
            key = (sweep.name, region)
            if key in failed or done_to[key] != oldest:
                continue
            if await _sweep_one(job, sweep, region, day, days):
                done_to[key] = day
            else:
                failed.add(key)
        days += 1
    if failed:
        names = "、".join(sorted({name for name, _ in failed}))
        raise SweepFailed(Message(f"{SweepFailed.title.zh}（{names}）", f"{SweepFailed.title.en} ({names})"))
    return {"days": days}


async def _sweep_one(job: JobContext[SweepParameters], sweep: Sweep, region: int, day: date, days: int) -> bool:
    try:
        await sweep.run(SweepRun(job.program, sweep.name, region, day))
    except Exception as error:
        if is_outage(error) or sqlstate(error) in SERIALIZATION_STATES:
            raise
        code = error.code if isinstance(error, DomainError) else type(error).__name__
        _log.error("sweep_failed", sweep=sweep.name, region=region, day=day.isoformat(), error=code)
        return False
    async with job.chunk() as unit:
        await unit.connection.execute(insert(sweep_day).values(sweep=sweep.name, region=region, day=day))
        # What is left is read from the days done; this tells how far it is, without a transaction of its own.
        note = Message(f"正在处理 {day}", f"At {day}")
        await job.checkpoint(unit, {"day": day.isoformat()}, done=days, note=note)
    return True


async def _last_days(connection: AsyncConnection, keys: Sequence[tuple[Sweep, int]]) -> dict[tuple[str, int], date]:
    names, regions = [sweep.name for sweep, _ in keys], [region for _, region in keys]
    found = await connection.execute(_LAST, {"sweeps": names, "regions": regions})
    return {(sweep, region): day for sweep, region, day in found if day is not None}


def _keys(sweeps: Sequence[Sweep], regions: Sequence[int]) -> list[tuple[Sweep, int]]:
    return [(sweep, region) for sweep in sweeps for region in (regions if sweep.per_area else [PLATFORM])]
