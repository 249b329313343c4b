"""Who is known to care for children, so that no visitor has to ask (clause X-33)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork

# The latest word counts; that there is nobody is a word too.
_KNOWN: Final = text(
    """
    SELECT DISTINCT ON (said.person_id) said.person_id, said.guardian, said.source
    FROM (
        SELECT person_id, guardian, checked_on AS said_on, recorded_at, '监护核查' AS source FROM guardianship_check
        WHERE person_id = ANY(CAST(:persons AS uuid[])) AND region BETWEEN :lo AND :hi
          AND state = 'recorded' AND checked_on <= :on
          AND (visit_id IS NULL OR visit_id IS DISTINCT FROM CAST(:without AS uuid))
        UNION ALL
        SELECT person_id, guardian, holds_from, recorded_at, '民政：困境儿童台账' FROM register_child
        WHERE person_id = ANY(CAST(:persons AS uuid[])) AND region BETWEEN :lo AND :hi
          AND replaced_at IS NULL AND holds_from <= :on AND coalesce(holds_to, 'infinity') >= :on
    ) AS said
    ORDER BY said.person_id, said.said_on DESC, said.recorded_at DESC
    """
)


@dataclass(frozen=True, slots=True)
class KnownGuardian:
    """Who cares for a child, and who says so."""

    name: str
    source: str


async def known_guardians(
    unit: UnitOfWork, persons: Sequence[UUID], *, on: date, without: UUID | None = None
) -> dict[UUID, KnownGuardian]:
    """By child, who cared for them on a day by the last check or the register; who has nobody is left out.

    :param without: a visit whose own word does not count.
    """
    if not persons:
        return {}
    bound = {"persons": list(persons), "on": on, "without": without, "lo": unit.area.lo, "hi": unit.area.hi}
    found = await unit.connection.execute(_KNOWN, bound)
    return {row.person_id: KnownGuardian(row.guardian, row.source) for row in found if row.guardian}
