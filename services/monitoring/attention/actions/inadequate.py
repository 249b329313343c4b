"""Let a check that found guardianship not enough be a finding of who owes it, until a later one finds it enough.

It opens once for each person, whatever says it again, and names the last check that says so (clause H-22). Who owes it
is the department that the finding's rule names, not the village that looked.
"""

# ruff: noqa: S608  # the condition is the rule's own; values are bound
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.parameters import book_of
from services.monitoring.registers.actions.assess import KIND
from services.monitoring.registers.actions.look_up import lookup_in
from services.monitoring.registers.kinds.guardianship import GUARDIANSHIP, INADEQUATE
from services.monitoring.screening.actions.request_run import county_of

_RENEW: Final = f"""
    latest AS MATERIALIZED (
        SELECT DISTINCT ON (one.person_id) one.* FROM guardianship_check AS one
        WHERE one.region BETWEEN :lo AND :hi AND one.state = 'recorded' AND one.checked_on <= :today
          AND (CAST(:persons AS uuid[]) IS NULL OR one.person_id = ANY(CAST(:persons AS uuid[])))
        ORDER BY one.person_id, one.checked_on DESC, one.recorded_at DESC, one.id DESC
    ), standing AS MATERIALIZED (
        SELECT f.id, h.region, h.id AS household_id, f.person_id
        FROM latest AS f JOIN person AS p ON p.id = f.person_id AND p.state = 'active'
        JOIN household AS h ON h.id = p.household_id AND h.state = 'active'
        WHERE h.region BETWEEN :lo AND :hi AND ({INADEQUATE.condition})
    ), known AS MATERIALIZED (
        SELECT x.id, x.person_id, s.id AS fact_id FROM register_finding AS x
        LEFT JOIN standing AS s ON s.person_id = x.person_id
        WHERE x.register_code = :register AND x.code = :code AND x.state = 'open' AND x.region BETWEEN :lo AND :hi
          AND (CAST(:persons AS uuid[]) IS NULL OR x.person_id = ANY(CAST(:persons AS uuid[])))
    ), changed AS (
        UPDATE register_finding AS x
        SET state = CASE WHEN k.fact_id IS NULL THEN 'closed' ELSE 'open' END,
            closed_on = CASE WHEN k.fact_id IS NULL THEN CAST(:today AS date) END,
            fact_id = coalesce(k.fact_id, x.fact_id), version = x.version + 1
        FROM known AS k WHERE x.id = k.id AND x.fact_id IS DISTINCT FROM k.fact_id
        RETURNING x.id, x.region, x.version, x.state
    ), opened AS (
        INSERT INTO register_finding (id, region, register_code, code, duty, household_id, person_id, fact_id, state,
                                      found_on, version)
        SELECT uuidv7(), s.region, :register, :code, :duty, s.household_id, s.person_id, s.id, 'open', :today, 1
        FROM standing AS s WHERE NOT EXISTS (SELECT FROM known AS k WHERE k.person_id = s.person_id)
        ON CONFLICT DO NOTHING RETURNING id, region, version
    ), told AS (
        SELECT 'register_finding.close' AS action, id, region, version, CAST('{{state}}' AS text[]) AS fields,
               false AS deleted
        FROM changed WHERE state = 'closed'
        UNION ALL SELECT 'register_finding.follow', id, region, version, '{{fact_id}}', false
        FROM changed WHERE state = 'open'
        UNION ALL SELECT 'register_finding.open', id, region, version, '{{}}', false FROM opened
    )
"""


async def renew_guardianship(
    unit: UnitOfWork, region: int, *, persons: Sequence[UUID] | None = None, as_of: date | None = None
) -> None:
    """Open what the last checks find not enough and close what they find enough, or nobody says any more.

    :param region: whose county's numbers count. :param persons: only theirs; None: everybody's of the unit's area.
    """
    county, on = county_of(region), as_of or unit.clock.today()
    lookup = lookup_in(await book_of(unit, county), county)
    values = {name: lookup(key, on) for name, key in INADEQUATE.parameters.items()}
    bound = {
        "kind": KIND,
        "register": GUARDIANSHIP.code,
        "code": INADEQUATE.code,
        "duty": INADEQUATE.duty,
        "persons": None if persons is None else list(persons),
        "today": on,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
        **values,
    }
    await unit.record_made(_RENEW, bound)
