"""Who sees what of visits: duties that tell of health, findings and answers are for case roles only (clause F6)."""

from __future__ import annotations

from typing import Final

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.visits import HEALTH_MARKS
from services.monitoring.households.queries.one import KNOWS_HEALTH

HEALTH_REASONS: Final = frozenset(str(mark) for mark in HEALTH_MARKS)


def knows_health(unit: UnitOfWork) -> bool:
    """Whether the caller has a case to work on."""
    return unit.actor.role in KNOWS_HEALTH
