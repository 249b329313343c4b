"""Find persons by number or by name and year of birth; who searched for what, and found whom, is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import collate, literal, select

from chassis.audit.reads import sensitive_read
from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from services.monitoring.households.queries.listing import LAST_SIGN
from services.monitoring.households.queries.one import show_person
from services.monitoring.households.schemas.search import MatchedBy, PersonFound, PersonSearch, PersonsFound
from services.monitoring.households.tables import Person, PersonNumber

FOUND_MAX: Final = 50
_PERSON: Final = rows(Person)
_NUMBER: Final = rows(PersonNumber)
_ONE_WAY = Message(
    "请只填写身份证号，或同时填写姓名和出生年份。",
    "Give the identity number alone, or the name and the year of birth.",
)


async def search_persons(unit: UnitOfWork, body: PersonSearch) -> PersonsFound:
    """Everybody of the caller's area whom the search means, whatever their state; at most fifty.

    :raises InvalidInput: unless exactly one way to search is given.
    """
    by_name = body.name is not None and body.birth_year is not None
    halfway = (body.name is None) is not (body.birth_year is None)
    if halfway or by_name is (body.identity_number is not None):
        raise InvalidInput(faults=[Fault("", "search_ambiguous", _ONE_WAY)])
    found = await (_by_name(unit, body) if by_name else _by_number(unit, body))
    kept = found[:FOUND_MAX]
    await sensitive_read(
        unit,
        "person.search",
        "person",
        [row.id for row in kept],
        body.purpose,
        fields=["birth_date", "name"] if by_name else ["identity_number"],
    )
    return PersonsFound(
        items=[PersonFound(matched_by=MatchedBy(row.matched_by), person=show_person(unit, row)) for row in kept],
        is_complete=len(found) == len(kept),
    )


async def _by_number(unit: UnitOfWork, body: PersonSearch) -> Sequence[Any]:
    assert body.identity_number is not None
    candidates = unit.vault.identity_numbers.candidates(body.identity_number.value)
    statement = (
        select(_PERSON, _NUMBER.c.kind.label("matched_by"))
        .join(_NUMBER, _NUMBER.c.person_id == _PERSON.c.id)
        .where(_NUMBER.c.blind_index.in_(candidates), _PERSON.c.region.between(unit.area.lo, unit.area.hi))
    )
    return (await unit.connection.execute(statement)).all()


async def _by_name(unit: UnitOfWork, body: PersonSearch) -> Sequence[Any]:
    assert body.name is not None
    assert body.birth_year is not None
    name = collate(_PERSON.c.name, "C")
    statement = (
        select(_PERSON, literal(MatchedBy.NAME.value).label("matched_by"))
        .where(
            _PERSON.c.region.between(unit.area.lo, unit.area.hi),
            name >= body.name,
            name < body.name + LAST_SIGN,
            _PERSON.c.birth_date.between(date(body.birth_year, 1, 1), date(body.birth_year, 12, 31)),
        )
        .order_by(name, _PERSON.c.id)
        .limit(FOUND_MAX + 1)
    )
    return (await unit.connection.execute(statement)).all()
