"""Change fields of a household or person: only what differs, from a day on, with the state before kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.identity_numbers import DisabilityNumber, Phone
from services.monitoring.households.numbers import HOUSEHOLD, PERSON, open_sealed, seal
from services.monitoring.households.queries.one import (
    household_row,
    person_row,
    present_household,
    show_person,
)
from services.monitoring.households.rules.states import fault
from services.monitoring.households.schemas import HouseholdRead, PersonRead
from services.monitoring.households.schemas.patches import HouseholdPatch, PersonPatch
from services.monitoring.households.standing import judge_again
from services.monitoring.households.versions import Change, Versions, columns_of, tell_household, tell_person

_NEVER_EMPTY: Final = frozenset(
    {"name", "birth_date", "sex", "health", "is_resettled", "is_left_behind", "registration_region"}
)
_FROM_NUMBER: Final = frozenset({"birth_date", "sex"})
_FOLLOWS_NUMBER = Message(
    "此项由身份证号得出，请更正身份证号。", "This follows from the identity number; correct the number instead."
)
_NOT_NULL = Message("此项不能清空，请填写或不提交。", "This field cannot be emptied; give a value or leave it out.")
_NOT_ACTIVE = Message(
    "此人已去世、迁出或被移除，不能再修改。", "This person has died, moved out or was removed; nothing can be changed."
)


async def patch_household(unit: UnitOfWork, household_id: UUID, body: HouseholdPatch, *, version: int) -> HouseholdRead:
    """Change what differs; a patch that changes nothing keeps the version.

    :raises NotFound: if it is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if the household has ended.
    :raises InvalidInput: for a day after today or before the present state's, and with every rule that would be broken.
    """
    household = await household_row(unit, household_id, lock=True)
    require_version(version, household.version)
    if household.state != "active":
        raise StateRefused(faults=[fault("", "household_ended")])
    change = household_change(unit, body, household, on=_day(unit, body.valid_from, household))
    if not change.fields:
        return await present_household(unit, household)
    [changed] = await Versions(unit).households([change])
    tell_household(unit, "household.patch", change, changed)
    await judge_again(unit, changed)
    return await present_household(unit, changed)


async def patch_person(unit: UnitOfWork, person_id: UUID, body: PersonPatch, *, version: int) -> PersonRead:
    """Change what differs; a patch that changes nothing keeps the version. Errors as :func:`patch_household`."""
    person, household = await locked_person(unit, person_id, version=version)
    change = person_change(unit, body, person, on=_day(unit, body.valid_from, person))
    if not change.fields:
        return show_person(unit, person)
    [changed] = await Versions(unit).persons([change])
    tell_person(unit, "person.patch", change, changed, household)
    await judge_again(unit, household)
    return show_person(unit, changed)


async def locked_person(unit: UnitOfWork, person_id: UUID, *, version: int) -> tuple[Any, Any]:
    """The rows of a living person and of their household, both locked, the household first as everywhere.

    :raises NotFound: if the person is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if the person is in no household any more.
    """
    person, household = await lock_person(unit, person_id)
    require_version(version, person.version)
    if person.state != "active":
        raise StateRefused(faults=[Fault("", "person_not_active", _NOT_ACTIVE)])
    return person, household


async def lock_person(unit: UnitOfWork, person_id: UUID) -> tuple[Any, Any]:
    """The rows of a person and of their household as they are, both locked.

    :raises NotFound: if the person is not in the caller's area.
    """
    seen = await person_row(unit, person_id)
    household = await household_row(unit, seen.household_id, lock=True)
    return await person_row(unit, person_id, lock=True), household


def household_change(unit: UnitOfWork, body: HouseholdPatch, row: Any, *, on: date) -> Change:
    """What the patch makes of a household's present row.

    :raises InvalidInput: if it empties a field that may not be empty.
    """
    return Change(row, _household_values(unit, body, row), on)


def person_change(unit: UnitOfWork, body: PersonPatch, row: Any, *, on: date) -> Change:
    """What the patch makes of a person's present row.

    :raises InvalidInput: if it empties a field that may not be empty, or changes what follows from the number.
    """
    return Change(row, _person_values(unit, body, row), on)


def _household_values(unit: UnitOfWork, body: HouseholdPatch, row: Any) -> Mapping[str, Any]:
    values = _given(body)
    if "phone" in body.model_fields_set:
        values |= _sealed(unit, body.phone, row, column="contact_phone", table=HOUSEHOLD)
    return values


def _person_values(unit: UnitOfWork, body: PersonPatch, row: Any) -> Mapping[str, Any]:
    values = _given(body)
    if row.identity_number is not None:
        known = columns_of(row)
        derived = sorted(name for name in _FROM_NUMBER & values.keys() if values[name] != known[name])
        if derived:
            raise InvalidInput(faults=[Fault(f"/{name}", "follows_number", _FOLLOWS_NUMBER) for name in derived])
    if "phone" in body.model_fields_set:
        values |= _sealed(unit, body.phone, row, column="phone")
    if "disability_number" in body.model_fields_set:
        number = body.disability_number
        values |= _sealed(unit, number, row, column="disability_number")
        values["disability_class"] = number.class_code if number else None
        values["disability_level"] = number.level_code if number else None
    return values


def _given(body: HouseholdPatch | PersonPatch) -> dict[str, Any]:
    """What the body says of columns that lie open.

    :raises InvalidInput: if it empties one that may not be empty.
    """
    open_fields = body.model_fields_set - {"valid_from", "phone", "disability_number"}
    given = {name: getattr(body, name) for name in open_fields}
    empty = sorted(name for name, value in given.items() if value is None and name in _NEVER_EMPTY)
    if empty:
        raise InvalidInput(faults=[Fault(f"/{name}", "null_not_allowed", _NOT_NULL) for name in empty])
    return given


def _sealed(
    unit: UnitOfWork, number: DisabilityNumber | Phone | None, row: Any, *, column: str, table: str = PERSON
) -> dict[str, Any]:
    """The ciphertext of ``number`` if it is another one; sealing the same again would differ and look like a change."""
    known = open_sealed(unit.vault, columns_of(row)[column], column=column, row=row.id, table=table)
    if known == (number.value if number else None):
        return {}
    return {column: seal(unit.vault, number, column=column, row=row.id, table=table)}


def _day(unit: UnitOfWork, asked: date | None, row: Any) -> date:
    today = unit.clock.today()
    on = asked or today
    faults = []
    if on > today:
        faults.append(fault("/valid_from", "change_after_today"))
    if on < row.valid_from:
        faults.append(fault("/valid_from", "change_before_the_last"))
    if faults:
        raise InvalidInput(faults=faults)
    return on
