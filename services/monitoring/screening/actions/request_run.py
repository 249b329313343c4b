"""Ask for a screening of a county: one waits at a time, and whoever asks meanwhile is served by that one."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.jobs.definition import defer
from chassis.records import Aggregate
from chassis.security.scope import Area, Level
from services.monitoring.screening.job_parameters import ScreeningParameters
from services.monitoring.screening.jobs import SCREENING
from services.monitoring.screening.tables import ScreeningRun

_RUN: Final = rows(ScreeningRun)


class RunCause(StrEnum):
    """Why a county is screened; ``history`` raises clues without a due."""

    BATCH = "batch"
    SCHEDULE = "schedule"
    OFFICER = "officer"
    HISTORY = "history"


async def request_run(unit: UnitOfWork, region: int, cause: RunCause, as_of: date) -> Any:
    """The run that will do it: a new one with its job, or the one that waits already, changed in nothing but its day.

    The waiting row is locked until this transaction ends, and a run begins by changing that row: so a run that serves
    a request always sees the data that the request was about.
    """
    county = county_of(region)
    run_id, job_id = new_id(), new_id()
    statement = insert(_RUN).values(
        id=run_id, region=county, as_of=as_of, cause=cause.value, is_history=cause is RunCause.HISTORY,
        job_id=job_id, requested_by=unit.actor.subject,
    )  # fmt: skip
    found = await unit.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["region", "is_history"],
            # A literal: with a parameter, the generic plan that PostgreSQL makes after five runs finds no such index.
            index_where=text("state = 'waiting'"),
            set_={"as_of": func.greatest(_RUN.c.as_of, statement.excluded.as_of)},
        ).returning(_RUN)
    )
    run = found.one()
    if run.id == run_id:
        await defer(unit, SCREENING, ScreeningParameters(run_id=run_id), county, job_id=job_id)
        unit.record("screening.request", Aggregate("screening_run", run_id, county, run.version), fields=["state"])
    return run


async def on_records_changed(unit: UnitOfWork, region: int, _dataset: str, _submission_id: UUID) -> None:
    """A listener of the datasets: screen the county after a batch.

    A batch may be handed in by an officer of a smaller area; the run belongs to the county.
    """
    county = county_of(region)
    if not unit.area.covers(Area.of(county)):
        await unit.widen(Area.of(county))
    await request_run(unit, county, RunCause.BATCH, unit.clock.today())


def county_of(region: int) -> int:
    """The county that a division lies in."""
    span: int = 10 ** (12 - Level.COUNTY)
    return region // span * span
