"""Let spells of work be where their person is registered now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_moved
from services.monitoring.work.actions.hear import KIND

_FOLLOW: Final = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT spell.id, spell.region AS left_region, person.region
        FROM work_spell AS spell JOIN person ON person.id = spell.person_id
        WHERE person.household_id = ANY(CAST(:households AS uuid[])) AND spell.region <> person.region
    )
    UPDATE work_spell AS spell SET region = moved.region, version = spell.version + 1
    FROM moved WHERE moved.id = spell.id RETURNING spell.id, moved.left_region
    """
)
_TOLD: Final = rows_moved("work_spell")


async def spells_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the spells of the members of ``households`` to where these are managed now; ``unit`` reaches both sides."""
    found: Sequence[Any] = (await unit.connection.execute(_FOLLOW, {"households": list(households)})).all()
    if found:
        gone = {"ids": [row.id for row in found], "left": [row.left_region for row in found]}
        told = {"action": f"{KIND}.follow", "kind": KIND, "fields": ["region"], "why": None}
        await unit.record_from(_TOLD, gone | told)
