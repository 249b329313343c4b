"""Runs of the screening over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, NotAllowed
from chassis.http.acting import reads, writes
from chassis.http.routers import service_router
from chassis.security.scope import Level, level_of
from services.monitoring import permissions as may
from services.monitoring.screening.actions.request_run import RunCause, request_run
from services.monitoring.screening.queries.runs import list_runs, read_run, show_run
from services.monitoring.screening.schemas import RunPage, RunQuery, RunRead, RunRequest

router = service_router("screening")


@router.get("/screening-runs", operation_id="screening_run_list")
async def screening_run_list(
    query: Annotated[RunQuery, Query()], unit: Annotated[UnitOfWork, reads(may.SCREENING_READ)]
) -> RunPage:
    """List the screenings of your area, the newest first."""
    return await list_runs(unit, query)


@router.get("/screening-runs/{run_id}", operation_id="screening_run_read")
async def screening_run_read(run_id: UUID, unit: Annotated[UnitOfWork, reads(may.SCREENING_READ)]) -> RunRead:
    """Read a screening: what ran and what it found."""
    return await read_run(unit, run_id)


@router.post("/screening-runs", operation_id="screening_run_request", status_code=202)
async def screening_run_request(
    body: RunRequest, unit: Annotated[UnitOfWork, writes(may.SCREENING_REQUEST)]
) -> RunRead:
    """Screen your county; a run that waits already serves you too."""
    if level_of(unit.actor.assignment.region) is not Level.COUNTY:
        raise NotAllowed(Message("请以县级任职申请比对。", "Act in a county's post to ask for a screening."))
    cause = RunCause.HISTORY if body.is_history else RunCause.OFFICER
    return show_run(await request_run(unit, unit.actor.assignment.region, cause, unit.clock.today()))
