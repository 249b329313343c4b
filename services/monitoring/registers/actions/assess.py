"""Open the findings whose condition holds and close those whose condition does not: a few statements per register."""

# ruff: noqa: S608  # conditions are a register's own; values are bound
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_alike
from chassis.security.scope import Area
from services.monitoring.parameters import book_of
from services.monitoring.registers.actions.look_up import lookup_in
from services.monitoring.registers.catalogue import judged_with
from services.monitoring.registers.described import FindingRule, Register

KIND: Final = "register_finding"
_FIELDS: Final = ["state"]


async def assess_area(
    unit: UnitOfWork, register: Register, *, county: int, area: Area, households: Sequence[UUID] | None = None
) -> int:
    """Bring the findings of ``register`` in ``area`` to what holds today; returns how many opened or closed.

    :param households: only theirs, such as after somebody recorded a fact.
    """
    today = unit.clock.today()
    lookup = lookup_in(await book_of(unit, county), county)
    changed = 0
    for rule in register.findings:
        values = {name: lookup(key, today) for name, key in rule.parameters.items()}
        bound = {"lo": area.lo, "hi": area.hi, "today": today, **values}
        if households is not None:
            bound["households"] = list(households)
        closed, opened = _statements(register, rule, narrowed=households is not None)
        for statement, action in ((closed, "register_finding.close"), (opened, "register_finding.open")):
            found = list((await unit.connection.execute(text(statement), bound)).scalars())
            await _tell(unit, found, action)
            changed += len(found)
    return changed


async def assess_households(unit: UnitOfWork, register: Register, *, county: int, households: Sequence[UUID]) -> None:
    """After a fact of ``register`` changed by hand: its own findings, and those of registers that look at it."""
    for other in judged_with([register]):
        await assess_area(unit, other, county=county, area=unit.area, households=households)


def _statements(register: Register, rule: FindingRule, *, narrowed: bool) -> tuple[str, str]:
    """What closes and what opens the findings of one rule.

    Homes and people are looked up by their keys, never joined, and what stands is hashed: after a first load nothing is
    known of the tables yet, and a join that is planned for one row then takes as long as the square of them.
    """
    table = rows(register.table).name
    mine = f"x.register_code = '{register.code}' AND x.code = '{rule.code}' AND x.state = 'open'"
    whose = "AND {0}.household_id = ANY(CAST(:households AS uuid[]))" if narrowed else ""
    standing = f"""
        SELECT f.id, f.region, f.household_id, f.person_id FROM {table} AS f
        CROSS JOIN LATERAL (
            SELECT * FROM household WHERE household.id = f.household_id AND household.state = 'active' LIMIT 1) AS h
        LEFT JOIN LATERAL (SELECT * FROM person WHERE person.id = f.person_id LIMIT 1) AS p ON true
        WHERE f.region BETWEEN :lo AND :hi AND f.replaced_at IS NULL {whose.format("f")}
          AND (f.person_id IS NULL OR p.state = 'active') AND ({rule.condition})
    """
    closed = f"""
        WITH standing AS MATERIALIZED ({standing})
        UPDATE register_finding AS x SET state = 'closed', closed_on = :today, version = x.version + 1
        WHERE {mine} AND x.region BETWEEN :lo AND :hi {whose.format("x")}
          AND x.fact_id NOT IN (SELECT id FROM standing)
        RETURNING x.id
    """
    opened = f"""
        WITH standing AS MATERIALIZED ({standing})
        INSERT INTO register_finding (id, region, register_code, code, duty, household_id, person_id, fact_id, state,
                                      found_on, version)
        SELECT uuidv7(), s.region, '{register.code}', '{rule.code}', '{rule.duty}', s.household_id, s.person_id, s.id,
               'open', :today, 1
        FROM standing AS s
        WHERE (SELECT 1 FROM register_finding AS x WHERE x.fact_id = s.id AND x.code = '{rule.code}'
                   AND x.state = 'open' LIMIT 1) IS NULL
        RETURNING id
    """
    return closed, opened


async def _tell(unit: UnitOfWork, found: list[Any], action: str) -> None:
    if found:
        bound = {"ids": found, "action": action, "kind": KIND, "fields": _FIELDS, "why": None}
        await unit.record_from(rows_alike("register_finding"), bound)
