"""Where the case asks about the family's economy: which answers and which signed papers are still awaited.

The comparison is a noun of its own; this file is the one place where the case knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault


async def open_comparison(unit: UnitOfWork, cases: Sequence[Any]) -> None:
    """Ask the departments about the households of ``cases``."""


async def answers_missing(unit: UnitOfWork, cases: Sequence[UUID]) -> dict[UUID, list[Fault]]:
    """By case, what departments have not answered and may still answer in time."""
    return {}


async def papers_missing(unit: UnitOfWork, cases: Sequence[UUID]) -> list[Fault]:
    """Which papers the households have not signed: the commitment and the authorisation to ask."""
    return []


async def end_comparison(unit: UnitOfWork, case: Any) -> None:
    """Nobody needs to answer any more for a case that has ended."""
