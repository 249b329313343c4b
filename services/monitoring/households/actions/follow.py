"""Bring what hangs on households to where they are managed now, so that one area reads all of a household."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.attention.actions.follow import attention_follows
from services.monitoring.cases.actions.follow import cases_follow
from services.monitoring.clues.actions.follow import clues_follow
from services.monitoring.comparisons.actions.follow import comparisons_follow
from services.monitoring.consents.actions.follow import consents_follow
from services.monitoring.datasets.actions.follow import records_follow
from services.monitoring.entitlements.actions.follow import entitlements_follow
from services.monitoring.following import follow
from services.monitoring.guarantees.actions.follow import checks_follow
from services.monitoring.helpers.actions.pair import PAIRINGS
from services.monitoring.households.actions.facts import facts_follow
from services.monitoring.income.actions.follow import lines_follow
from services.monitoring.interviews.actions.follow import interviews_follow
from services.monitoring.measures.actions.follow import measures_follow
from services.monitoring.registers.actions.follow import registers_follow
from services.monitoring.visits.actions.follow import visits_follow
from services.monitoring.work.actions.follow import spells_follow


async def everything_follows(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Whatever is on record about ``households`` follows them to their new division.

    ``unit`` must reach both sides of the move. Call it after the households have their new division.
    """
    await facts_follow(unit, households)
    await measures_follow(unit, households)
    await lines_follow(unit, households)
    await spells_follow(unit, households)
    await clues_follow(unit, households)
    await follow(unit, PAIRINGS, households)
    await attention_follows(unit, households)
    await entitlements_follow(unit, households)
    await visits_follow(unit, households)
    await cases_follow(unit, households)
    await checks_follow(unit, households)
    await consents_follow(unit, households)
    await comparisons_follow(unit, households)
    await interviews_follow(unit, households)
    await registers_follow(unit, households)
    await records_follow(unit, households)
