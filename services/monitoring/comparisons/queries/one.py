"""One request with its items, each as the caller may know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.identity_numbers import IdentityNumber
from chassis.security.masking import mask_name
from chassis.tabular import Column, Kind
from chassis.types import fen_to_yuan
from services.monitoring.clues.visibility import may_know_health
from services.monitoring.comparisons.facts import facts
from services.monitoring.comparisons.queries.requests import item_rows, request_row
from services.monitoring.comparisons.schemas import (
    ComparedItem,
    ComparedPerson,
    ComparedValue,
    ComparisonBasis,
    ComparisonRequestRead,
    ComparisonRow,
    FactColumn,
)
from services.monitoring.households.numbers import open_sealed
from services.monitoring.households.queries.one import KNOWS_NAMES
from services.monitoring.households.tables import Person

ITEM_TABLE: Final = "comparison_item"
_PERSON: Final = rows(Person)


async def read_request(unit: UnitOfWork, request_id: UUID) -> ComparisonRequestRead:
    """A request as the caller may see it.

    :raises NotFound: if there is none in the caller's area, or for a clerk of another department.
    """
    return await show_request(unit, await request_row(unit, request_id))


async def show_request(unit: UnitOfWork, row: Any) -> ComparisonRequestRead:
    """The row of a request with its items and the people that it is about."""
    [document] = await show_requests(unit, [row])
    return document


async def show_requests(unit: UnitOfWork, found: Sequence[Any]) -> list[ComparisonRequestRead]:
    """The same for many, in two statements."""
    items = await item_rows(unit, [row.id for row in found])
    people = {one.id: one for one in await person_rows(unit, [who for row in found for who in row.persons])}
    now = unit.clock.business_now()
    return [
        ComparisonRequestRead(
            **shown(row, now),
            basis=ComparisonBasis(**row.basis) if row.basis else None,
            persons=[_person(unit, people[who]) for who in row.persons if who in people],
            items=[_item(unit, row, item) for item in items[row.id]],
        )
        for row in found
    ]


def shown(row: Any, now: datetime) -> dict[str, Any]:
    """The fields that every view of a request has."""
    known = {name: getattr(row, name) for name in ComparisonRow.model_fields if name != "is_overdue"}
    return {**known, "is_overdue": row.state == "open" and now > row.due_at}


async def person_rows(unit: UnitOfWork, persons: Sequence[UUID]) -> Sequence[Any]:
    """The people of requests that are still in the caller's area, in the requests' order."""
    statement = select(_PERSON).where(_PERSON.c.id.in_(persons), _PERSON.c.region.between(unit.area.lo, unit.area.hi))
    found = {row.id: row for row in await unit.connection.execute(statement)}
    return [found[one] for one in persons if one in found]


def _person(unit: UnitOfWork, person: Any) -> ComparedPerson:
    number = open_sealed(unit.vault, person.identity_number, column="identity_number", row=person.id)
    return ComparedPerson(
        person_id=person.id,
        name=person.name if unit.actor.role in KNOWS_NAMES else mask_name(person.name),
        identity_number_masked=IdentityNumber(number).masked if number else None,
    )


def _item(unit: UnitOfWork, request: Any, item: Any) -> ComparedItem:
    fact = facts()[item.fact]
    frame = {
        "id": item.id,
        "person_id": item.person_id,
        "fact": fact.code,
        "fact_title": fact.title.zh,
        "dataset": fact.dataset,
        "record_id": item.record_id,
        "known_on": item.known_on,
    }
    if fact.tells_health and not may_know_health(unit):
        return ComparedItem(**frame, hides_health=True)
    columns = {column.name: column for column in fact.columns(request.asked_on)}
    note = item.note and unit.vault.encryptor.open(bytes(item.note), table=ITEM_TABLE, column="note", row=item.id)
    return ComparedItem(
        **frame,
        known=_values(columns, item.known),
        columns=[
            FactColumn(column=column.name, label=column.label, choices=list(column.choices))
            for column in columns.values()
        ],
        result=item.result,
        values=_values(columns, item.given),
        # A clerk's own words may tell of anything; they are for who works on the case.
        note=note if may_know_health(unit) else None,
    )


def _values(columns: Mapping[str, Column], values: Mapping[str, Any] | None) -> list[ComparedValue] | None:
    if values is None:
        return None
    return [_value(columns[name], value) for name, value in values.items() if name in columns]


def _value(column: Column, value: Any) -> ComparedValue:
    told, label = str(value), None
    if column.kind is Kind.AMOUNT:
        told = fen_to_yuan(value)
    elif column.kind is Kind.YES_NO:
        told, label = ("true", "是") if value else ("false", "否")
    elif column.kind is Kind.CHOICE:
        label = next((name for name, code in column.choices.items() if code == value), None)
    return ComparedValue(column=column.name, label=column.label, value=told, value_label=label)
