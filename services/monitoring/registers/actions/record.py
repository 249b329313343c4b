"""Record a fact by hand, correct it, withdraw it; what it said before stays, and findings follow at once."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, text, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotAllowed, StateRefused, placed
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.scope import FIELD
from services.monitoring.codes.registers import FactSource
from services.monitoring.households.queries.one import household_row, person_row
from services.monitoring.parameters import book_of
from services.monitoring.registers.actions.assess import assess_households
from services.monitoring.registers.actions.look_up import lookup_in
from services.monitoring.registers.described import FactGrain, Register
from services.monitoring.registers.models import FactCreate, FactRead
from services.monitoring.registers.queries.facts import fact_row, show_facts
from services.monitoring.registers.visibility import seen
from services.monitoring.screening.actions.request_run import county_of

_AFTER_TODAY: Final = Message("开始日期不能晚于今天。", "It cannot begin after today.")
_ENDS_BEFORE: Final = Message("结束日期早于开始日期。", "It ends before it begins.")
_ENDED: Final = Message("此人或该户已不在册，不能再登记。", "The person or household is no longer on the registry.")
_NOT_YOURS: Final = Message(
    "此台账由其他岗位登记，请联系有登记权限的岗位。", "Others record this register; ask a post that may."
)
_FROM_ELSEWHERE: Final = Message(
    "此条来自行业部门或系统核算，请由报送部门在来源处更正。",
    "This came from a department or was computed; have the department correct its file.",
)
_OTHER_SUBJECT: Final = Message("不能改为另一人或另一户，请撤销后另行登记。", "Withdraw it and record it anew.")
_OTHER_REGISTER: Final = Message("与路径中的台账不一致。", "This is not the register that the path names.")


async def record_fact(unit: UnitOfWork, body: FactCreate) -> FactRead:
    """Record a fact of a person or household in the caller's area.

    :raises NotAllowed: if others record this register. :raises NotFound: if there is no such person or household.
    :raises StateRefused: if they are no longer on the registry. :raises InvalidInput: naming everything against it.
    """
    register = _recordable(unit, body.register_code)
    subject = await _subject(unit, register, _subject_id(register, body))
    if subject.state != "active":
        raise StateRefused(faults=[Fault("", "subject_ended", _ENDED)])
    if faults := await _against(unit, register, body, subject.region):
        raise InvalidInput(faults=faults)
    fact_id = body.id or new_id()
    is_person = register.grain is FactGrain.PERSON
    first = {
        "id": fact_id,
        "version": 1,
        "region": subject.region,
        "household_id": subject.household_id if is_person else subject.id,
        "person_id": subject.id if is_person else None,
        "fact_key": str(fact_id),
    }
    return await _write(unit, register, first | _said(register, body), "register.record", None)


async def correct_fact(
    unit: UnitOfWork, code: str, fact_id: UUID, body: FactCreate, *, reason: str, version: int
) -> FactRead:
    """Replace what a fact says that was recorded by hand; it keeps whose it is.

    :raises NotFound: if there is none in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it came from a department or was computed.
    :raises InvalidInput: naming everything against it. :raises NotAllowed: if others record this register.
    """
    register = _recordable(unit, code)
    row = await _own(unit, register, fact_id, version)
    faults: list[Fault] = []
    if body.register_code != code:
        raise InvalidInput(faults=[Fault("/fact/register_code", "other_register", _OTHER_REGISTER)])
    if _subject_id(register, body) != (row.person_id or row.household_id):
        faults.append(Fault("/fact", "other_subject", _OTHER_SUBJECT))
    faults += placed(await _against(unit, register, body, row.region), "/fact")
    if faults:
        raise InvalidInput(faults=faults)
    kept = {name: getattr(row, name) for name in ("id", "region", "household_id", "person_id", "fact_key")}
    await _replace(unit, register, row)
    values = kept | {"version": row.version + 1, "reason": reason} | _said(register, body)
    return await _write(unit, register, values, "register.correct", reason)


async def withdraw_fact(unit: UnitOfWork, code: str, fact_id: UUID, *, reason: str, version: int) -> None:
    """Let a fact that was recorded by hand no longer hold; errors as :func:`correct_fact`."""
    register = _recordable(unit, code)
    row = await _own(unit, register, fact_id, version)
    await _replace(unit, register, row)
    gone = Aggregate(register.kind, row.id, row.region, row.version + 1)
    unit.record("register.withdraw", gone, fields=["replaced_at"], reason=reason, deleted=True)
    await assess_households(unit, register, county=county_of(row.region), households=[row.household_id])


def _recordable(unit: UnitOfWork, code: str) -> Register:
    register = seen(unit, code)
    if unit.actor.role not in register.recorders:
        raise NotAllowed(_NOT_YOURS)
    return register


def _subject_id(register: Register, body: FactCreate) -> UUID:
    found: UUID = getattr(body, "person_id" if register.grain is FactGrain.PERSON else "household_id")
    return found


async def _subject(unit: UnitOfWork, register: Register, subject_id: UUID) -> Any:
    if register.grain is FactGrain.PERSON:
        return await person_row(unit, subject_id)
    return await household_row(unit, subject_id)


def _said(register: Register, body: FactCreate) -> dict[str, Any]:
    said = {name: getattr(body, name) for name in register.columns}
    until = body.holds_from if register.ends_the_same_day else body.holds_to
    return {**said, "holds_from": body.holds_from, "holds_to": until}


async def _against(unit: UnitOfWork, register: Register, body: FactCreate, region: int) -> list[Fault]:
    """Everything that is against recording ``body``."""
    found = []
    if body.holds_from > unit.clock.today():
        found.append(Fault("/holds_from", "after_today", _AFTER_TODAY))
    if body.holds_to is not None and body.holds_to < body.holds_from:
        found.append(Fault("/holds_to", "ends_before", _ENDS_BEFORE))
    lookup = lookup_in(await book_of(unit, region), region)
    found += register.checks({name: getattr(body, name) for name in register.columns}, body.holds_from, lookup)
    return found


async def _own(unit: UnitOfWork, register: Register, fact_id: UUID, version: int) -> Any:
    row = await fact_row(unit, register, fact_id, lock=True)
    require_version(version, row.version)
    if row.source not in (FactSource.OFFICER, FactSource.CADRE):
        raise StateRefused(faults=[Fault("", "fact_from_elsewhere", _FROM_ELSEWHERE)])
    return row


async def _replace(unit: UnitOfWork, register: Register, row: Any) -> None:
    table = rows(register.table)
    await unit.connection.execute(
        update(table)
        .where(table.c.id == row.id, table.c.version == row.version)
        .values(replaced_at=text("clock_timestamp()"))
    )


async def _write(
    unit: UnitOfWork, register: Register, values: dict[str, Any], action: str, reason: str | None
) -> FactRead:
    table = rows(register.table)
    county = county_of(values["region"])
    source = FactSource.CADRE if unit.actor.role in FIELD else FactSource.OFFICER
    stored = values | {"source": source, "county": county, "recorded_by": unit.actor.subject}
    saved = (await unit.connection.execute(insert(table).values(**stored).returning(table.c.version))).scalar_one()
    fields = sorted({*register.columns, "holds_from", "holds_to"})
    unit.record(action, Aggregate(register.kind, values["id"], values["region"], saved), fields=fields, reason=reason)
    await assess_households(unit, register, county=county, households=[values["household_id"]])
    [fact] = await show_facts(unit, register, [await fact_row(unit, register, values["id"])])
    return fact
