"""Facts of a register, page by page; one fact with what it said before; all that registers say of somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.queries.one import household_row, person_row
from services.monitoring.registers.catalogue import REGISTERS
from services.monitoring.registers.described import FactGrain, Register
from services.monitoring.registers.models import READERS, FactRead
from services.monitoring.registers.queries.naming import named
from services.monitoring.registers.queries.selection import FINDING, as_asked, facts, with_finding
from services.monitoring.registers.schemas import FactPage, FactQuery, FactVersions, HeldFacts, HeldQuery
from services.monitoring.registers.visibility import may_see, seen

_OPERATION = "register_fact_list"


async def list_facts(unit: UnitOfWork, code: str, query: FactQuery) -> FactPage:
    """One page of a register, by division.

    :raises NotFound: if the division asked for lies outside the caller's area.
    :raises NotAllowed: for a register of health, if the caller may not know it.
    """
    register = seen(unit, code)
    table = rows(register.table)
    statement = as_asked(register, facts(register, narrowed(unit, query.region), unit.clock.today()), query)
    statement = with_finding(register, statement, query.finding)
    if query.household_id is not None:
        statement = statement.where(table.c.household_id == query.household_id)
    if query.person_id is not None:
        statement = statement.where(table.c.person_id == query.person_id)
    operation = f"{_OPERATION}:{code}"
    after = query.position(unit.vault.cursors, operation)
    found = (await unit.connection.execute(keyset(statement, [table.c.region, table.c.id], after, query.limit))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, operation, lambda row: [row.region, str(row.id)])
    return FactPage(items=await show_facts(unit, register, kept), next_cursor=cursor)


async def fact_row(unit: UnitOfWork, register: Register, fact_id: UUID, *, lock: bool = False) -> Any:
    """The present version of a fact in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    table = rows(register.table)
    statement = facts(register, unit.area, unit.clock.today()).where(
        table.c.id == fact_id, table.c.replaced_at.is_(None)
    )
    if lock:
        statement = statement.with_for_update(of=table)
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def read_fact(unit: UnitOfWork, code: str, fact_id: UUID) -> FactRead:
    """One fact as it is known now.

    :raises NotFound: if there is none in the caller's area.
    :raises NotAllowed: for a register of health, if the caller may not know it.
    """
    register = seen(unit, code)
    [fact] = await show_facts(unit, register, [await fact_row(unit, register, fact_id)])
    return fact


async def fact_versions(unit: UnitOfWork, code: str, fact_id: UUID) -> FactVersions:
    """Every version of a fact, also of one that was withdrawn; errors as :func:`read_fact`."""
    register = seen(unit, code)
    table = rows(register.table)
    statement = facts(register, unit.area, unit.clock.today()).where(table.c.id == fact_id).order_by(table.c.version)
    found = (await unit.connection.execute(statement)).all()
    if not found:
        raise NotFound
    return FactVersions(items=await show_facts(unit, register, found))


async def household_facts(unit: UnitOfWork, household_id: UUID, query: HeldQuery) -> HeldFacts:
    """What all registers that the caller may read say of a household and its people.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    return await _held(unit, query, household_id=household_id)


async def person_facts(unit: UnitOfWork, person_id: UUID, query: HeldQuery) -> HeldFacts:
    """What all registers that the caller may read say of a person.

    :raises NotFound: if there is no such person in the caller's area.
    """
    await person_row(unit, person_id)
    return await _held(unit, query, person_id=person_id)


async def _held(unit: UnitOfWork, query: HeldQuery, **whose: UUID) -> HeldFacts:
    items: list[FactRead] = []
    for register in REGISTERS.values():
        if not may_see(unit, register) or ("person_id" in whose and register.grain is not FactGrain.PERSON):
            continue
        table = rows(register.table)
        statement = as_asked(register, facts(register, unit.area, unit.clock.today()), query)
        for name, value in whose.items():
            statement = statement.where(table.c[name] == value)
        found = (await unit.connection.execute(statement.order_by(table.c.holds_from, table.c.id))).all()
        items += await show_facts(unit, register, found)
    return HeldFacts(items=items)


async def show_facts(unit: UnitOfWork, register: Register, found: Sequence[Any]) -> list[FactRead]:
    """Rows as the caller may see them, with the findings that are open for them."""
    if not found:
        return []
    statement = select(FINDING.c.fact_id, FINDING.c.code).where(
        FINDING.c.fact_id.in_([row.id for row in found]),
        FINDING.c.state == "open",
        FINDING.c.region.between(unit.area.lo, unit.area.hi),
    )
    open_codes: dict[UUID, list[str]] = {}
    for row in await unit.connection.execute(statement.order_by(FINDING.c.code)):
        open_codes.setdefault(row.fact_id, []).append(row.code)
    return [_shown(unit, register, row, open_codes.get(row.id, [])) for row in found]


def _shown(unit: UnitOfWork, register: Register, row: Any, findings: list[str]) -> FactRead:
    reader = READERS[register.code]
    known = named(unit, register, row._mapping)  # noqa: SLF001  # a row's public view of its columns, despite the name
    shown = {name: known[name] for name in reader.model_fields if name in known}
    return reader(**shown, register_code=register.code, findings=findings if row.replaced_at is None else [])
