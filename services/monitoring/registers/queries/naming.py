"""Whom a register names, and to whom: masked for who has no case to work on, and children whom no guardian released."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, any_, exists, false, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.masking import mask_name
from services.monitoring.codes.evidence import ConsentKind
from services.monitoring.codes.relations import Relation
from services.monitoring.consents.queries.standing import CONSENT, counts_on
from services.monitoring.consents.rules import GUARDED_UNTIL_AGE
from services.monitoring.households.queries.one import KNOWS_NAMES
from services.monitoring.households.rules.dates import months_after
from services.monitoring.households.tables import Person
from services.monitoring.registers.described import Register

PERSON: Final = rows(Person)
GUARDED: Final = "is_guarded"
NAMES: Final = ("person_name", "head_name")
_HEAD: Final = PERSON.alias("head")
_MONTHS: Final = 12


def guarded(register: Register, today: date) -> ColumnElement[bool]:
    """Whether the fact's person is a child of whom no guardian's authorisation that counts today speaks (clause F6)."""
    if not register.guards_children:
        return false().label(GUARDED)
    released = exists(
        select(CONSENT.c.id).where(
            CONSENT.c.household_id == PERSON.c.household_id,
            CONSENT.c.kind == ConsentKind.AUTHORISATION.value,
            PERSON.c.id == any_(CONSENT.c.covers),
            counts_on(today),
        )
    )
    young = PERSON.c.birth_date > months_after(today, -GUARDED_UNTIL_AGE * _MONTHS)
    return and_(young, ~released).label(GUARDED)


def head_of(household_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The name of a household's head, by whom people know it."""
    head = select(_HEAD.c.name).where(
        _HEAD.c.household_id == household_id, _HEAD.c.relation == Relation.HEAD.value, _HEAD.c.state == "active"
    )
    return head.limit(1).scalar_subquery().label("head_name")


def named(unit: UnitOfWork, register: Register, fact: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a fact with the names that the caller may know whole, and the others masked."""
    shown = dict(fact)
    if unit.actor.role in KNOWS_NAMES and not fact[GUARDED]:
        return shown
    for name in (*NAMES, *(field.name for field in register.fields if field.names_somebody)):
        if shown[name] is not None:
            shown[name] = mask_name(shown[name])
    return shown
