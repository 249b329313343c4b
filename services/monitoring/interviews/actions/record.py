"""Keep a filled form: what was asked, and beside it what offices knew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Language, Message
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.cases.queries.of_household import case_faults
from services.monitoring.households.queries.one import household_row
from services.monitoring.interviews.queries.catalogue import form_of
from services.monitoring.interviews.queries.draft import prepare
from services.monitoring.interviews.queries.held import INTERVIEW, TABLE, show_interview
from services.monitoring.interviews.rules import Given, Slot, filled
from services.monitoring.interviews.schemas import InterviewCreate, InterviewRead

FIELDS: Final = ("answers", "form", "held_on", "mode", "present")
_FUTURE: Final = Message("核查日期不能晚于今天。", "The day of the interview cannot lie ahead.")
_NOT_A_MEMBER: Final = Message("此人不是该户现有成员，请核对。", "This person is no present member of the household.")
_ENDED: Final = Message("该户已不在册。", "The household has ended.")


async def record_interview(
    unit: UnitOfWork, household_id: UUID, body: InterviewCreate, *, language: Language
) -> InterviewRead:
    """Keep an interview with a household in the caller's area; somebody else countersigns it.

    :raises NotFound: if there is no such household, or no such version of the form.
    :raises InvalidInput: with every fault of its answers, presence and day.
    """
    household = await household_row(unit, household_id)
    today = unit.clock.today()
    held_on = body.held_on or today
    form = form_of(body.form, version=body.form_version, on=held_on)
    members, fields, known = await prepare(unit, household, form, held_on)
    given = [Given(one.question, one.person_id, one.value) for one in body.answers]
    done, faults = filled(fields, {key: one.value for key, one in known.items()}, given)
    if household.state != "active":
        faults.append(Fault("", "household_ended", _ENDED))
    if held_on > today:
        faults.append(Fault("/held_on", "in_the_future", _FUTURE))
    if not form.holds_on(held_on):
        message = Message(
            f"这一版核查表自 {form.valid_from} 至 {form.valid_to or '今'} 有效。",
            f"This version holds from {form.valid_from} to {form.valid_to or 'further notice'}.",
        )
        faults.append(Fault("/form_version", "form_not_in_force", message))
    ids = {row.id for row in members}
    for place, person in enumerate(body.present):
        if person not in ids:
            faults.append(Fault(f"/present/{place}", "not_a_member", _NOT_A_MEMBER))
    faults += await case_faults(unit, household.id, body.case_id)
    if faults:
        raise InvalidInput(faults=faults)
    interview_id = body.id or new_id()
    plain, secret = _apart(fields, done.answers)
    values = {
        "id": interview_id,
        "region": household.region,
        "household_id": household.id,
        "case_id": body.case_id,
        "form": form.code,
        "form_version": form.version,
        "held_on": held_on,
        "mode": body.mode.value,
        "present": list(dict.fromkeys(body.present)),
        "others_present": body.others_present and _sealed(unit, interview_id, "others_present", body.others_present),
        "answers": plain,
        "sealed_answers": _sealed(unit, interview_id, "sealed_answers", orjson.dumps(secret).decode()),
        "prefilled": list(done.prefilled),
        "fields_total": len(fields),
        "fields_prefilled": len(done.prefilled),
        "recorded_by": unit.actor.subject,
    }
    row = (await unit.connection.execute(insert(INTERVIEW).values(values).returning(INTERVIEW))).one()
    unit.record("interview.record", Aggregate(TABLE, row.id, row.region, row.version), fields=FIELDS)
    return show_interview(unit, row, language=language)


def _apart(fields: list[Slot], answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers that lie in the clear, and those that lie encrypted."""
    secret = {slot.key for slot in fields if slot.question.is_sealed}
    return (
        {key: value for key, value in answers.items() if key not in secret},
        {key: value for key, value in answers.items() if key in secret},
    )


def _sealed(unit: UnitOfWork, interview_id: UUID, column: str, value: str) -> bytes:
    return unit.vault.encryptor.seal(value, table=TABLE, column=column, row=interview_id)
