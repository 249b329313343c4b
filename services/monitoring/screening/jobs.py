"""The jobs of screening. What runs them (DuckDB, Arrow, ADBC) is loaded where the first one runs, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from services.monitoring.screening.errors import ScreeningFailed, SnapshotInvalid
from services.monitoring.screening.job_parameters import ScreeningParameters, TrialParameters

FAILURES: Final = (ScreeningFailed, SnapshotInvalid)
"""What these jobs may end with, known wherever the jobs are, so that the catalogue of problems is whole."""


async def _run_screening(job: JobContext[ScreeningParameters]) -> Mapping[str, Any]:
    from services.monitoring.screening.running import run_screening

    return await run_screening(job)


async def _run_trial(job: JobContext[TrialParameters]) -> Mapping[str, Any]:
    from services.monitoring.screening.trying import run_trial

    return await run_trial(job)


def one_per_county(_parameters: Any, region: int) -> str:
    """The lock that screenings and trials of a county share."""
    return f"screening:{region}"


SCREENING: Final = JobKind(
    name="screening.run", parameters=ScreeningParameters, handler=_run_screening, lock=one_per_county
)
TRIAL: Final = JobKind(name="screening.trial", parameters=TrialParameters, handler=_run_trial, lock=one_per_county)
