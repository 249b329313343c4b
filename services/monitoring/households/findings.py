"""Keep doubts about the data as findings that a cadre works off, each once while it is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.households.doubts import Doubt
from services.monitoring.households.tables import Finding

_FINDING: Final = rows(Finding)

OF_REGISTERS: Final = "register_"
"""How the code of a finding begins that a register keeps, not the rules of the registry: these leave it alone."""


async def keep_findings(unit: UnitOfWork, household: Any, doubts: Sequence[Doubt]) -> int:
    """Open a finding for each doubt that has none open yet; returns how many are new."""
    return await open_findings(unit, [(household, doubt) for doubt in doubts])


async def open_findings(unit: UnitOfWork, doubts: Sequence[tuple[Any, Doubt]]) -> int:
    """As :func:`keep_findings`, for the doubts of many households, each beside its own."""
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
        for household, doubt in doubts
    ]
    made = await unit.connection.execute(
        insert(_FINDING).on_conflict_do_nothing().returning(_FINDING.c.id, _FINDING.c.region), values
    )
    opened = made.all()
    for finding in opened:
        unit.record("finding.open", Aggregate("finding", finding.id, finding.region, 1))
    return len(opened)


async def renew_findings(
    unit: UnitOfWork, household: Any, doubts: Sequence[Doubt], *, codes: Collection[str], about: UUID | None = None
) -> None:
    """Bring a household's findings in line with ``doubts``: what no longer holds ends as corrected, new ones open.

    What somebody explained stays silent while the same doubt goes on, and counts as corrected once it is gone, so
    that it would be told again if it came back.

    :param codes: of the doubts that were looked for.
    :param about: a person whose findings were all looked for, whatever their code.
    """
    looked_for: ColumnElement[bool] = _FINDING.c.code.in_(list(codes))
    if about is not None:
        own = ~_FINDING.c.code.startswith(OF_REGISTERS, autoescape=True)
        looked_for = or_(looked_for, and_(_FINDING.c.person_id == about, own))
    found = await unit.connection.execute(
        select(_FINDING).where(
            _FINDING.c.household_id == household.id,
            _FINDING.c.region.between(unit.area.lo, unit.area.hi),
            _FINDING.c.state.in_(["open", "explained"]),
            looked_for,
        )
    )
    held = {(doubt.person_id, doubt.fault.code) for doubt in doubts}
    known, gone = set(), []
    for finding in found.all():
        key = (finding.person_id, finding.code)
        if key in held:
            known.add(key)
        else:
            gone.append(finding.id)
    await correct_findings(unit, gone)
    await keep_findings(unit, household, [d for d in doubts if (d.person_id, d.fault.code) not in known])


async def end_findings(unit: UnitOfWork, household_id: UUID) -> None:
    """A household that is no more has nothing left to correct."""
    found = await unit.connection.execute(
        select(_FINDING.c.id).where(_FINDING.c.household_id == household_id, _FINDING.c.state == "open")
    )
    await correct_findings(unit, list(found.scalars()))


async def correct_findings(unit: UnitOfWork, findings: Sequence[UUID]) -> None:
    """End findings whose doubt no longer holds."""
    if not findings:
        return
    ended = await unit.connection.execute(
        update(_FINDING)
        .where(_FINDING.c.id.in_(findings))
        .values(state="corrected", settled_on=unit.clock.today(), version=_FINDING.c.version + 1)
        .returning(_FINDING.c.id, _FINDING.c.region, _FINDING.c.version)
    )
    for finding in ended.all():
        unit.record("finding.correct", Aggregate("finding", finding.id, finding.region, finding.version))


async def carry_findings(unit: UnitOfWork, persons: Sequence[UUID], household: Any) -> None:
    """Let the findings that are not yet corrected go with ``persons`` to the household where they live now."""
    await _carry(unit, _FINDING.c.person_id.in_(persons), {"household_id": household.id, "region": household.region})


async def carry_household_findings(unit: UnitOfWork, household_id: UUID, *, region: int) -> None:
    """Let the household's own findings that are not yet corrected go with it to ``region``."""
    mine = and_(_FINDING.c.household_id == household_id, _FINDING.c.person_id.is_(None))
    await _carry(unit, mine, {"region": region})


async def _carry(unit: UnitOfWork, which: ColumnElement[bool], values: Mapping[str, Any]) -> None:
    before = (
        select(_FINDING.c.id, _FINDING.c.region)
        .where(which, _FINDING.c.state.in_(["open", "explained"]))
        .with_for_update()
    )
    left = {row.id: row.region for row in await unit.connection.execute(before)}
    if not left:
        return
    moved = await unit.connection.execute(
        update(_FINDING)
        .where(_FINDING.c.id.in_(left))
        .values(**values, version=_FINDING.c.version + 1)
        .returning(_FINDING.c.id, _FINDING.c.region, _FINDING.c.version)
    )
    for row in moved.all():
        gone = left[row.id] if left[row.id] != row.region else None
        unit.record("finding.move", Aggregate("finding", row.id, row.region, row.version, gone))
