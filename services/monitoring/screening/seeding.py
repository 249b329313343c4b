"""Bring the published rules into the database at every start, without touching what is there."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.periodic import platform_unit
from chassis.program import Program
from chassis.records import Aggregate
from services.monitoring.entitlements.seeding import load_policies
from services.monitoring.screening.catalogue import Rule
from services.monitoring.screening.parameters import RULES
from services.monitoring.screening.stored import RULE, as_row

AUTHOR: Final = "program:catalogue"
RELEASE: Final = "program:release"


async def seed_screening(program: Program) -> None:
    """Seed the rules; repeating it, also at the same time elsewhere, changes nothing.

    Their numbers are in the service's catalogue, which every start seeds before.
    """
    async with platform_unit(program, "screening.seed") as unit:
        await seed_rules(unit, (*RULES.rules, *load_policies()))


async def seed_rules(unit: UnitOfWork, rules: tuple[Rule, ...]) -> int:
    """Insert the versions that are not there. The newest of each rule becomes active, unless people made a later one.

    Returns how many were new.
    """
    there = {(row.rule_id, row.version): row for row in await unit.connection.execute(RULE.select().with_for_update())}
    fresh = [
        rule for rule in sorted(rules, key=lambda one: (one.id, one.version)) if (rule.id, rule.version) not in there
    ]
    retired, rows = [], []
    for rule in fresh:
        national = [
            row for row in there.values() if row.rule_id == rule.id and row.scope == 0 and row.state == "active"
        ]
        newest = all(row.drafted_by == AUTHOR for row in national) and not any(
            other.id == rule.id and other.version > rule.version for other in rules
        )
        retired += [row.id for row in national if newest]
        rows.append(_row(unit, rule, active=newest))
    if retired:
        await unit.connection.execute(
            RULE.update()
            .where(RULE.c.id.in_(retired))
            .values(state="retired", retired_by=RELEASE, effective_to=unit.clock.today(), revision=RULE.c.revision + 1)
        )
    if rows:
        made = await unit.connection.execute(insert(RULE).values(rows).on_conflict_do_nothing().returning(RULE.c.id))
        for rule_id in made.scalars():
            unit.record("rule.seed", Aggregate("rule", rule_id, 0, version=0), fields=["expression"])
    return len(fresh)


def _row(unit: UnitOfWork, rule: Rule, *, active: bool) -> dict[str, Any]:
    return {
        **as_row(rule),
        "scope": 0,
        "source": rule.document or "platform catalogue",
        "state": "active" if active else "retired",
        "effective_from": _first_day(),
        "drafted_by": AUTHOR,
        "activated_by": RELEASE,
        "activated_at": unit.clock.system_now(),
    }


def _first_day() -> date:
    return min(row.effective_from for row in RULES.rows)
