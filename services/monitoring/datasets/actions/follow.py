"""Let departments' records be where their person is registered now, within the county that handed them in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork

_FOLLOW: Final = text(
    """
    UPDATE department_record AS record
    SET region = person.region, household_id = person.household_id, version = record.version + 1
    FROM person
    WHERE person.household_id = ANY(CAST(:households AS uuid[])) AND record.person_id = person.id
      AND record.county = person.region / 1000000 * 1000000
      AND (record.region, record.household_id) IS DISTINCT FROM (person.region, person.household_id)
    """
)


async def records_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the records about the members of ``households`` to their village and their household of now.

    Another county's records stay where they were handed in: it corrects and withdraws them, and nobody else does; what
    a hit took from them stands in the hit. Should the people come back, they follow again. ``unit`` must reach both
    sides.
    """
    await unit.connection.execute(_FOLLOW, {"households": list(households)})
