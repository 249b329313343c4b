"""Bring what hangs on households to where they are managed now, so that one area reads all of a household."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.clues.actions.follow import clues_follow
from services.monitoring.income.actions.follow import lines_follow
from services.monitoring.measures.actions.follow import measures_follow
from services.monitoring.registers.actions.follow import registers_follow
from services.monitoring.work.actions.follow import spells_follow

_FACTS: Final = text(
    """
    UPDATE monitoring_fact AS fact SET region = household.region FROM household
    WHERE household.id = fact.household_id AND household.id = ANY(CAST(:households AS uuid[]))
      AND fact.region <> household.region
    """
)


async def everything_follows(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Income lines, work, clues, measures, registers and facts of monitoring follow ``households`` to their division.

    ``unit`` must reach both sides of the move. Call it after the households have their new division.
    """
    await unit.connection.execute(_FACTS, {"households": list(households)})
    await measures_follow(unit, households)
    await lines_follow(unit, households)
    await spells_follow(unit, households)
    await clues_follow(unit, households)
    await registers_follow(unit, households)
