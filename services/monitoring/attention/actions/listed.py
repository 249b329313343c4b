"""Mark whom departments have on their lists, so that nobody types them again, and end the marks of who is on none.

A list says of everyone absent that they are not on it once its period is closed as complete; a file for a period that
goes on, or a further one for the same period, ends nothing (clause X-33, H-22, P-08). No file says that somebody has
recovered from a serious illness: that mark goes on until people end it, and a diagnosis after that day begins it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import orjson

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.sweeps import Sweep, SweepRun
from services.monitoring.parameters import book_of
from services.monitoring.registers.thresholds import SEVERE_LEVEL
from services.monitoring.screening.actions.request_run import county_of
from services.monitoring.screening.export_sql import Coverage
from services.monitoring.screening.parameters import LISTED_DISEASES
from services.monitoring.screening.queries.context import coverage

KIND: Final = "attention"
RECORDED_BY: Final = "program:departments"
LISTS: Final = {"civil.left_behind_visits": "民政：三留守名单", "women.left_behind_visits": "妇联：三留守名单"}
"""What is a mark's source, by the contract of the list."""
ILLNESSES: Final = "health.serious_disease"
ILLNESS_SOURCE: Final = "卫健：新发大病"
_LISTED_ILLNESS: Final = """one.dataset = :illnesses AND one.region BETWEEN :lo AND :hi AND one.person_id IS NOT NULL
              AND upper(left(one.payload ->> 'disease_code', 3)) = ANY(CAST(:diseases AS text[]))"""
# One day of a month's list for each person and kind of being left behind; what a certificate or a row of the register
# of children says holds until the register's fact ends. What was said and no longer is, was corrected or withdrawn.
_SAID: Final = f"""
    list AS MATERIALIZED (
        SELECT * FROM jsonb_each_text(CAST(:lists AS jsonb)) AS l(dataset, source)
    ), on_list AS MATERIALIZED (
        SELECT one.person_id, 'left_behind_' || (one.payload ->> 'left_behind_kind') AS kind, list.source,
               CAST(one.payload ->> 'listed_on' AS date) AS since, one.event_date AS named_on
        FROM department_record AS one JOIN list ON list.dataset = one.dataset
        WHERE one.dataset = ANY(CAST(:datasets AS text[])) AND one.state = 'in_force'
          AND one.region BETWEEN :lo AND :hi AND one.person_id IS NOT NULL
    ), of_register AS MATERIALIZED (
        SELECT person_id, 'difficult_child' AS kind, '民政：困境儿童台账' AS source, holds_from, holds_to
        FROM register_child WHERE region BETWEEN :lo AND :hi AND replaced_at IS NULL
        UNION ALL
        SELECT person_id, 'severe_disability', '残联：残疾人证', holds_from, holds_to
        FROM register_disability
        WHERE region BETWEEN :lo AND :hi AND replaced_at IS NULL AND CAST(level AS integer) <= :severe
        UNION ALL
        SELECT one.person_id, 'serious_illness', CAST(:illness_source AS text), min(one.event_date), NULL
        FROM department_record AS one
        WHERE one.state = 'in_force' AND {_LISTED_ILLNESS}
          AND one.event_date > coalesce((
              SELECT max(over.ends_on) FROM attention AS over
              WHERE over.person_id = one.person_id AND over.kind = 'serious_illness' AND over.state = 'active'
          ), '-infinity')
        GROUP BY one.person_id
    )
"""  # noqa: S608  # constants only
_SAID_BEFORE: Final = f"""
    said_before AS MATERIALIZED (
        SELECT person_id, 'difficult_child' AS kind, holds_from FROM register_child
        WHERE region BETWEEN :lo AND :hi AND replaced_at IS NOT NULL
        UNION ALL
        SELECT person_id, 'severe_disability', holds_from FROM register_disability
        WHERE region BETWEEN :lo AND :hi AND replaced_at IS NOT NULL AND CAST(level AS integer) <= :severe
        UNION ALL
        SELECT one.person_id, 'serious_illness', one.event_date FROM department_record AS one
        WHERE one.state <> 'in_force' AND {_LISTED_ILLNESS}
    )
"""  # noqa: S608  # constants only
# A mark that people ended or withdrew after somebody was listed stays so. One that a list ended begins anew with the
# first month in which a list names the person again, however long ago that one was listed.
_MARK: Final = f"""
    {_SAID}, left_off AS (
        SELECT DISTINCT ON (person_id, kind) person_id, kind, ends_on FROM attention
        WHERE region BETWEEN :lo AND :hi AND state = 'active' AND ended_by = :recorded_by
        ORDER BY person_id, kind, ends_on DESC
    ), said AS (
        SELECT one.person_id, one.kind, one.source,
               CASE WHEN min(left_off.ends_on) >= one.since
                    THEN greatest(one.since, CAST(date_trunc('month', min(one.named_on) FILTER (
                        WHERE one.named_on > left_off.ends_on)) AS date))
                    ELSE one.since END AS since,
               min(left_off.ends_on) >= one.since
                   AND count(*) FILTER (WHERE one.named_on > left_off.ends_on) = 0 AS is_over
        FROM on_list AS one LEFT JOIN left_off USING (person_id, kind)
        GROUP BY one.person_id, one.kind, one.source, one.since
        UNION ALL
        SELECT person_id, kind, source, holds_from, false FROM of_register
        WHERE holds_to IS NULL OR holds_to >= :as_of
    ), listed AS (
        SELECT DISTINCT ON (said.person_id, said.kind) said.person_id, said.kind, said.since, said.source,
               home.id AS household_id, home.region
        FROM said JOIN person ON person.id = said.person_id AND person.state = 'active'
        JOIN household AS home ON home.id = person.household_id AND home.state = 'active'
        WHERE home.region BETWEEN :lo AND :hi AND said.since <= :as_of AND said.is_over IS NOT TRUE
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
              AND (known.state = 'withdrawn' AND known.ended_by IS DISTINCT FROM :recorded_by
                   OR known.state = 'active' AND coalesce(known.ends_on, 'infinity') >= listed.since)
        )
        ORDER BY household_id, person_id, kind
        ON CONFLICT DO NOTHING RETURNING id, region, version
    ), told AS (
        SELECT 'attention.mark' AS action, id, region, version,
               CAST('{{kind,source,starts_on}}' AS text[]) AS fields, false AS deleted
        FROM made
    )
"""  # noqa: S608  # constants only
# Only what a list made and no person ended; a mark of which nothing but withdrawn rows is left was never true, nor was
# one whose fact was corrected away from its own first day on. What a
# late or corrected file says of a closed period counts: a mark that the period had ended goes on. While another
# department's list names the person in that period, it goes on as well.
_END: Final = f"""
    {_SAID}, {_SAID_BEFORE}, complete AS MATERIALIZED (
        SELECT list.source, said.starts_on, said.ends_on
        FROM jsonb_to_recordset(CAST(:complete AS jsonb)) AS said(dataset text, starts_on date, ends_on date)
        JOIN list USING (dataset)
    ), on_days AS MATERIALIZED (
        SELECT person_id, kind, array_agg(named_on) AS days, array_agg(source) AS sources
        FROM on_list GROUP BY person_id, kind
    ), held AS MATERIALIZED (
        SELECT person_id, kind, source, max(coalesce(holds_to, 'infinity')) AS until
        FROM of_register WHERE holds_from <= :as_of GROUP BY person_id, kind, source
    ), own AS MATERIALIZED (
        SELECT id, person_id, kind, source, starts_on, ends_on, end_reason FROM attention
        WHERE region BETWEEN :lo AND :hi AND state = 'active' AND recorded_by = :recorded_by
          AND (ends_on IS NULL OR ended_by = :recorded_by)
    ), judged AS (
        SELECT own.id, 'active' AS state, off.ends_on,
               own.source || '（' || to_char(off.starts_on, 'YYYY-MM') || '）' AS reason
        FROM own JOIN on_days USING (person_id, kind)
        LEFT JOIN LATERAL (
            SELECT complete.starts_on, complete.ends_on FROM complete
            WHERE complete.source = own.source AND complete.starts_on BETWEEN own.starts_on AND :as_of
              AND EXISTS (
                  SELECT FROM unnest(on_days.days, on_days.sources) AS before(day, source)
                  WHERE before.source = own.source AND before.day >= own.starts_on AND before.day < complete.starts_on)
              AND NOT EXISTS (
                  SELECT FROM unnest(on_days.days) AS still(day)
                  WHERE still.day BETWEEN complete.starts_on AND complete.ends_on)
            ORDER BY complete.starts_on LIMIT 1
        ) AS off ON true
        UNION ALL
        SELECT own.id, 'active', CASE WHEN held.until < :as_of THEN held.until END, own.source
        FROM own JOIN held USING (person_id, kind, source)
        WHERE held.until >= own.starts_on
        UNION ALL
        SELECT own.id, 'withdrawn', own.ends_on, own.source || '（已撤回）'
        FROM own
        WHERE EXISTS (
            SELECT FROM department_record AS gone JOIN list ON list.dataset = gone.dataset
            WHERE gone.person_id = own.person_id AND gone.region BETWEEN :lo AND :hi AND gone.state = 'withdrawn'
              AND list.source = own.source AND 'left_behind_' || (gone.payload ->> 'left_behind_kind') = own.kind)
          AND NOT EXISTS (SELECT FROM on_days WHERE on_days.person_id = own.person_id AND on_days.kind = own.kind)
        UNION ALL
        SELECT own.id, 'withdrawn', own.ends_on, own.source || '（已更正）'
        FROM own
        WHERE EXISTS (
            SELECT FROM said_before AS gone
            WHERE gone.person_id = own.person_id AND gone.kind = own.kind AND gone.holds_from = own.starts_on)
          AND NOT EXISTS (
            SELECT FROM held
            WHERE held.person_id = own.person_id AND held.kind = own.kind AND held.until >= own.starts_on)
    ), made AS (
        UPDATE attention AS mark
        SET state = judged.state, ends_on = judged.ends_on, version = mark.version + 1,
            ended_by = CASE WHEN judged.is_over THEN CAST(:recorded_by AS text) END,
            end_reason = CASE WHEN judged.is_over THEN judged.reason END,
            ended_at = CASE WHEN judged.is_over THEN CAST(:now AS timestamptz) END
        FROM (SELECT judged.*, ends_on IS NOT NULL OR state = 'withdrawn' AS is_over FROM judged) AS judged
        WHERE mark.id = judged.id AND (mark.state, mark.ends_on) IS DISTINCT FROM (judged.state, judged.ends_on)
          -- What goes on again may have begun anew in the meantime.
          AND (judged.is_over OR NOT EXISTS (
              SELECT FROM attention AS newer WHERE newer.person_id = mark.person_id AND newer.kind = mark.kind
                AND newer.state = 'active' AND newer.starts_on > mark.starts_on))
        RETURNING mark.id, mark.region, mark.version
    ), told AS (
        SELECT 'attention.end' AS action, id, region, version,
               CAST('{{end_reason,ends_on}}' AS text[]) AS fields, false AS deleted
        FROM made
    )
"""  # noqa: S608  # constants only


async def mark_listed(unit: UnitOfWork, region: int, *, as_of: date) -> int:
    """How many people of the unit's area were marked by what departments say of them; done again, nobody is.

    Who is on no list any more is marked until the last day of the first complete one that leaves them out.

    :param region: of the county whose numbers and closed periods count.
    """
    county = county_of(region)
    book = await book_of(unit, county)
    complete = [one for one in await coverage(unit.connection, county) if one.contract in LISTS]
    bound: dict[str, Any] = {
        "kind": KIND,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
        "as_of": as_of,
        "severe": book.integer(SEVERE_LEVEL, region=county, on=as_of),
        "illnesses": ILLNESSES,
        "illness_source": ILLNESS_SOURCE,
        "diseases": list(book.items(LISTED_DISEASES, region=county, on=as_of)),
        "recorded_by": RECORDED_BY,
        "lists": orjson.dumps(LISTS).decode(),
        "datasets": list(LISTS),
    }
    ending = bound | {"complete": _spans(complete), "now": unit.clock.business_now()}
    await unit.record_made(_END, ending)
    made = await unit.record_made(_MARK, bound)
    if made:
        # What the lists of the past make and end is over on the same night.
        await unit.record_made(_END, ending)
    return made


def _spans(complete: Sequence[Coverage]) -> str:
    said = [{"dataset": one.contract, "starts_on": one.first, "ends_on": one.last} for one in complete]
    return orjson.dumps(said).decode()


async def _sweep(run: SweepRun) -> None:
    async with run.unit() as unit:
        await mark_listed(unit, run.region, as_of=run.as_of)


LISTED: Final = Sweep("attention.listed", _sweep)
"""Before the sweeps of visits and carers: what it marks is due on the same night."""
