"""The registers of people who need attention, and one child's carers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.http.pagination import keyset, next_cursor
from chassis.security.masking import mask_name
from services.monitoring.attention.parameters import CARER_KINDS
from services.monitoring.attention.schemas import (
    AttentionPage,
    AttentionQuery,
    AttentionRead,
    AttentionRow,
    CareQuery,
    CareRead,
    CarerRead,
    GuardianshipRead,
)
from services.monitoring.attention.tables import Attention, Carer, GuardianshipCheck
from services.monitoring.codes.visits import HEALTH_MARKS, AttentionKind
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.queries.one import KNOWS_HEALTH, KNOWS_NAMES, person_row
from services.monitoring.households.tables import Person
from services.monitoring.parameters import book_of

ATTENTION: Final = rows(Attention)
CHECK: Final = rows(GuardianshipCheck)
CARER: Final = rows(Carer)
_PERSON: Final = rows(Person)
_OPERATION: Final = "attention_list"


async def list_attention(unit: UnitOfWork, query: AttentionQuery) -> AttentionPage:
    """One page of the register; without marks of health for who may not know it.

    :raises NotFound: if the division asked for lies outside the caller's area.
    """
    area = narrowed(unit, query.region)
    latest = (
        select(CHECK.c.checked_on, CHECK.c.is_adequate)
        .where(CHECK.c.person_id == ATTENTION.c.person_id, CHECK.c.state == "recorded")
        .order_by(CHECK.c.checked_on.desc(), CHECK.c.id.desc())
        .limit(1)
        .lateral()
    )
    statement = (
        select(
            ATTENTION,
            _PERSON.c.name.label("person_name"),
            latest.c.checked_on.label("guardianship_checked_on"),
            latest.c.is_adequate.label("guardianship_is_adequate"),
        )
        .join(_PERSON, _PERSON.c.id == ATTENTION.c.person_id)
        .outerjoin(latest, true())
        .where(
            ATTENTION.c.region.between(area.lo, area.hi),
            ATTENTION.c.state == "active",
            holds_on(ATTENTION, query.on or unit.clock.today()),
        )
    )
    if unit.actor.role not in KNOWS_HEALTH:
        statement = statement.where(ATTENTION.c.kind.not_in([str(kind) for kind in HEALTH_MARKS]))
    if query.kind is not None:
        statement = statement.where(ATTENTION.c.kind == query.kind.value)
    if query.person_id is not None:
        statement = statement.where(ATTENTION.c.person_id == query.person_id)
    after = query.position(unit.vault.cursors, _OPERATION)
    keys = [ATTENTION.c.region, ATTENTION.c.kind, ATTENTION.c.id]
    found = (await unit.connection.execute(keyset(statement, keys, after, query.limit))).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, _OPERATION, lambda row: [row.region, row.kind, str(row.id)]
    )
    return AttentionPage(items=[_row(unit, row) for row in kept], next_cursor=cursor)


async def read_care(unit: UnitOfWork, person_id: UUID, query: CareQuery) -> CareRead:
    """A child's carers on a day.

    :raises NotFound: if there is no such person in the caller's area.
    """
    person = await person_row(unit, person_id)
    on = query.on or unit.clock.today()
    carers = (
        await unit.connection.execute(
            select(CARER)
            .where(CARER.c.person_id == person_id, in_area(unit, CARER), holds_on(CARER, on))
            .order_by(CARER.c.kind)
        )
    ).all()
    checks = (
        await unit.connection.execute(
            select(CHECK)
            .where(CHECK.c.person_id == person_id, in_area(unit, CHECK), CHECK.c.checked_on <= on)
            .where(CHECK.c.state == "recorded")
            .order_by(CHECK.c.checked_on, CHECK.c.id)
        )
    ).all()
    statement = select(ATTENTION.c.id).where(
        ATTENTION.c.person_id == person_id,
        ATTENTION.c.kind == AttentionKind.LEFT_BEHIND_CHILD.value,
        ATTENTION.c.state == "active",
        in_area(unit, ATTENTION),
        holds_on(ATTENTION, on),
    )
    wanted: Sequence[str] = ()
    if (await unit.connection.execute(statement)).first() is not None:
        book = await book_of(unit, person.region)
        wanted = book.items(CARER_KINDS, region=person.region, on=on)
    there = {row.kind for row in carers}
    return CareRead(
        person_id=person_id,
        on=on,
        carers=[show_carer(row) for row in carers],
        missing=[kind for kind in wanted if kind not in there],
        checks=[show_check(row) for row in checks],
    )


def holds_on(table: Any, on: date) -> ColumnElement[bool]:
    """Whether a dated fact holds on a day."""
    return and_(table.c.starts_on <= on, or_(table.c.ends_on.is_(None), table.c.ends_on >= on))


def in_area(unit: UnitOfWork, table: Any) -> ColumnElement[bool]:
    """State the range in the query itself; the policy is the backstop."""
    condition: ColumnElement[bool] = table.c.region.between(unit.area.lo, unit.area.hi)
    return condition


def show_attention(row: Any) -> AttentionRead:
    return AttentionRead(**{name: getattr(row, name) for name in AttentionRead.model_fields})


def show_carer(row: Any) -> CarerRead:
    return CarerRead(**{name: getattr(row, name) for name in CarerRead.model_fields})


def show_check(row: Any) -> GuardianshipRead:
    return GuardianshipRead(**{name: getattr(row, name) for name in GuardianshipRead.model_fields})


def _row(unit: UnitOfWork, row: Any) -> AttentionRow:
    known = {name: getattr(row, name) for name in AttentionRow.model_fields}
    if unit.actor.role not in KNOWS_NAMES:
        known["person_name"] = mask_name(row.person_name)
    return AttentionRow(**known)
