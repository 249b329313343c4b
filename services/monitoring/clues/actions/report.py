"""Take a cadre's report: it raises a clue, or joins the open one of that household, in one round trip."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from chassis.database.hot import HotStatement
from chassis.errors import Fault, InvalidInput, Message, NotFound
from chassis.http.hot import HotWrite
from chassis.identifiers import new_id
from services.monitoring.clues.rules import DUES, due_of
from services.monitoring.clues.schemas import ReportCreate, ReportRead
from services.monitoring.contract import ClueRaised

REPORT_SEVERITY: Final = 2

_REPORT: Final = HotStatement(
    required="""
SELECT id, region FROM household
WHERE id = %(household_id)s AND region BETWEEN %(area_lo)s AND %(area_hi)s AND state = 'active'""",
    change="""
clued AS (
    INSERT INTO clue AS c (id, region, household_id, state, severity, raised_on, due_at, hit_count, version)
    SELECT %(clue_id)s, region, id, 'open', %(severity)s, %(today)s, %(due_at)s, 1, 1 FROM required, gate
    ON CONFLICT (household_id) WHERE state = 'open' DO UPDATE
    SET severity = greatest(c.severity, excluded.severity), due_at = least(c.due_at, excluded.due_at),
        hit_count = c.hit_count + 1, version = c.version + 1
    RETURNING c.id, c.region, c.household_id, c.version, c.severity, c.due_at
), seen AS (
    INSERT INTO hit (id, region, clue_id, household_id, kind, state, channel, severity, hit_on, due_at, description,
                     inputs)
    SELECT %(id)s, region, id, household_id, 'cadre_report', 'standing', 'cadre_survey', %(severity)s, %(seen_on)s,
           %(due_at)s, %(description)s, jsonb_build_object('risk', %(risk)s::text)
    FROM clued RETURNING id
)""",
    staged="""
SELECT 0::bigint AS ord, 'clue.report' AS action, 'clue' AS kind, id AS entity_id, version, region,
       NULL::bigint AS left_region, ARRAY['hits'] AS fields, NULL::jsonb AS digests, NULL::text AS reason,
       false AS deleted, %(event_id)s::uuid AS event_id, %(event_type)s::text AS event_type,
       jsonb_build_object('clue', id, 'household', household_id, 'severity', (ARRAY['L', 'M', 'H'])[severity],
                          'due', due_at, 'state', 'open') AS event_data
FROM clued""",
)


async def report_household(write: HotWrite, body: ReportCreate) -> Response:
    """Keep the report and answer it.

    :raises NotFound: if the household is not in the caller's area or no longer active.
    :raises InvalidInput: for a day that lies ahead.
    """
    today = write.today
    seen_on = body.seen_on or today
    if seen_on > today:
        fault = Fault("/seen_on", "in_the_future", Message("日期不能晚于今天。", "The day cannot lie ahead."))
        raise InvalidInput(faults=[fault])
    report = ReportRead(id=body.id or new_id(), household_id=body.household_id, risk=body.risk, seen_on=seen_on)
    parameters: dict[str, Any] = {
        "id": report.id,
        "household_id": body.household_id,
        "clue_id": new_id(),
        "severity": REPORT_SEVERITY,
        "today": today,
        "seen_on": seen_on,
        "due_at": due_of(REPORT_SEVERITY, write.now, DUES),
        "description": body.description,
        "risk": body.risk.value,
        "event_id": new_id(),
        "event_type": ClueRaised.wire_type(),
    }
    response = Response(report.model_dump_json(), status_code=201, media_type="application/json")
    if not await write.run(_REPORT, parameters, response):
        raise NotFound
    return response
