"""Bring what is due next up to the registry, the marks, the pairings and the visits: set-based, one row a duty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.sweeps import Sweep, SweepRun
from services.monitoring.cases.queries.taken_over import HEARD_OF_HOUSEHOLD
from services.monitoring.parameters import book_of
from services.monitoring.screening.actions.request_run import county_of
from services.monitoring.visits.duties import FOLLOW_UP_MONTHS, duties_of

# A calendar period's due is the last day of the period after that in which the last visit, or the duty's first day, is.
_DUE_AFTER: Final = """
    CASE duty.rhythm
        WHEN 'days' THEN {day} + duty.days
        WHEN 'month' THEN (date_trunc('month', {day}) + interval '2 months' - interval '1 day')::date
        WHEN 'quarter' THEN (date_trunc('quarter', {day}) + interval '6 months' - interval '1 day')::date
        WHEN 'half_year' THEN (make_date(extract(year FROM {day})::int,
            CASE WHEN extract(month FROM {day}) <= 6 THEN 1 ELSE 7 END, 1)
            + interval '12 months' - interval '1 day')::date
        ELSE (date_trunc('year', {day}) + interval '2 years' - interval '1 day')::date
    END
"""
_DUE_AFTER_VISIT: Final = _DUE_AFTER.format(day="seen.last_visited_on")
# 访视 of who is of a low-income class: a household of several is visited once. How long somebody has been of the class
# says a department's file, which may come years later: what counts is since which night this was known here.
_LOW_INCOME: Final = """
    SELECT listed.household_id, listed.region, CAST(NULL AS uuid), listed.reason, listed.since,
           coalesce(known.begins_on, :as_of)
    FROM (
        SELECT home.id AS household_id, home.region, min(fact.holds_from) AS since,
               CASE fact.low_income_class WHEN 'destitute' THEN 'destitute' ELSE 'low_income' END AS reason
        FROM home JOIN register_low_income AS fact ON fact.household_id = home.id AND fact.replaced_at IS NULL
             AND fact.region BETWEEN :lo AND :hi
             AND fact.holds_from <= :as_of AND coalesce(fact.holds_to, 'infinity') >= :as_of
             JOIN person ON person.id = fact.person_id AND person.state = 'active'
        GROUP BY 1, 2, 4
    ) AS listed
    LEFT JOIN visit_due AS known ON known.household_id = listed.household_id AND known.reason = listed.reason
                                AND known.subject_id = listed.household_id
"""
_REFRESH: Final = text(
    f"""
    WITH duty AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:duties AS jsonb)) AS d(reason text, rhythm text, days int, form text)
    ), home AS MATERIALIZED (
        SELECT id, region, is_lifted, monitoring_type, registered_on, eliminated_on, valid_from FROM household
        WHERE region BETWEEN :lo AND :hi AND state = 'active'
          AND (CAST(:households AS uuid[]) IS NULL OR id = ANY(CAST(:households AS uuid[])))
    ), standing AS (
        -- What would have been late when a case was taken over counts from then, and what it had to do since it was
        -- registered there is met by visits that were taken over with it.
        SELECT id AS household_id, region, CAST(NULL AS uuid) AS person_id, 'monitored' AS reason,
               coalesce(registered_on, valid_from) AS meets_from, taken.registered AS taken_on
        FROM home LEFT JOIN LATERAL ({HEARD_OF_HOUSEHOLD}) AS taken ON true
        WHERE monitoring_type IS NOT NULL AND coalesce(eliminated_on, 'infinity') > :as_of
        UNION ALL
        SELECT id, region, NULL, 'follow_up', eliminated_on, taken.eliminated
        FROM home LEFT JOIN LATERAL ({HEARD_OF_HOUSEHOLD}) AS taken ON true
        WHERE eliminated_on <= :as_of
          AND (:follow_up = 0 OR eliminated_on + make_interval(months => :follow_up) > :as_of)
        UNION ALL
        SELECT id, region, NULL, 'lifted', valid_from, NULL FROM home WHERE is_lifted
        UNION ALL
        SELECT home.id, home.region, NULL, 'paired', min(pairing.starts_on), NULL
        FROM home JOIN pairing ON pairing.household_id = home.id AND pairing.state = 'active'
             AND pairing.starts_on <= :as_of AND coalesce(pairing.ends_on, 'infinity') >= :as_of
        GROUP BY home.id, home.region
        UNION ALL
        SELECT home.id, home.region, attention.person_id, attention.kind, min(attention.starts_on), NULL
        FROM home JOIN attention ON attention.household_id = home.id AND attention.state = 'active'
             AND attention.starts_on <= :as_of AND coalesce(attention.ends_on, 'infinity') >= :as_of
             JOIN person ON person.id = attention.person_id AND person.state = 'active'
        GROUP BY home.id, home.region, attention.person_id, attention.kind
        UNION ALL
        {_LOW_INCOME}
    ), wanted AS (
        SELECT standing.household_id, standing.reason,
               coalesce(standing.person_id, standing.household_id) AS subject_id, standing.region,
               standing.person_id, nullif(standing.meets_from, clock.begins_on) AS meets_from, clock.begins_on,
               seen.last_visited_on,
               CASE WHEN {_DUE_AFTER_VISIT} >= clock.begins_on THEN {_DUE_AFTER_VISIT}
                    ELSE {_DUE_AFTER.format(day="clock.begins_on")} END AS due_on, duty.form, duty.rhythm
        FROM standing JOIN duty ON duty.reason = standing.reason
        CROSS JOIN LATERAL (SELECT greatest(standing.meets_from, standing.taken_on) AS begins_on) AS clock
        LEFT JOIN LATERAL (
            SELECT max(met.visited_on) AS last_visited_on FROM visit_met AS met
            WHERE met.subject_id = coalesce(standing.person_id, standing.household_id)
              AND met.reason = standing.reason AND met.visited_on >= standing.meets_from
        ) AS seen ON true
        UNION ALL
        SELECT home.id, 'agreed', home.id, home.region, NULL, NULL, latest.visited_on, NULL,
               latest.next_on, 'general', 'once'
        FROM home CROSS JOIN LATERAL (
            SELECT visit.visited_on, visit.next_on FROM visit
            WHERE visit.household_id = home.id AND visit.state = 'recorded'
              AND visit.id IS DISTINCT FROM CAST(:without AS uuid)
            ORDER BY visit.visited_on DESC, visit.id DESC LIMIT 1
        ) AS latest WHERE latest.next_on IS NOT NULL
    ), gone AS (
        DELETE FROM visit_due AS due
        WHERE due.region BETWEEN :lo AND :hi
          AND (CAST(:households AS uuid[]) IS NULL OR due.household_id = ANY(CAST(:households AS uuid[])))
          AND NOT EXISTS (
              SELECT FROM wanted WHERE wanted.household_id = due.household_id AND wanted.reason = due.reason
                                   AND wanted.subject_id = due.subject_id
          )
    )
    INSERT INTO visit_due AS due (household_id, reason, subject_id, region, person_id, meets_from, begins_on,
                                  last_visited_on, due_on, form, rhythm)
    SELECT household_id, reason, subject_id, region, person_id, meets_from, begins_on, last_visited_on, due_on, form,
           rhythm
    FROM wanted
    ON CONFLICT (household_id, reason, subject_id) DO UPDATE
    SET region = excluded.region, person_id = excluded.person_id, meets_from = excluded.meets_from,
        begins_on = excluded.begins_on, last_visited_on = excluded.last_visited_on, due_on = excluded.due_on,
        form = excluded.form, rhythm = excluded.rhythm
    WHERE (due.region, due.meets_from, due.begins_on, due.last_visited_on, due.due_on, due.form, due.rhythm)
          IS DISTINCT FROM
          (excluded.region, excluded.meets_from, excluded.begins_on, excluded.last_visited_on, excluded.due_on,
           excluded.form, excluded.rhythm)
    """  # noqa: S608  # constants only
)


async def refresh_dues(
    unit: UnitOfWork,
    region: int,
    *,
    households: Sequence[UUID] | None = None,
    as_of: date | None = None,
    without: UUID | None = None,
) -> None:
    """Bring what is due up to a day, by the duties of the county that ``region`` lies in.

    :param households: only these, all of that county; None: every one of the unit's area.
    :param without: a visit that is not counted, to see what stood when somebody came.
    """
    county, on = county_of(region), as_of or unit.clock.today()
    book = await book_of(unit, county)
    bound: dict[str, Any] = {
        "duties": orjson.dumps([duty.as_row() for duty in duties_of(book, region=county, on=on)]).decode(),
        "households": None if households is None else list(households),
        "follow_up": book.integer(FOLLOW_UP_MONTHS, region=county, on=on),
        "as_of": on,
        "without": without,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
    }
    await unit.connection.execute(_REFRESH, bound)


async def _sweep(run: SweepRun) -> None:
    async with run.unit() as unit:
        await refresh_dues(unit, run.region, as_of=run.as_of)


DUES: Final = Sweep("visits.dues", _sweep)
