"""Take a county's snapshot into a folder that nobody else reads and that is gone afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any

from chassis.jobs.context import JobContext
from chassis.program import Program
from services.monitoring.screening.export import Snapshot, export_snapshot
from services.monitoring.screening.parameters import Numbers
from services.monitoring.screening.queries.context import export_inputs


@asynccontextmanager
async def private_folder(job: JobContext[Any]) -> AsyncIterator[Path]:
    """A folder of this run alone, empty at the start and gone afterwards; what a kill left behind goes too.

    The job holds the county's lock. A run whose job was taken over, because it stood still, may not know it yet: it
    loses its files and can commit nothing, and must not reach for those of the run that took over.
    """
    parent = Path(job.program.settings.data_directory) / "screening"
    folder = parent / f"{job.region}-{job.job_id}-{job.run}"
    await asyncio.to_thread(_fresh, folder, f"{job.region}-*")
    try:
        yield folder
    finally:
        await asyncio.to_thread(rmtree, folder, ignore_errors=True)


def _fresh(folder: Path, of_the_county: str) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.parent.glob(of_the_county):
        rmtree(left, ignore_errors=True)
    folder.mkdir(mode=0o700)


async def take_snapshot(
    program: Program, job: JobContext[Any], as_of: date, numbers: Numbers, folder: Path
) -> Snapshot:
    """Export the job's county for a day into ``folder``."""
    async with job.unit() as unit:
        inputs = await export_inputs(unit.connection, job.region, as_of, numbers)
    url = program.settings.database_url.get_secret_value()
    return await export_snapshot(url, job.area, as_of, inputs, folder)
