"""Keep how far cases have come, and what was known of it before, for the figures that are asked again (clause B8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.cases import CaseAction

TOLD_BY: Final = frozenset(
    {CaseAction.DISPATCH, CaseAction.CONFIRM, CaseAction.REGISTER, CaseAction.ELIMINATE, CaseAction.CHANGE_HOUSEHOLD}
)
"""Steps after which a case may have come further."""

_LOCK: Final = text(
    """
    SELECT id FROM monitoring_case WHERE household_id = ANY(CAST(:households AS uuid[])) AND origin = 'clue'
    ORDER BY id FOR NO KEY UPDATE
    """
)
_LEFT_BEHIND: Final = text(
    """
    SELECT own.id FROM monitoring_case AS own
    JOIN case_course AS known ON known.case_id = own.id AND known.replaced_at IS NULL AND known.region <> own.region
    WHERE own.region BETWEEN :lo AND :hi
    """
)
# A department's row says when it happened; a report of a person happened on the day on which it was made. A change that
# is dated after the case began (a yearly sum up to the month's end) counts as of the case's first day. Of the clues
# only the first one counts: what joins an open case changes nothing of it.
_KEEP: Final = text(
    """
    WITH fresh AS MATERIALIZED (
        SELECT own.id, own.region, own.day_0, coalesce(known.changed_on, (
            SELECT least(min(coalesce((
                SELECT min(record.event_date) FROM department_record AS record
                WHERE record.id = ANY(hit.source_records)
            ), hit.hit_on)), own.day_0)
            FROM case_step AS first JOIN hit ON hit.clue_id = CAST(first.details ->> 'clue' AS uuid)
            WHERE first.case_id = own.id AND first.number = 1
        )) AS changed_on, step.*, help.*
        FROM monitoring_case AS own
        LEFT JOIN case_course AS known ON known.case_id = own.id AND known.replaced_at IS NULL
        CROSS JOIN LATERAL (
            SELECT min(done.on_day) FILTER (WHERE done.action = 'confirm') AS verified_on,
                   max(done.on_day) FILTER (WHERE done.action = 'register') AS registered_on,
                   max(done.on_day) FILTER (WHERE done.action = 'eliminate') AS eliminated_on
            FROM case_step AS done WHERE done.case_id = own.id
        ) AS step
        CROSS JOIN LATERAL (
            SELECT min(given.started_on) AS helped_on FROM measure AS given
            WHERE given.household_id = own.household_id AND given.started_on >= own.day_0 AND given.state <> 'withdrawn'
        ) AS help
        WHERE own.id = ANY(CAST(:cases AS uuid[])) AND own.origin = 'clue'
          AND (known.region, known.verified_on, known.registered_on, known.eliminated_on, known.helped_on)
              IS DISTINCT FROM (own.region, step.verified_on, step.registered_on, step.eliminated_on, help.helped_on)
    ), here AS MATERIALIZED (
        SELECT clock_timestamp() AS instant
    ), left_behind AS (
        UPDATE case_course AS known SET replaced_at = here.instant FROM fresh CROSS JOIN here
        WHERE known.case_id = fresh.id AND known.replaced_at IS NULL RETURNING known.case_id
    )
    INSERT INTO case_course (case_id, recorded_at, region, day_0, changed_on, verified_on, registered_on, helped_on,
                             eliminated_on)
    SELECT fresh.id, here.instant, fresh.region, fresh.day_0, fresh.changed_on, fresh.verified_on, fresh.registered_on,
           fresh.helped_on, fresh.eliminated_on
    FROM fresh CROSS JOIN here CROSS JOIN (SELECT count(*) FROM left_behind) AS replaced_first
    """
)


async def keep_courses(unit: UnitOfWork, cases: Sequence[UUID]) -> None:
    """Record how far ``cases`` have come, where that is more than was known or known elsewhere; they are locked.

    Of a case that moved ``unit`` must reach both sides.
    """
    await unit.connection.execute(_KEEP, {"cases": list(cases)})


async def lock_cases(unit: UnitOfWork, *households: UUID) -> list[UUID]:
    """The cases of these households, whose course may change with their help; locked before anything that hangs on
    them is written, in the order in which a step of a case takes its locks."""
    found = await unit.connection.execute(_LOCK, {"households": list(households)})
    return list(found.scalars())


async def courses_recoded(unit: UnitOfWork) -> None:
    """Record that the cases of a division that got another code lie there; what was known before stays."""
    found = await unit.connection.execute(_LEFT_BEHIND, {"lo": unit.area.lo, "hi": unit.area.hi})
    await keep_courses(unit, list(found.scalars()))
