"""Let clues follow households that moved, so that the area that cares for a household judges its clues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import Aggregate
from services.monitoring.clues.queries.listing import LETTERS
from services.monitoring.contract import ClueRaised

_CLUES: Final = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT clue.id, clue.region AS left_region, household.region
        FROM clue JOIN household ON household.id = clue.household_id
        WHERE household.id = ANY(CAST(:households AS uuid[])) AND clue.region <> household.region
    ), hits AS (
        UPDATE hit SET region = moved.region FROM moved WHERE hit.clue_id = moved.id
    ), notices AS (
        UPDATE clue_notice SET region = moved.region FROM moved WHERE clue_notice.clue_id = moved.id
    )
    UPDATE clue SET region = moved.region, version = clue.version + 1
    FROM moved WHERE moved.id = clue.id
    RETURNING clue.id, clue.household_id, clue.region, clue.version, clue.severity, clue.due_at, clue.state,
              moved.left_region
    """
)
_SILENCES: Final = text(
    """
    UPDATE fact_silence SET region = household.region FROM household
    WHERE household.id = fact_silence.household_id AND household.id = ANY(CAST(:households AS uuid[]))
    """
)


async def clues_follow(unit: UnitOfWork, households: Sequence[UUID]) -> int:
    """Bring the clues of ``households``, their hits and their silences to where these are managed now.

    ``unit`` must reach both sides of the move. Call it after the households have their new division.
    """
    bound = {"households": list(households)}
    found = (await unit.connection.execute(_CLUES, bound)).all()
    await unit.connection.execute(_SILENCES, bound)
    for row in found:
        clue = Aggregate("clue", row.id, row.region, row.version, left_region=row.left_region)
        told = ClueRaised(
            clue=row.id,
            household=row.household_id,
            severity=LETTERS[row.severity],
            due=row.due_at,
            state=row.state,
        )
        unit.record("clue.follow", clue, fields=("region",), event=told)
    return len(found)
