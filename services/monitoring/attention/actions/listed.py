"""Mark whom departments have on their lists already, so that nobody types them again (domain X-33, H-22, P-08)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.sweeps import Sweep, SweepRun
from chassis.records import rows_alike
from services.monitoring.parameters import book_of
from services.monitoring.registers.thresholds import SEVERE_LEVEL
from services.monitoring.screening.actions.request_run import county_of

KIND: Final = "attention"
RECORDED_BY: Final = "program:departments"
# A mark that people ended or withdrew after somebody was listed stays so: who is off a month's list, no list says.
_MARK: Final = text(
    """
    WITH told AS (
        SELECT one.person_id, 'left_behind_' || (one.payload ->> 'left_behind_kind') AS kind,
               CAST(one.payload ->> 'listed_on' AS date) AS since,
               CASE one.dataset WHEN 'civil.left_behind_visits' THEN '民政：三留守名单'
                                ELSE '妇联：三留守名单' END AS source
        FROM department_record AS one
        WHERE one.dataset IN ('civil.left_behind_visits', 'women.left_behind_visits') AND one.state = 'in_force'
          AND one.region BETWEEN :lo AND :hi AND one.person_id IS NOT NULL
        UNION ALL
        SELECT fact.person_id, 'difficult_child', fact.holds_from, '民政：困境儿童台账' FROM register_child AS fact
        WHERE fact.region BETWEEN :lo AND :hi AND fact.replaced_at IS NULL
          AND (fact.holds_to IS NULL OR fact.holds_to >= :as_of)
        UNION ALL
        SELECT fact.person_id, 'severe_disability', fact.holds_from, '残联：残疾人证' FROM register_disability AS fact
        WHERE fact.region BETWEEN :lo AND :hi AND fact.replaced_at IS NULL AND CAST(fact.level AS integer) <= :severe
          AND (fact.holds_to IS NULL OR fact.holds_to >= :as_of)
    ), listed AS (
        SELECT DISTINCT ON (told.person_id, told.kind) told.person_id, told.kind, told.since, told.source,
               home.id AS household_id, home.region
        FROM told JOIN person ON person.id = told.person_id AND person.state = 'active'
        JOIN household AS home ON home.id = person.household_id AND home.state = 'active'
        WHERE home.region BETWEEN :lo AND :hi AND told.since <= :as_of
        ORDER BY told.person_id, told.kind, told.since DESC, told.source
    )
    INSERT INTO attention (id, region, household_id, person_id, kind, starts_on, source, state, version, recorded_by)
    SELECT uuidv7(), region, household_id, person_id, kind, since, source, 'active', 1, :recorded_by
    FROM listed
    WHERE NOT EXISTS (
        SELECT FROM attention AS known
        WHERE known.person_id = listed.person_id AND known.kind = listed.kind
          AND (known.state = 'withdrawn' OR coalesce(known.ends_on, 'infinity') >= listed.since)
    )
    ORDER BY household_id, person_id, kind
    ON CONFLICT DO NOTHING RETURNING id
    """
)


async def mark_listed(unit: UnitOfWork, region: int, *, as_of: date) -> int:
    """How many people of the unit's area were marked by what departments say of them; done again, nobody is.

    :param region: of the county whose numbers count.
    """
    county = county_of(region)
    severe = (await book_of(unit, county)).integer(SEVERE_LEVEL, region=county, on=as_of)
    bound: dict[str, Any] = {"lo": unit.area.lo, "hi": unit.area.hi, "as_of": as_of}
    bound |= {"severe": severe, "recorded_by": RECORDED_BY}
    made = list((await unit.connection.execute(_MARK, bound)).scalars())
    if made:
        told: dict[str, Any] = {"action": "attention.mark", "kind": KIND, "why": None, "ids": made}
        await unit.record_from(rows_alike(KIND), told | {"fields": ["kind", "source", "starts_on"]})
    return len(made)


async def _sweep(run: SweepRun) -> None:
    async with run.unit() as unit:
        await mark_listed(unit, run.region, as_of=run.as_of)


LISTED: Final = Sweep("attention.listed", _sweep)
"""Before the sweeps of visits and carers: what it marks is due on the same night."""
