"""Have every sweep of the days passed done, and return when it is: a business date that was set waits for them.

The work is the worker's, in whatever process it runs: this asks for it as for any job, and looks how far it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.engine import is_outage
from chassis.errors import Message
from chassis.jobs.definition import defer
from chassis.jobs.sweeps import Areas, Sweep, SweepParameters, days_left, sweeps_kind
from chassis.jobs.tables import JobState, job
from chassis.program import Program
from chassis.security.scope import PLATFORM, Actor, Area

PATIENCE_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.1


_STALLED: Final = Message(
    "日终处理没有进展，请确认工作进程在运行并查看其日志。",
    "The daily sweeps make no progress; see that the worker runs, and read its log.",
)


class SweepsUnfinished(Exception):
    """A sweep failed, or nothing moved for too long; ``message`` says which."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


async def catch_up(
    program: Program,
    sweeps: Sequence[Sweep],
    areas: Areas,
    *,
    actor: Actor,
    tell: Callable[[int], None],
    patience_seconds: float = PATIENCE_SECONDS,
) -> None:
    """Return once every sweep has done every business day up to today, the days in order.

    :param tell: told how many days the sweep that is furthest behind has left, also when nothing changed.
    :param patience_seconds: how long nothing may move, by the system's time.
    :raises SweepsUnfinished: if a sweep failed, with what the worker said, or if nothing moved for so long.
    """
    time = asyncio.get_running_loop().time
    asked: UUID | None = None
    known: tuple[int, int] | None = None
    moved_at = time()
    while True:
        now = known
        try:
            left, work = await _look(program, sweeps, areas, asked)
            tell(left)
            if left <= 0:
                return
            if work is not None and work.state in (JobState.FAILED, JobState.CANCELLED):
                raise SweepsUnfinished(Message(**work.error) if work.error else _STALLED)
            if work is None or work.state == JobState.SUCCEEDED:  # the date moved on after it had looked its last
                asked = await _ask(program, sweeps, areas, actor)
            now = left, 0 if work is None else work.version
        except Exception as error:
            if not is_outage(error):
                raise
        if now != known:
            known, moved_at = now, time()
        elif time() - moved_at > patience_seconds:
            raise SweepsUnfinished(_STALLED)
        await asyncio.sleep(_POLL_SECONDS)


async def _look(program: Program, sweeps: Sequence[Sweep], areas: Areas, asked: UUID | None) -> tuple[int, Any]:
    async with program.database.transaction(Area.everywhere()) as connection:
        left = await days_left(connection, program, sweeps, areas)
        found = await connection.execute(select(job.c.state, job.c.error, job.c.version).where(job.c.id == asked))
        return left, found.one_or_none()


async def _ask(program: Program, sweeps: Sequence[Sweep], areas: Areas, actor: Actor) -> UUID:
    """Ask for the worker's own job of sweeps: it does not wait then for its next look, nor after a failure.

    One that is under way already ends before ours begins, which then finds nothing to do.
    """
    async with program.unit(actor, area=Area.everywhere()) as unit:
        return await defer(unit, sweeps_kind(sweeps, areas), SweepParameters(), PLATFORM)
