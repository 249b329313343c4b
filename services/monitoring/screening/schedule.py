"""Screen every county on a rhythm of business days, beside the screening after each batch."""

from __future__ import annotations

from typing import Final

from chassis.jobs.sweeps import Sweep, SweepRun
from services.monitoring.screening.actions.request_run import RunCause, request_run
from services.monitoring.screening.parameters import numbers_for


async def request_scheduled(run: SweepRun) -> None:
    """Ask for a county's run on each day that its rhythm names; days that a jump passes share the runs that wait."""
    async with run.unit() as unit:
        numbers = await numbers_for(unit.connection, run.region, run.as_of)
        if run.as_of.toordinal() % numbers.schedule_days == 0:
            await request_run(unit, run.region, RunCause.SCHEDULE, run.as_of)


SCHEDULE: Final = Sweep("screening.schedule", request_scheduled)
