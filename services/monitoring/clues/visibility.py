"""Who sees what of a clue: departments what their own rows raised, health for case roles only (clause F1, F6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Role
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.households.queries.one import KNOWS_HEALTH
from services.monitoring.screening.terms import VOCABULARY

HEALTH_DEPARTMENTS: Final = frozenset({"medical", "health", "disability", "traffic"})
"""Departments whose rows tell of illness, disability or injury."""


def datasets_of(department: str | None) -> tuple[str, ...]:
    """The contracts that a department hands in."""
    return tuple(sorted({one.code for one in load_contracts() if one.department == department}))


def tells_health(datasets: Iterable[str]) -> bool:
    """Whether rows of these contracts reveal somebody's health."""
    departments = {one.code: one.department for one in load_contracts()}
    return any(departments.get(code) in HEALTH_DEPARTMENTS for code in datasets)


def may_know_health(unit: UnitOfWork) -> bool:
    """Whether the caller has a case to work on; a clerk sees the own department's rows only, so knows them already."""
    return unit.actor.role in KNOWS_HEALTH or unit.actor.role is Role.DEPARTMENT_CLERK


def is_of(column: str, datasets: Iterable[str]) -> bool:
    """Whether a published name is fed by one of these contracts."""
    return not set(VOCABULARY[column].source).isdisjoint(datasets)
