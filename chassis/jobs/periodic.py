"""Defer periodic work by system time, once a turn in each area whatever workers run, and never on top of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic

from sqlalchemy.dialects.postgresql import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs import ledger
from chassis.jobs.definition import JobKind, P, defer
from chassis.jobs.sweeps import Areas
from chassis.jobs.tables import job_turn
from chassis.program import Program
from chassis.security import scope
from chassis.security.scope import PLATFORM, Area


@dataclass(frozen=True, kw_only=True)
class Periodic(Generic[P]):
    """A kind of job that is due every ``every`` of system time, such as a purge or a scheduled screening.

    Turns are counted from 1970, so all workers agree on them. A turn that finds the last one's job still at work is
    left out; turns that passed while no worker ran are not made up for.

    :param per_area: one job for each area; otherwise one for the whole database.
    """

    kind: JobKind[P]
    every: timedelta
    parameters: P
    per_area: bool = False

    def __post_init__(self) -> None:
        if self.every < timedelta(seconds=1):
            raise ValueError(f"{self.kind.name}: a period has at least one second")

    def turn(self, now: datetime) -> int:
        return int(now.timestamp() // self.every.total_seconds())


async def defer_due(program: Program, unit: UnitOfWork, periodic: Sequence[Periodic[Any]], areas: Areas) -> int:
    """Defer what is due, in a unit over every area. Returns the number of jobs."""
    now = program.clock.system_now()
    deferred = 0
    for one in periodic:
        for region in await areas(program) if one.per_area else [PLATFORM]:
            turn = one.turn(now)
            if not await _is_first(unit, one.kind.name, region, turn):
                continue
            if not await ledger.waits_or_runs(unit.connection, one.kind.name, region):
                await defer(unit, one.kind, one.parameters, region)
                deferred += 1
    return deferred


async def _is_first(unit: UnitOfWork, kind: str, region: int, turn: int) -> bool:
    statement = insert(job_turn).values(kind=kind, region=region, turn=turn)
    moved = await unit.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "region"],
            set_={"turn": statement.excluded.turn},
            where=job_turn.c.turn < statement.excluded.turn,
        ).returning(job_turn.c.turn)
    )
    return moved.first() is not None


def platform_unit(program: Program, name: str) -> UnitOfWork:
    """A unit of work over every area, for the platform's own loops."""
    return program.unit(scope.program(name, PLATFORM), area=Area.everywhere())
