"""Show the registers' descriptions."""

from __future__ import annotations

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language
from services.monitoring.datasets.contracts.departments import DEPARTMENTS
from services.monitoring.registers.catalogue import REGISTERS
from services.monitoring.registers.described import Register
from services.monitoring.registers.schemas import FieldRead, FindingRuleRead, RegisterList, RegisterRead
from services.monitoring.registers.visibility import may_see


def list_registers(unit: UnitOfWork, *, language: Language) -> RegisterList:
    """Every register that the caller may read."""
    seen = [register for register in REGISTERS.values() if may_see(unit, register)]
    return RegisterList(items=[_shown(register, language) for register in seen])


def _shown(register: Register, language: Language) -> RegisterRead:
    return RegisterRead(
        code=register.code,
        title=register.title.in_language(language),
        clause=register.clause,
        grain=register.grain,
        tells_health=register.tells_health,
        fields=[
            FieldRead(
                name=field.name,
                label=field.label.in_language(language),
                type=field.kind,
                unit=field.unit,
                code_list=field.codes.note.name if field.codes else None,
                required=field.required,
            )
            for field in register.fields
        ],
        datasets=list(register.feed.datasets) if register.feed else [],
        recorded_by=sorted(register.recorders),
        findings=[
            FindingRuleRead(
                code=rule.code,
                label=rule.label.in_language(language),
                duty=rule.duty,
                duty_label=DEPARTMENTS[rule.duty].in_language(language),
                parameters=sorted(rule.parameters.values()),
            )
            for rule in register.findings
        ],
    )
