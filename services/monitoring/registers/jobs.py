"""Feed registers after a department's batch, and every night what days and the registry change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from services.monitoring.registers.actions.feed import feed_town
from services.monitoring.registers.catalogue import REGISTERS, fed_by, judged_with
from services.monitoring.registers.described import Register
from services.monitoring.screening.actions.request_run import county_of

_SPAN: Final = 10 ** (12 - Level.TOWN)
_TOWNS: Final = text(
    "SELECT DISTINCT region / :span * :span AS town FROM household WHERE region BETWEEN :lo AND :hi ORDER BY town"
)


class FeedParameters(Model):
    """Which contract's records changed."""

    dataset: str


async def _feed(job: JobContext[FeedParameters]) -> Mapping[str, Any]:
    """Town by town, a transaction each, so that a kill costs one town."""
    resume = job.resume or {}
    after, changed = resume.get("after", 0), resume.get("changed", 0)
    async with job.unit() as unit:
        towns = await _towns(unit.connection, job.area)
    for done, town in enumerate(towns, 1):
        if town <= after:
            continue
        async with job.chunk() as unit:
            changed += await bring_up(unit, fed_by(job.parameters.dataset), job.region, town, daily=False)
            await job.checkpoint(unit, {"after": town, "changed": changed}, done=done, total=len(towns))
    return {"changed": changed}


async def _sweep(run: SweepRun) -> None:
    async with run.unit() as unit:
        towns = await _towns(unit.connection, Area.of(run.region))
    for town in towns:
        async with run.unit() as unit:
            await bring_up(unit, tuple(REGISTERS.values()), run.region, town, daily=True)


async def bring_up(unit: UnitOfWork, registers: Sequence[Register], county: int, town: int, *, daily: bool) -> int:
    area = Area.of(town)
    changed = 0
    for register in registers:
        if register.feed is not None and (register.feed.daily or not daily):
            changed += await feed_town(unit, register, register.feed, county=county, town=area)
    if not TELL_SUPPORT.isdisjoint(register.code for register in registers):
        await doubt_support(unit, area)
    for register in judged_with(registers):
        changed += await assess_area(unit, register, county=county, area=area)
    return changed


async def _towns(connection: AsyncConnection, area: Area) -> list[int]:
    return list((await connection.execute(_TOWNS, {"span": _SPAN, "lo": area.lo, "hi": area.hi})).scalars())


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
