"""Read one public list into the type that can hold nothing personal but a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, NotFound, StateRefused
from chassis.paper.document import Document
from services.monitoring.cases.queries.rows import CASE, LINE, LIST
from services.monitoring.classification.parameters import type_labels
from services.monitoring.codes.monitoring import MonitoringType
from services.monitoring.codes.relations import Relation
from services.monitoring.paper.parameters import NAMES_MASKED
from services.monitoring.paper.queries.households import PERSON
from services.monitoring.paper.queries.places import names_of, office_of
from services.monitoring.paper.queries.selection import HOUSEHOLD
from services.monitoring.paper.rules.public import (
    NotForThePublic,
    OfficeTelephone,
    PublicLine,
    PublicListPaper,
    PublicName,
    PublicPlace,
    PublicPurpose,
    public_list,
    public_reason,
)
from services.monitoring.parameters import book_of

_NOT_PUBLIC = Message(
    "名单内容不适合公示（如姓名、村名或受理单位含有号码），请先更正登记信息或参数。",
    "Something on the list may not hang in public; correct the name, the division or the office's parameter first.",
)


async def print_public_list(unit: UnitOfWork, list_id: UUID) -> Document:
    """The list with the households that hang on it, or that hung last once it is over.

    :raises NotFound: if there is none in the caller's area.
    :raises StateRefused: if a name or place holds what may not be shown.
    """
    try:
        return public_list(await read_public_list(unit, list_id))
    except NotForThePublic:
        raise StateRefused(faults=[Fault("", "not_for_the_public", _NOT_PUBLIC)]) from None


async def read_public_list(unit: UnitOfWork, list_id: UUID) -> PublicListPaper:
    """What the list shows.

    :raises NotFound: if there is none in the caller's area. NotForThePublic: if a text of it may not be shown.
    """
    found = select(LIST).where(LIST.c.id == list_id, LIST.c.region.between(unit.area.lo, unit.area.hi))
    row = (await unit.connection.execute(found)).one_or_none()
    if row is None:
        raise NotFound
    on = unit.clock.today()
    # Of a household that is gone by now, whoever was its head: what hung can be printed again.
    head = (
        select(PERSON.c.name)
        .where(PERSON.c.household_id == CASE.c.household_id, PERSON.c.state != "removed")
        .order_by(
            PERSON.c.state != "active",
            PERSON.c.relation != Relation.HEAD.value,
            PERSON.c.relation,
            PERSON.c.birth_date,
            PERSON.c.id,
        )
        .limit(1)
        .scalar_subquery()
    )
    hanging = select(LINE.c.case_id).where(
        LINE.c.list_id == list_id,
        LINE.c.region.between(unit.area.lo, unit.area.hi),
        LINE.c.until.is_(None) if row.state == "shown" else LINE.c.counts,
    )
    # Named one by one: nothing else of a household or person is even read.
    statement = (
        select(head.label("head"), HOUSEHOLD.c.member_count, CASE.c.monitoring_type, CASE.c.risks, CASE.c.id)
        .join(HOUSEHOLD, HOUSEHOLD.c.id == CASE.c.household_id)
        .where(CASE.c.id.in_(hanging), CASE.c.region.between(unit.area.lo, unit.area.hi))
        .order_by(CASE.c.id)
    )
    book = await book_of(unit, row.region)
    masked = book.boolean(NAMES_MASKED, region=row.region, on=on)
    labels = type_labels(book, region=row.region, on=row.shown_from)
    names = await names_of(unit, [row.region], on)
    office = await office_of(unit, row.region, on)
    lines = (await unit.connection.execute(statement)).all()
    return PublicListPaper(
        purpose=PublicPurpose[row.purpose.upper()],
        village=PublicPlace(names.get(row.region, "本村")),
        lines=tuple(_line(one, masked=masked) for one in lines),
        shown_from=row.shown_from,
        shown_until=row.shown_from + timedelta(days=row.days - 1),
        office=PublicPlace(office.name),
        telephone=OfficeTelephone(office.telephone),
        type_labels={one: PublicPlace(label) for one, label in labels.items()},
    )


def _line(row: Any, *, masked: bool) -> PublicLine:
    name = None if row.head is None else PublicName(row.head)
    kind = row.monitoring_type
    return PublicLine(
        name=name.with_middle_hidden() if masked and name is not None else name,
        members=row.member_count,
        type=None if kind is None else MonitoringType(kind),
        reason=public_reason(row.risks),
    )
