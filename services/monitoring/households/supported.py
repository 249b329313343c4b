"""What support registers say that people get now, for the doubts about it: 特困 and 雨露计划."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.households.rules.support import Support

# Grants are told by agriculture's file, or by the measure that somebody recorded here.
_SUPPORT: Final = text(
    """
    SELECT person_id, bool_or(is_destitute) AS is_destitute, bool_or(gets_yulu) AS gets_yulu FROM (
        SELECT f.person_id, true AS is_destitute, false AS gets_yulu FROM register_low_income AS f
        WHERE f.household_id = ANY(CAST(:households AS uuid[])) AND f.region BETWEEN :lo AND :hi
          AND f.replaced_at IS NULL AND f.low_income_class = 'destitute'
          AND f.holds_from <= :today AND (f.holds_to IS NULL OR f.holds_to >= :today)
        UNION ALL
        SELECT f.person_id, false, true FROM register_yulu AS f
        WHERE f.household_id = ANY(CAST(:households AS uuid[])) AND f.region BETWEEN :lo AND :hi
          AND f.replaced_at IS NULL AND f.holds_from <= :today AND (f.holds_to IS NULL OR f.holds_to >= :today)
        UNION ALL
        SELECT m.person_id, false, true FROM measure AS m
        WHERE m.household_id = ANY(CAST(:households AS uuid[])) AND m.region BETWEEN :lo AND :hi
          AND m.person_id IS NOT NULL AND m.scheme = 'yulu' AND m.state = 'running' AND m.started_on <= :today
    ) AS told GROUP BY person_id
    """
)


async def support_of(unit: UnitOfWork, households: Iterable[UUID]) -> Mapping[UUID, Support]:
    """What the people of these households get today; who gets nothing is left out."""
    bound = {
        "households": list(households),
        "lo": unit.area.lo,
        "hi": unit.area.hi,
        "today": unit.clock.today(),
    }
    found = await unit.connection.execute(_SUPPORT, bound)
    return {row.person_id: Support(row.is_destitute, row.gets_yulu) for row in found}
