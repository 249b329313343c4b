"""Let divisions know the monitoring of the households that come to them; the one that they left keeps what it knew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.households.tables import MonitoringFact

_MADE_HERE: Final = frozenset({"region", "known_since"})
_COPIED: Final = ", ".join(column.name for column in rows(MonitoringFact).columns if column.name not in _MADE_HERE)
# Whatever a household was told of lies in the division that it left, some of it in those before; each is taken once,
# and what its new division knows from an earlier stay it goes on knowing since then.
_KNOWN_THERE: Final = f"""
    INSERT INTO monitoring_fact ({_COPIED}, region)
    SELECT DISTINCT ON (fact.household_id, fact.number)
           {", ".join(f"fact.{name}" for name in _COPIED.split(", "))}, household.region
    FROM household JOIN monitoring_fact AS fact ON fact.household_id = household.id
    WHERE {{come}} AND fact.region <> household.region
    ORDER BY fact.household_id, fact.number
    ON CONFLICT DO NOTHING
"""  # noqa: S608  # names come from the metadata
_FOLLOW: Final = text(_KNOWN_THERE.format(come="household.id = ANY(CAST(:households AS uuid[]))"))
_RECODED: Final = text(
    _KNOWN_THERE.format(come="household.region BETWEEN :lo AND :hi AND household.recorded_at = :instant")
)


async def facts_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Make the facts of ``households`` known where these are managed now; ``unit`` must reach both sides."""
    await unit.connection.execute(_FOLLOW, {"households": list(households)})


async def facts_recoded(unit: UnitOfWork, instant: datetime) -> None:
    """Make the facts of the households that got another code at ``instant`` known under it."""
    await unit.connection.execute(_RECODED, {"lo": unit.area.lo, "hi": unit.area.hi, "instant": instant})
