"""Give a person another identity number, or note a former one; whoever bore a number is found by it afterwards."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, StateRefused
from chassis.identity_numbers import IdentityNumber
from chassis.records import Aggregate
from services.monitoring.codes.changes import NumberChangeReason
from services.monitoring.households.actions.clashes import report_clash
from services.monitoring.households.actions.patch import locked_person
from services.monitoring.households.numbers import open_sealed, seal
from services.monitoring.households.owners import find_owners
from services.monitoring.households.queries.one import person_row, show_person
from services.monitoring.households.rules.numbers import NumberCorrection, refusals_of_correction
from services.monitoring.households.rules.states import fault
from services.monitoring.households.schemas import PersonRead
from services.monitoring.households.schemas.members import FormerNumberEnter, NumberCorrect
from services.monitoring.households.standing import judge_again
from services.monitoring.households.tables import PersonNumber
from services.monitoring.households.versions import Change, Versions, tell_person

_NUMBER: Final = rows(PersonNumber)
_KIND_OF_OLD: Final = {
    NumberChangeReason.TYPING_ERROR: "corrected",
    NumberChangeReason.REPLACED: "former",
    NumberChangeReason.UPGRADED: "former",
}
"""What the old number is afterwards. One that two people bore (重号) is given up: it would find the wrong one."""

_HELD = Message(
    "该号码已登记在另一人名下，已提请县级核实。",
    "Another person of the registry bears this number; the county has been asked to look into it.",
)


async def correct_number(unit: UnitOfWork, person_id: UUID, body: NumberCorrect, *, version: int) -> PersonRead:
    """The person with the new number, and with the birth date and sex that it says.

    :raises NotFound: if the person is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails. Where somebody else bears the number, that person's county gets
        a task.
    """
    person, household = await locked_person(unit, person_id, version=version)
    known = open_sealed(unit.vault, person.identity_number, column="identity_number", row=person.id)
    new = body.identity_number
    held_by_other = await _held_by_other(unit, person.id, person.region, new)
    correction = NumberCorrection(
        current=IdentityNumber(known) if known else None,
        new=new,
        reason=body.reason,
        held_by_other=held_by_other,
        on=body.on,
    )
    refusals = list(refusals_of_correction(correction, today=unit.clock.today()))
    if body.on < person.valid_from:
        refusals.append(fault("/on", "change_before_the_last"))
    if refusals:
        raise StateRefused(faults=refusals)
    await _give_up_current(unit, person.id, body.reason)
    await _keep_number(unit, person.id, new, kind="current")
    values = {
        "identity_number": seal(unit.vault, new, column="identity_number", row=person.id),
        "no_number_reason": None,
        "birth_date": new.birth_date,
        "sex": new.sex_code,
    }
    change = Change(person, values, body.on)
    [changed] = await Versions(unit).persons([change])
    tell_person(unit, "person.correct_number", change, changed, household, reason=body.reason)
    await judge_again(unit, household, about=person.id)
    return show_person(unit, changed)


async def enter_former_number(unit: UnitOfWork, person_id: UUID, body: FormerNumberEnter) -> PersonRead:
    """The person, who is found by this number too from now on; the record itself says nothing new.

    :raises NotFound: if the person is not in the caller's area.
    :raises StateRefused: if somebody else bears the number; that person's county gets a task.
    """
    person = await person_row(unit, person_id, lock=True)
    if await _held_by_other(unit, person.id, person.region, body.identity_number):
        raise StateRefused(faults=[Fault("/identity_number", "number_held_by_other", _HELD)])
    index = unit.vault.identity_numbers.of(body.identity_number.value)
    row = {"blind_index": index, "person_id": person.id, "kind": "former"}
    made = await unit.connection.execute(
        insert(_NUMBER).values(row).on_conflict_do_nothing().returning(_NUMBER.c.person_id)
    )
    if made.one_or_none() is not None:
        # version 0: the person's document is the same as before.
        unit.record("person.enter_former_number", Aggregate("person", person.id, person.region, 0), reason=body.reason)
    return show_person(unit, person)


async def _held_by_other(unit: UnitOfWork, person_id: UUID, region: int, number: IdentityNumber) -> bool:
    owners = await find_owners(unit.connection, unit.vault, [number.value])
    others = [owner for owner in owners.values() if owner != person_id]
    if others:
        unit.if_refused(report_clash(others, claimed_region=region, on=unit.clock.today()))
    return bool(others)


async def _give_up_current(unit: UnitOfWork, person_id: UUID, reason: NumberChangeReason) -> None:
    """The number that held so far is kept under its new kind, or given up."""
    current = (_NUMBER.c.person_id == person_id, _NUMBER.c.kind == "current")
    kind = _KIND_OF_OLD.get(reason)
    if kind is None:
        await unit.connection.execute(delete(_NUMBER).where(*current))
    else:
        await unit.connection.execute(update(_NUMBER).where(*current).values(kind=kind))


async def _keep_number(unit: UnitOfWork, person_id: UUID, number: IdentityNumber, *, kind: str) -> None:
    """The person is found by ``number``; one that comes back is in use again."""
    candidates = unit.vault.identity_numbers.candidates(number.value)
    await unit.connection.execute(
        delete(_NUMBER).where(_NUMBER.c.person_id == person_id, _NUMBER.c.blind_index.in_(candidates))
    )
    row = {"blind_index": candidates[0], "person_id": person_id, "kind": kind}
    await unit.connection.execute(insert(_NUMBER).values(row))
