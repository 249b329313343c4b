"""What is amiss in the registers, for who has to see to it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language
from chassis.http.pagination import keyset, next_cursor
from chassis.security.masking import mask_name
from chassis.security.scope import Role
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.queries.one import KNOWS_HEALTH, KNOWS_NAMES
from services.monitoring.registers.catalogue import HEALTH, WATCHED
from services.monitoring.registers.queries.naming import NAMES, PERSON, head_of
from services.monitoring.registers.queries.selection import FINDING
from services.monitoring.registers.schemas import RegisterFindingPage, RegisterFindingQuery, RegisterFindingRead

_OPERATION = "register_finding_list"


async def list_findings(unit: UnitOfWork, query: RegisterFindingQuery, *, language: Language) -> RegisterFindingPage:
    """One page of the caller's area, by division; a department's clerk sees what the own department owes.

    :raises NotFound: if the division asked for lies outside the caller's area.
    """
    area = narrowed(unit, query.region)
    names = PERSON.c.name.label("person_name"), head_of(FINDING.c.household_id)
    statement = select(FINDING, *names).outerjoin(PERSON, PERSON.c.id == FINDING.c.person_id)
    statement = statement.where(FINDING.c.region.between(area.lo, area.hi), FINDING.c.state == query.state)
    if unit.actor.role is Role.DEPARTMENT_CLERK:
        statement = statement.where(FINDING.c.duty == unit.actor.department)
    elif unit.actor.role not in KNOWS_HEALTH:
        statement = statement.where(FINDING.c.register_code.not_in(sorted(HEALTH)))
    for name in ("register_code", "duty", "code"):
        if getattr(query, name) is not None:
            statement = statement.where(FINDING.c[name] == getattr(query, name))
    after = query.position(unit.vault.cursors, _OPERATION)
    keys = [FINDING.c.region, FINDING.c.id]
    found = (await unit.connection.execute(keyset(statement, keys, after, query.limit))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, _OPERATION, lambda row: [row.region, str(row.id)])
    return RegisterFindingPage(items=[_shown(unit, row, language) for row in kept], next_cursor=cursor)


def _shown(unit: UnitOfWork, row: Any, language: Language) -> RegisterFindingRead:
    watched = WATCHED[row.register_code]
    rules = {rule.code: rule for rule in watched.findings}
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    shown = {name: known[name] for name in RegisterFindingRead.model_fields if name in known}
    if unit.actor.role not in KNOWS_NAMES or watched.guards_children:
        shown |= {name: shown[name] and mask_name(shown[name]) for name in NAMES}
    return RegisterFindingRead(**shown, label=rules[row.code].label.in_language(language))
