"""Mark whom departments have on their lists already, so that nobody types them again (domain X-33, H-22, P-08)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.sweeps import Sweep, SweepRun
from services.monitoring.parameters import book_of
from services.monitoring.registers.thresholds import SEVERE_LEVEL
from services.monitoring.screening.actions.request_run import county_of

KIND: Final = "attention"
RECORDED_BY: Final = "program:departments"
# A mark that people ended or withdrew after somebody was listed stays so: who is off a month's list, no list says.
_MARK: Final = """
    said AS (
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
        SELECT DISTINCT ON (said.person_id, said.kind) said.person_id, said.kind, said.since, said.source,
               home.id AS household_id, home.region
        FROM said JOIN person ON person.id = said.person_id AND person.state = 'active'
        JOIN household AS home ON home.id = person.household_id AND home.state = 'active'
        WHERE home.region BETWEEN :lo AND :hi AND said.since <= :as_of
        ORDER BY said.person_id, said.kind, said.since DESC, said.source
    ), made AS (
        INSERT INTO attention (
            id, region, household_id, person_id, kind, starts_on, source, state, version, recorded_by
        )
        SELECT uuidv7(), region, household_id, person_id, kind, since, source, 'active', 1, :recorded_by
        FROM listed
        WHERE NOT EXISTS (
            SELECT FROM attention AS known
            WHERE known.person_id = listed.person_id AND known.kind = listed.kind
              AND (known.state = 'withdrawn' OR coalesce(known.ends_on, 'infinity') >= listed.since)
        )
        ORDER BY household_id, person_id, kind
        ON CONFLICT DO NOTHING RETURNING id, region, version
    ), told AS (
        SELECT 'attention.mark' AS action, id, region, version,
               CAST('{kind,source,starts_on}' AS text[]) AS fields, false AS deleted
        FROM made
    )
"""


async def mark_listed(unit: UnitOfWork, region: int, *, as_of: date) -> int:
    """How many people of the unit's area were marked by what departments say of them; done again, nobody is.

    :param region: of the county whose numbers count.
    """
    county = county_of(region)
    severe = (await book_of(unit, county)).integer(SEVERE_LEVEL, region=county, on=as_of)
    bound: dict[str, Any] = {"kind": KIND, "lo": unit.area.lo, "hi": unit.area.hi, "as_of": as_of}
    return await unit.record_made(_MARK, bound | {"severe": severe, "recorded_by": RECORDED_BY})


async def _sweep(run: SweepRun) -> None:
    async with run.unit() as unit:
        await mark_listed(unit, run.region, as_of=run.as_of)


LISTED: Final = Sweep("attention.listed", _sweep)
"""Before the sweeps of visits and carers: what it marks is due on the same night."""
