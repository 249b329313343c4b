"""What is done with many cases in one call: dispatch, comparison, meetings, public lists, decisions, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.cases.actions.compare import close_comparison
from services.monitoring.cases.actions.decide import decide_at_county, decide_at_town
from services.monitoring.cases.actions.dispatch import dispatch_clue
from services.monitoring.cases.actions.dispatch_many import dispatch_clues
from services.monitoring.cases.actions.meet import record_meeting
from services.monitoring.cases.actions.publish import change_list, pass_list, publish
from services.monitoring.cases.routes.verifying import answer
from services.monitoring.cases.schemas.dispatching import ClueBulkDispatch, ClueDispatch, CluesDispatched
from services.monitoring.cases.schemas.doing import (
    CaseList,
    ComparisonDone,
    CountyDecisions,
    MeetingCreate,
    MeetingRead,
    PublicListChange,
    PublicListCreate,
    PublicListPass,
    PublicListRead,
    TownDecisions,
)
from services.monitoring.cases.schemas.reading import CaseRow

router = service_router("cases")


@router.post("/clues/{clue_id}/dispatch", operation_id="clue_dispatch")
@needs_version
async def clue_dispatch(
    clue_id: UUID,
    body: ClueDispatch,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_DISPATCH)],
) -> CaseRow:
    """Send an open clue to its village; it begins a case, or joins the household's open one."""
    return answer(response, await dispatch_clue(unit, clue_id, body, version=expected_version(request)))


@router.post("/clues/dispatch", operation_id="clue_bulk_dispatch")
async def clue_bulk_dispatch(
    body: ClueBulkDispatch, unit: Annotated[UnitOfWork, writes(may.CASE_DISPATCH)]
) -> CluesDispatched:
    """Send many clues at once, each village up to its share of the day; what waits is told."""
    return await dispatch_clues(unit, body)


@router.post("/cases/compare", operation_id="case_compare")
async def case_compare(body: ComparisonDone, unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_COUNTY)]) -> CaseList:
    """Close the comparison of cases for which nothing is awaited any more."""
    return await close_comparison(unit, body)


@router.post("/case-meetings", operation_id="case_meeting_record", status_code=201)
async def case_meeting_record(body: MeetingCreate, unit: Annotated[UnitOfWork, writes(may.CASE_REVIEW)]) -> MeetingRead:
    """Record a meeting: one set of minutes decides a list of cases, each with its own outcome."""
    return await record_meeting(unit, body)


@router.post("/public-lists", operation_id="public_list_publish", status_code=201)
async def public_list_publish(
    body: PublicListCreate, response: Response, unit: Annotated[UnitOfWork, writes(may.CASE_PUBLISH)]
) -> PublicListRead:
    """Hang a list of reviewed households in their village, from today."""
    return _list(response, await publish(unit, body))


@router.post("/public-lists/{list_id}/change", operation_id="public_list_change", status_code=201)
@needs_version
async def public_list_change(
    list_id: UUID,
    body: PublicListChange,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_PUBLISH)],
) -> PublicListRead:
    """Change a list; the changed one is shown anew for all of its days."""
    return _list(response, await change_list(unit, list_id, body, version=expected_version(request)))


@router.post("/public-lists/{list_id}/pass", operation_id="public_list_pass")
@needs_version
async def public_list_pass(
    list_id: UUID,
    body: PublicListPass,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_PUBLISH)],
) -> PublicListRead:
    """Let households pass that have hung for their whole days without an objection."""
    return _list(response, await pass_list(unit, list_id, body, version=expected_version(request)))


@router.post("/cases/town-decisions", operation_id="case_decide_town")
async def case_decide_town(body: TownDecisions, unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_TOWN)]) -> CaseList:
    """Decide on a list of cases for the town, each with its own outcome; all or none."""
    return await decide_at_town(unit, body)


@router.post("/cases/county-decisions", operation_id="case_decide_county")
async def case_decide_county(
    body: CountyDecisions, unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_COUNTY)]
) -> CaseList:
    """Decide on a list of cases for the county, each with its own outcome; all or none."""
    return await decide_at_county(unit, body)


def _list(response: Response, found: PublicListRead) -> PublicListRead:
    response.headers["ETag"] = etag(found.version)
    return found
