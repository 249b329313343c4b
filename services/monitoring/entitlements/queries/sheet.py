"""A person's sheet of entitlements, and a department's list of gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, NotFound
from chassis.http.choices import refuse_unlisted
from chassis.http.pagination import keyset, next_cursor
from chassis.security.masking import mask_name
from chassis.security.scope import Role
from services.monitoring.clues.visibility import may_know_health
from services.monitoring.entitlements.schemas import (
    EntitlementRead,
    EntitlementSheet,
    GapPage,
    GapQuery,
    GapRow,
    SheetQuery,
)
from services.monitoring.entitlements.tables import Entitlement
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.queries.one import KNOWS_NAMES, person_row
from services.monitoring.households.tables import Person
from services.monitoring.screening.queries.rules import rule_ids
from services.monitoring.screening.stored import versions

ENTITLEMENT: Final = rows(Entitlement)
_PERSON: Final = rows(Person)
_OPERATION: Final = "entitlement_gap_list"
_OF_POLICY: Final = ("label", "clause", "benefit", "policy_class")


async def person_sheet(unit: UnitOfWork, person_id: UUID, query: SheetQuery, *, language: Language) -> EntitlementSheet:
    """All that is due to a person and to their household; a clerk sees what the own department owes.

    :raises NotFound: if there is no such person in the caller's area.
    """
    person = await person_row(unit, person_id)
    statement = _visible(unit, select(ENTITLEMENT)).where(
        ENTITLEMENT.c.household_id == person.household_id,
        ENTITLEMENT.c.region.between(unit.area.lo, unit.area.hi),
        or_(ENTITLEMENT.c.person_id.is_(None), ENTITLEMENT.c.person_id == person_id),
    )
    if not query.past:
        statement = statement.where(ENTITLEMENT.c.state != "over")
    found = (
        await unit.connection.execute(
            statement.order_by(ENTITLEMENT.c.policy_id, ENTITLEMENT.c.due_since, ENTITLEMENT.c.id)
        )
    ).all()
    items = await show_entitlements(unit, found, language)
    return EntitlementSheet(person_id=person_id, household_id=person.household_id, items=items)


async def list_gaps(unit: UnitOfWork, query: GapQuery, *, language: Language) -> GapPage:
    """One page of gaps, the oldest first; a clerk sees the own department's only.

    :raises NotFound: if the division asked for lies outside the caller's area.
    :raises InvalidInput: for a policy that the caller's area does not have.
    """
    area = narrowed(unit, query.region)
    if query.policy_id is not None:
        refuse_unlisted("policy_id", [query.policy_id], await rule_ids(unit, policies=True))
    statement = (
        _visible(unit, select(ENTITLEMENT, _PERSON.c.name.label("person_name")))
        .outerjoin(_PERSON, _PERSON.c.id == ENTITLEMENT.c.person_id)
        .where(ENTITLEMENT.c.region.between(area.lo, area.hi), ENTITLEMENT.c.state == query.state)
    )
    if query.department is not None:
        statement = statement.where(ENTITLEMENT.c.department == query.department)
    if query.policy_id is not None:
        statement = statement.where(ENTITLEMENT.c.policy_id == query.policy_id)
    after = query.position(unit.vault.cursors, _OPERATION)
    keys = [ENTITLEMENT.c.state_since, ENTITLEMENT.c.id]
    found = (await unit.connection.execute(keyset(statement, keys, after, query.limit))).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, _OPERATION, lambda row: [str(row.state_since), str(row.id)]
    )
    shown = await show_entitlements(unit, kept, language)
    items = [GapRow(**one.model_dump(), person_name=_name(unit, row)) for one, row in zip(shown, kept, strict=True)]
    return GapPage(items=items, next_cursor=cursor)


async def entitlement_row(unit: UnitOfWork, entitlement_id: UUID, *, lock: bool = False) -> Any:
    """The row of an entitlement that the caller may see.

    :raises NotFound: if there is none.
    """
    statement = _visible(unit, select(ENTITLEMENT)).where(
        ENTITLEMENT.c.id == entitlement_id, ENTITLEMENT.c.region.between(unit.area.lo, unit.area.hi)
    )
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def show_entitlements(unit: UnitOfWork, found: Sequence[Any], language: Language) -> list[EntitlementRead]:
    """Entitlements with the words of the version of the policy that they are due by."""
    policies = await versions(unit.connection, [(row.policy_id, row.policy_version) for row in found])
    names = [name for name in EntitlementRead.model_fields if name not in _OF_POLICY]
    shown = []
    for row in found:
        rule = policies[row.policy_id, row.policy_version]
        shown.append(
            EntitlementRead(
                **{name: getattr(row, name) for name in names},
                label=rule.label[language],
                clause=rule.clause[language],
                benefit=rule.policy["benefit"][language],
                policy_class=rule.policy["policy_class"],
            )
        )
    return shown


def _visible(unit: UnitOfWork, statement: Select[Any]) -> Select[Any]:
    """Without what tells of health for who may not know it; a clerk sees the own department's."""
    if unit.actor.role is Role.DEPARTMENT_CLERK:
        return statement.where(ENTITLEMENT.c.department == unit.actor.department)
    if not may_know_health(unit):
        hidden: ColumnElement[bool] = ENTITLEMENT.c.tells_health.is_(False)
        return statement.where(hidden)
    return statement


def _name(unit: UnitOfWork, row: Any) -> str | None:
    if row.person_name is None or unit.actor.role in KNOWS_NAMES:
        name: str | None = row.person_name
        return name
    return mask_name(row.person_name)
