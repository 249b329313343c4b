"""Take a cadre's report: it raises a clue, or joins the open one of that household, in one round trip."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from chassis.database.hot import HotStatement, HotWriter
from chassis.errors import Fault, InvalidInput, Message, NotFound
from chassis.identifiers import new_id
from services.monitoring.clues.rules import DUES, MEDIUM_DUE_KEY, SEVERITIES, end_of_day
from services.monitoring.clues.schemas import ReportCreate, ReportRead
from services.monitoring.contract import ClueRaised

REPORT_SEVERITY: Final = SEVERITIES["M"]

# The days are those in force where the household lives, asked in the same breath: a cache would have to ask whether it
# is still true. Scopes that a division lies in are its own code with ever more zeros: the greatest is the closest.
_REPORT: Final = HotStatement(
    required="""
SELECT h.id, h.region, CAST(%(day_ends)s AS timestamptz) + make_interval(days => coalesce((
    SELECT CAST(p.value AS integer) FROM parameter AS p
    WHERE p.scope IN (h.region, h.region / 1000 * 1000, h.region / 1000000 * 1000000, h.region / 100000000 * 100000000,
                      h.region / 10000000000 * 10000000000, 0)
      AND p.key = %(due_key)s AND p.state = 'active' AND p.effective_from <= %(today)s
      AND (p.effective_to IS NULL OR p.effective_to >= %(today)s)
    ORDER BY p.scope DESC, p.effective_from DESC LIMIT 1), CAST(%(days_unsaid)s AS integer))) AS due_at
FROM household AS h
WHERE h.id = %(household_id)s AND h.region BETWEEN %(area_lo)s AND %(area_hi)s AND h.state = 'active'""",
    change="""
clued AS (
    INSERT INTO clue AS c (id, region, household_id, state, severity, raised_on, due_at, hit_count, version)
    SELECT %(clue_id)s, region, id, 'open', %(severity)s, %(today)s, required.due_at, 1, 1
    FROM required, gate
    ON CONFLICT (household_id) WHERE state = 'open' DO UPDATE
    SET severity = greatest(c.severity, excluded.severity), due_at = least(c.due_at, excluded.due_at),
        hit_count = c.hit_count + 1, version = c.version + 1
    RETURNING c.id, c.region, c.household_id, c.version, c.severity, c.due_at
), seen AS (
    INSERT INTO hit (id, region, clue_id, household_id, kind, state, channel, severity, hit_on, due_at, description,
                     inputs)
    SELECT %(id)s, clued.region, clued.id, clued.household_id, 'cadre_report', 'standing', 'cadre_survey',
           %(severity)s, %(seen_on)s, required.due_at, %(description)s, jsonb_build_object('risk', %(risk)s::text)
    FROM clued, required RETURNING id
)""",
    staged="""
SELECT 0::bigint AS ord, 'clue.report' AS action, 'clue' AS kind, id AS entity_id, version, region,
       NULL::bigint AS left_region, ARRAY['hits'] AS fields, NULL::jsonb AS digests, NULL::text AS reason,
       false AS deleted, %(event_id)s::uuid AS event_id, %(event_type)s::text AS event_type,
       jsonb_build_object('clue', id, 'household', household_id, 'severity', (ARRAY['L', 'M', 'H'])[severity],
                          'due', due_at, 'state', 'open') AS event_data
FROM clued""",
)


async def report_household(write: HotWriter, body: ReportCreate) -> Response:
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
        "day_ends": end_of_day(write.now),
        "due_key": MEDIUM_DUE_KEY,
        "days_unsaid": DUES.medium_days,
        "description": body.description,
        "risk": body.risk.value,
        "event_id": new_id(),
        "event_type": ClueRaised.wire_type(),
    }
    response = Response(report.model_dump_json(), status_code=201, media_type="application/json")
    if not await write.run(_REPORT, parameters, response):
        raise NotFound
    return response
