"""What a cadre may change of the registry without a network."""

from __future__ import annotations

from typing import Any, Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.identity_numbers import Phone
from chassis.operations.definition import Call, Done, Edit, OperationKind
from services.monitoring import permissions as may
from services.monitoring.households.actions.patch import (
    household_change,
    lock_person,
    patch_household,
    patch_person,
    person_change,
)
from services.monitoring.households.actions.settle import settle_finding
from services.monitoring.households.queries.findings import finding_row, show_finding
from services.monitoring.households.queries.one import household_row, show_household, show_person
from services.monitoring.households.schemas.findings import FindingSettle
from services.monitoring.households.schemas.patches import HouseholdPatch, PersonPatch

_NUMBERS: Final = {"phone", "disability_number"}


async def _patch_household(call: Call[HouseholdPatch], version: int) -> Done:
    return Done(call.entity_id, (await patch_household(call.unit, call.entity_id, call.body, version=version)).version)


async def _household_edit(call: Call[HouseholdPatch]) -> Edit:
    row = await household_row(call.unit, call.entity_id, lock=True)
    change = household_change(call.unit, call.body, row, on=row.valid_from)
    shown = show_household(call.unit, row, [], open_findings=None)
    theirs = shown.model_dump(mode="json") | {"phone": shown.phone_masked}
    return Edit(row.version, frozenset(change.fields), _given(call.body), theirs)


async def _patch_person(call: Call[PersonPatch], version: int) -> Done:
    return Done(call.entity_id, (await patch_person(call.unit, call.entity_id, call.body, version=version)).version)


async def _person_edit(call: Call[PersonPatch]) -> Edit:
    row, _household = await lock_person(call.unit, call.entity_id)
    change = person_change(call.unit, call.body, row, on=row.valid_from)
    return Edit(row.version, frozenset(change.fields), _given_of_person(call.body), _shown_person(call.unit, row))


async def _settle_finding(call: Call[FindingSettle], version: int) -> Done:
    settled = await settle_finding(call.unit, call.entity_id, call.body, version=version, language=call.language)
    return Done(settled.id, settled.version)


async def _finding_edit(call: Call[FindingSettle]) -> Edit:
    row = await finding_row(call.unit, call.entity_id, lock=True)
    theirs = show_finding(row, language=call.language).model_dump(mode="json")
    yours = {"state": call.body.outcome, "explanation": call.body.explanation}
    return Edit(row.version, frozenset(name for name in yours if yours[name] != theirs[name]), yours, theirs)


def _given(body: HouseholdPatch | PersonPatch) -> dict[str, Any]:
    """What the patch gives, a phone masked: whoever sent it knows it, and the answer is kept."""
    phone: Phone | None = body.phone
    return body.model_dump(mode="json", exclude=_NUMBERS) | {"phone": phone.masked if phone else None}


def _given_of_person(body: PersonPatch) -> dict[str, Any]:
    number = body.disability_number
    told = {"class": number.class_code, "level": number.level_code} if number else None
    return _given(body) | {"disability_number": told}


def _shown_person(unit: UnitOfWork, row: Any) -> dict[str, Any]:
    shown = show_person(unit, row).model_dump(mode="json")
    told = {"class": shown["disability_class"], "level": shown["disability_level"]}
    return shown | {"phone": shown["phone_masked"], "disability_number": told if any(told.values()) else None}


OPERATIONS: Final = (
    OperationKind(
        name="household.patch",
        permission=may.HOUSEHOLD_CHANGE,
        body=HouseholdPatch,
        change=_patch_household,
        edit=_household_edit,
        thing="household",
    ),
    OperationKind(
        name="person.patch",
        permission=may.HOUSEHOLD_CHANGE,
        body=PersonPatch,
        change=_patch_person,
        edit=_person_edit,
        thing="person",
    ),
    OperationKind(
        name="finding.settle",
        permission=may.FINDING_SETTLE,
        body=FindingSettle,
        change=_settle_finding,
        edit=_finding_edit,
        thing="finding",
    ),
)
