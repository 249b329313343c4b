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
from services.monitoring.attention.queries.said import IN_RUNS, LISTS, SAID, SAID_BEFORE, said_binds
from services.monitoring.parameters import book_of
from services.monitoring.registers.actions.look_up import lookup_in
from services.monitoring.screening.actions.request_run import county_of
from services.monitoring.screening.inputs import Coverage
from services.monitoring.screening.queries.context import coverage

KIND: Final = "attention"
RECORDED_BY: Final = "program:departments"
# A mark that people ended or withdrew after somebody was listed stays so. One that a list ended begins anew with the
# first month in which a list names the person again, however long ago that one was listed.
_MARK: Final = f"""
    {SAID}, left_off AS (
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
    {SAID}, {SAID_BEFORE}, complete AS MATERIALIZED (
        SELECT list.source, said.starts_on, said.ends_on
        FROM jsonb_to_recordset(CAST(:complete AS jsonb)) AS said(dataset text, starts_on date, ends_on date)
        JOIN list USING (dataset)
    ), on_days AS MATERIALIZED (
        SELECT person_id, kind, array_agg(named_on) AS days, array_agg(source) AS sources
        FROM on_list GROUP BY person_id, kind
    ), held AS MATERIALIZED (
        SELECT person_id, kind, source, min(holds_from) AS since, max(coalesce(holds_to, 'infinity')) AS until
        FROM of_register WHERE holds_from <= :as_of
        -- Runs of months stand for themselves: what one began ends with it, though another came later.
        GROUP BY person_id, kind, source, CASE WHEN kind = ANY(CAST(:in_runs AS text[])) THEN holds_from END
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
        FROM own CROSS JOIN LATERAL (
            SELECT held.until FROM held
            WHERE held.person_id = own.person_id AND held.kind = own.kind AND held.source = own.source
              AND held.until >= own.starts_on
            ORDER BY held.since LIMIT 1
        ) AS held
        UNION ALL
        -- Nothing was taken back, but what was enough once is not by the number in force now.
        SELECT own.id, 'active', greatest(own.starts_on, CAST(:as_of AS date) - 1), own.source
        FROM own
        WHERE own.kind = ANY(CAST(:in_runs AS text[])) AND own.ends_on IS NULL
          AND NOT EXISTS (
            SELECT FROM held
            WHERE held.person_id = own.person_id AND held.kind = own.kind AND held.until >= own.starts_on)
          AND NOT EXISTS (
            SELECT FROM said_before AS gone
            WHERE gone.person_id = own.person_id AND gone.kind = own.kind AND gone.holds_from = own.starts_on)
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
    lookup = lookup_in(await book_of(unit, county), county)
    complete = [one for one in await coverage(unit.connection, county) if one.contract in LISTS]
    bound: dict[str, Any] = {
        "kind": KIND,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
        "recorded_by": RECORDED_BY,
        **said_binds(lookup, as_of),
    }
    ending = bound | {"complete": _spans(complete), "now": unit.clock.business_now(), "in_runs": list(IN_RUNS)}
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
