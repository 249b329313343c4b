"""Let hits follow people into the household that they live in now, after a split or a merger of households."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.clues.actions.recompute import recompute

# What was judged already stays where it was judged; only what waits for a judgement moves.
_MOVING: Final = """
    clue.household_id = :left AND clue.state = 'open' AND hit.clue_id = clue.id AND hit.state = 'standing'
    AND (CAST(:persons AS uuid[]) IS NULL OR hit.person_id = ANY(CAST(:persons AS uuid[])))
"""
_LEFT: Final = text(
    f"SELECT clue.id FROM clue WHERE EXISTS (SELECT FROM hit WHERE {_MOVING}) ORDER BY clue.id FOR UPDATE"  # noqa: S608
)
_OPEN: Final = text(
    """
    INSERT INTO clue (id, region, household_id, state, severity, raised_on, hit_count, version)
    SELECT uuidv7(), household.region, household.id, 'open', 1, former.raised_on, 0, 0
    FROM household, clue AS former WHERE household.id = :household AND former.id = :clue
    ON CONFLICT (household_id) WHERE state = 'open' DO NOTHING
    """
)
_MOVE: Final = text(
    f"""
    UPDATE hit SET clue_id = heir.id, household_id = heir.household_id, region = heir.region
    FROM clue, clue AS heir
    WHERE {_MOVING} AND heir.household_id = :household AND heir.state = 'open' RETURNING hit.clue_id
    """  # noqa: S608
)
_SILENCES: Final = text(
    """
    UPDATE fact_silence SET household_id = household.id, region = household.region FROM household
    WHERE household.id = :household AND fact_silence.household_id = :left
    """
)


async def clues_join(unit: UnitOfWork, *, left: UUID, household: UUID, persons: Sequence[UUID] | None = None) -> None:
    """Bring what waits for a judgement from the household ``left`` to the open clue of ``household``, or to a new one.

    Facts about persons stay the same facts; those of a household that is no more go with the next screening.

    :param persons: whose hits go; None after a merger: everything, silences too.
    """
    bound: dict[str, Any] = {"left": left, "persons": None if persons is None else list(persons)}
    if persons is None:
        await unit.connection.execute(_SILENCES, {"left": left, "household": household})
    former = list((await unit.connection.execute(_LEFT, bound)).scalars())
    if not former:
        return
    await unit.connection.execute(_OPEN, {"household": household, "clue": former[0]})
    heirs = set((await unit.connection.execute(_MOVE, {**bound, "household": household})).scalars())
    await recompute(unit, sorted({*former, *heirs}), grown=sorted(heirs))
