"""The SELECT of a register's facts that lists, files and one household's view share."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, or_, select

from chassis.database.metadata import rows
from chassis.http.choices import refuse_unlisted
from chassis.security.scope import Area
from services.monitoring.registers.described import Register
from services.monitoring.registers.queries.naming import PERSON, guarded, head_of
from services.monitoring.registers.schemas import FactFilter, HeldQuery
from services.monitoring.registers.tables import RegisterFinding

FINDING: Final = rows(RegisterFinding)
ANY_FINDING: Final = "any"


def facts(register: Register, area: Area, today: date) -> Select[Any]:
    """Every version of the register's facts in ``area``, each with its person's name and whether that is guarded."""
    table = rows(register.table)
    return (
        select(table, PERSON.c.name.label("person_name"), head_of(table.c.household_id), guarded(register, today))
        .outerjoin(PERSON, PERSON.c.id == table.c.person_id)
        .where(table.c.region.between(area.lo, area.hi))
    )


def as_asked(register: Register, statement: Select[Any], query: FactFilter | HeldQuery) -> Select[Any]:
    """Only what held on the day, as it was known at the instant, that ``query`` names."""
    table = rows(register.table)
    if query.known_at is None:
        statement = statement.where(table.c.replaced_at.is_(None))
    else:
        statement = statement.where(
            table.c.recorded_at <= query.known_at,
            or_(table.c.replaced_at.is_(None), table.c.replaced_at > query.known_at),
        )
    if query.on is not None:
        statement = statement.where(
            table.c.holds_from <= query.on, or_(table.c.holds_to.is_(None), table.c.holds_to >= query.on)
        )
    return statement


def with_finding(register: Register, statement: Select[Any], code: str | None) -> Select[Any]:
    """Only facts with an open finding: of one code, or of any.

    :raises InvalidInput: for a code that is none of the register's findings.
    """
    if code is None:
        return statement
    refuse_unlisted("finding", [code], [ANY_FINDING, *(rule.code for rule in register.findings)])
    return statement.where(has_finding(register, code))


def has_finding(register: Register, code: str) -> ColumnElement[bool]:
    """Whether a finding of the fact is open."""
    table = rows(register.table)
    found = select(FINDING.c.id).where(FINDING.c.fact_id == table.c.id, FINDING.c.state == "open")
    return exists(found if code == ANY_FINDING else found.where(FINDING.c.code == code))
