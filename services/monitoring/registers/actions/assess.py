"""Open the findings whose condition holds and close those whose condition does not: one statement per rule."""

# ruff: noqa: S608  # conditions are a register's own; values are bound
from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area
from services.monitoring.parameters import book_of
from services.monitoring.registers.actions.look_up import lookup_in
from services.monitoring.registers.catalogue import judged_with
from services.monitoring.registers.described import FindingRule, Register

KIND: Final = "register_finding"


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
        bound = {"lo": area.lo, "hi": area.hi, "today": today, "kind": KIND, **values}
        if households is not None:
            bound["households"] = list(households)
        changes = _changes(register, rule, narrowed=households is not None)
        changed += await unit.record_made(changes, bound)
    return changed


async def assess_households(unit: UnitOfWork, register: Register, *, county: int, households: Sequence[UUID]) -> None:
    """After a fact of ``register`` changed by hand: its own findings, and those of registers that look at it."""
    for other in judged_with([register]):
        await assess_area(unit, other, county=county, area=unit.area, households=households)


def _changes(register: Register, rule: FindingRule, *, narrowed: bool) -> str:
    """What closes and what opens the findings of one rule.

    Homes and people are looked up by their keys, never joined, and what stands is compared by sets: after a first load
    nothing is known of the tables yet, and a join that is planned for one row then takes as long as the square of them.
    What is fresh is sorted, so that all of it is looked up before the first is written.
    """
    table = rows(register.table).name
    mine = f"x.register_code = '{register.code}' AND x.code = '{rule.code}' AND x.state = 'open'"
    whose = "AND {0}.household_id = ANY(CAST(:households AS uuid[]))" if narrowed else ""
    return f"""
        standing AS MATERIALIZED (
            SELECT f.id, f.region, f.household_id, f.person_id FROM {table} AS f
            CROSS JOIN LATERAL (
                SELECT * FROM household WHERE household.id = f.household_id AND household.state = 'active' LIMIT 1
            ) AS h
            LEFT JOIN LATERAL (SELECT * FROM person WHERE person.id = f.person_id LIMIT 1) AS p ON true
            WHERE f.region BETWEEN :lo AND :hi AND f.replaced_at IS NULL {whose.format("f")}
              AND (f.person_id IS NULL OR p.state = 'active') AND ({rule.condition})
        ), known AS MATERIALIZED (
            SELECT x.fact_id FROM register_finding AS x
            WHERE {mine} AND x.region BETWEEN :lo AND :hi {whose.format("x")}
        ), closed AS (
            UPDATE register_finding AS x SET state = 'closed', closed_on = :today, version = x.version + 1
            WHERE {mine} AND x.fact_id = ANY(ARRAY(SELECT fact_id FROM known EXCEPT SELECT id FROM standing))
            RETURNING x.id, x.region, x.version
        ), fresh AS MATERIALIZED (
            SELECT s.* FROM standing AS s
            WHERE (SELECT 1 FROM register_finding AS x WHERE x.fact_id = s.id AND x.code = '{rule.code}'
                       AND x.state = 'open' LIMIT 1) IS NULL
            ORDER BY s.id
        ), opened AS (
            INSERT INTO register_finding (id, region, register_code, code, duty, household_id, person_id, fact_id,
                                          state, found_on, version)
            SELECT uuidv7(), s.region, '{register.code}', '{rule.code}', '{rule.duty}', s.household_id, s.person_id,
                   s.id, 'open', :today, 1
            FROM fresh AS s
            RETURNING id, region, version
        ), told AS (
            SELECT 'register_finding.close' AS action, id, region, version, CAST('{{state}}' AS text[]) AS fields,
                   false AS deleted FROM closed
            UNION ALL SELECT 'register_finding.open', id, region, version, '{{}}', false FROM opened
        )
    """
