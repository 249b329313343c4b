"""Keep doubts about the data as findings that a cadre works off, each once while it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.identifiers import new_id
from services.monitoring.households.tables import Finding

_FINDING: Final = rows(Finding)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubt about a household, or about one of its persons."""

    fault: Fault
    person_id: UUID | None


async def keep_findings(unit: UnitOfWork, household: Any, doubts: Sequence[Doubt]) -> int:
    """Open a finding for each doubt that has none open yet; returns how many are new."""
    if not doubts:
        return 0
    values = [
        {
            "id": new_id(),
            "region": household.region,
            "household_id": household.id,
            "person_id": doubt.person_id,
            "code": doubt.fault.code,
            "field": doubt.fault.pointer,
            "message_zh": doubt.fault.message.zh,
            "message_en": doubt.fault.message.en,
            "state": "open",
            "found_on": unit.clock.today(),
            "version": 1,
        }
        for doubt in doubts
    ]
    made = await unit.connection.execute(insert(_FINDING).on_conflict_do_nothing(), values)
    return made.rowcount
