"""Feed registers after a department's batch, and every night what days and the registry change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind, defer
from chassis.jobs.sweeps import Sweep, SweepRun
from chassis.security.scope import Area, Level
from chassis.types import Model
from services.monitoring.registers.actions.assess import assess_area
from services.monitoring.registers.actions.doubt import TELL_SUPPORT, doubt_support
from services.monitoring.registers.actions.feed import feed_area
from services.monitoring.registers.catalogue import REGISTERS, fed_by, judged_with
from services.monitoring.registers.described import Register
from services.monitoring.screening.actions.request_run import county_of

_SPAN: Final = 10 ** (12 - Level.TOWN)
_TOWNS: Final = text(
    """
    SELECT region / :span * :span AS town, count(*) AS households FROM household WHERE region BETWEEN :lo AND :hi
    GROUP BY 1 ORDER BY 1
    """
)
_HOUSEHOLDS_AT_ONCE: Final = 30_000
"""How many are taken together: a statement costs the same for few, and has to be over in seconds."""


class FeedParameters(Model):
    """Which contract's records changed."""

    dataset: str


async def _feed(job: JobContext[FeedParameters]) -> Mapping[str, Any]:
    """Neighbouring towns together, a transaction for each of these areas, so that a kill costs one."""
    resume = job.resume or {}
    after, changed = resume.get("after", 0), resume.get("changed", 0)
    async with job.unit() as unit:
        areas = neighbours(await _towns(unit.connection, job.area), households_max=_HOUSEHOLDS_AT_ONCE)
    for done, area in enumerate(areas, 1):
        if area.hi <= after:
            continue
        async with job.chunk() as unit:
            changed += await bring_up(unit, fed_by(job.parameters.dataset), job.region, area)
            await job.checkpoint(unit, {"after": area.hi, "changed": changed}, done=done, total=len(areas))
    return {"changed": changed}


async def _sweep(run: SweepRun) -> None:
    """Register by register over neighbouring towns together, a transaction each."""
    async with run.unit() as unit:
        towns = await _towns(unit.connection, Area.of(run.region))
    for area in neighbours(towns, households_max=_HOUSEHOLDS_AT_ONCE):
        for register in REGISTERS.values():
            if register.feed is not None and register.feed.daily:
                async with run.unit() as unit:
                    await feed_area(unit, register, register.feed, county=run.region, area=area)
        async with run.unit() as unit:
            await doubt_support(unit, area)
        for register in REGISTERS.values():
            if register.findings:
                async with run.unit() as unit:
                    await assess_area(unit, register, county=run.region, area=area)


def neighbours(towns: Iterable[tuple[int, int]], *, households_max: int) -> list[Area]:
    """The areas that take as many of ``towns``, each with its number of households, as stay within ``households_max``.

    A town with more than that is an area of its own.
    """
    found: list[Area] = []
    taken = 0
    for town, households in towns:
        if found and taken + households <= households_max:
            found[-1] = Area(found[-1].lo, Area.of(town).hi)
            taken += households
        else:
            found.append(Area.of(town))
            taken = households
    return found


async def bring_up(unit: UnitOfWork, registers: Sequence[Register], county: int, area: Area) -> int:
    """Feed ``registers`` in ``area`` and judge what they say; returns how many facts and findings changed."""
    changed = 0
    for register in registers:
        if register.feed is not None:
            changed += await feed_area(unit, register, register.feed, county=county, area=area)
    if not TELL_SUPPORT.isdisjoint(register.code for register in registers):
        await doubt_support(unit, area)
    for register in judged_with(registers):
        changed += await assess_area(unit, register, county=county, area=area)
    return changed


async def _towns(connection: AsyncConnection, area: Area) -> list[tuple[int, int]]:
    """The towns in which somebody lives, each with its number of households."""
    found = await connection.execute(_TOWNS, {"span": _SPAN, "lo": area.lo, "hi": area.hi})
    return [(row.town, row.households) for row in found]


def _one_per_county(_parameters: FeedParameters, region: int) -> str:
    return f"registers:{region}"


FEED: Final = JobKind(name="registers.feed", parameters=FeedParameters, handler=_feed, lock=_one_per_county)
ASSESS: Final = Sweep("registers.assess", _sweep)


async def feed_after_batch(unit: UnitOfWork, region: int, dataset: str, _submission_id: UUID) -> None:
    """A listener of the datasets: feed the registers that the contract feeds, whatever became of the batch."""
    if not fed_by(dataset):
        return
    county = county_of(region)
    if not unit.area.covers(Area.of(county)):
        await unit.widen(Area.of(county))
    await defer(unit, FEED, FeedParameters(dataset=dataset), county)
