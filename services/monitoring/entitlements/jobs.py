"""The job that looks at what is due in a county, and the rhythm on which it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind, defer
from chassis.jobs.sweeps import Sweep, SweepRun
from chassis.records import Aggregate
from services.monitoring.entitlements.job_parameters import ComputeParameters
from services.monitoring.entitlements.parameters import SCHEDULE_DAYS
from services.monitoring.parameters import book_of
from services.monitoring.screening.jobs import one_per_county


async def _compute(job: JobContext[ComputeParameters]) -> Mapping[str, Any]:
    # What runs it (DuckDB, Arrow, ADBC) is loaded where the first one runs, and nowhere else.
    from services.monitoring.entitlements.computing import compute

    return await compute(job)


COMPUTE: Final = JobKind(
    name="entitlements.compute", parameters=ComputeParameters, handler=_compute, lock=one_per_county
)
"""It shares the lock of screenings, since it takes the same snapshot into the same folder."""


async def request_compute(unit: UnitOfWork, county: int, as_of: date) -> UUID:
    """Ask for a look at a county; returns the job."""
    job_id = await defer(unit, COMPUTE, ComputeParameters(as_of=as_of), county)
    unit.record("entitlement.request", Aggregate("entitlement_run", job_id, county, version=0))
    return job_id


async def _sweep(run: SweepRun) -> None:
    async with run.unit() as unit:
        days = (await book_of(unit, run.region)).integer(SCHEDULE_DAYS, region=run.region, on=run.as_of)
        if run.as_of.toordinal() % days == 0:
            await request_compute(unit, run.region, run.as_of)


SCHEDULE: Final = Sweep("entitlements.schedule", _sweep)
