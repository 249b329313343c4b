"""Who sees which register: those that tell of illness are for who has a case to work on (clause F1)."""

from __future__ import annotations

from typing import Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, NotAllowed
from services.monitoring.households.queries.one import KNOWS_HEALTH
from services.monitoring.registers.catalogue import REGISTERS
from services.monitoring.registers.described import Register

_HEALTH: Final = Message(
    "此台账含健康信息，只向办理监测帮扶的干部显示。",
    "This register tells of people's health; it is shown to who has a case to work on.",
)


def may_see(unit: UnitOfWork, register: Register) -> bool:
    """Whether the caller may read this register."""
    return not register.tells_health or unit.actor.role in KNOWS_HEALTH


def seen(unit: UnitOfWork, code: str) -> Register:
    """The register with this code.

    :raises NotAllowed: if it tells of health, and the caller may not know that.
    """
    register = REGISTERS[code]
    if not may_see(unit, register):
        raise NotAllowed(_HEALTH)
    return register
