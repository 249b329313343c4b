"""Record a visit; it meets every duty that stands for the household on its day, those of several members too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault, InvalidInput, Message, StateRefused
from chassis.files.files import hold, release
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.attention.actions.guardianship import check_by_visit
from services.monitoring.evidence import NO_EVIDENCE, evidence_of
from services.monitoring.forms.answers import answer_faults
from services.monitoring.forms.schemas import Answers
from services.monitoring.households.queries.one import household_row
from services.monitoring.income.actions.record import members_among
from services.monitoring.visits.actions.refresh import refresh_dues
from services.monitoring.visits.forms import load_forms
from services.monitoring.visits.queries.one import HISTORY, MET, VISIT, show_visits, visit_row
from services.monitoring.visits.schemas import PHOTO_PURPOSE, VisitAmend, VisitCreate, VisitRead, VisitVoid

KIND: Final = "visit"
_FIELDS: Final = ("findings", "forms", "next_on", "photo_file_id", "visited_on", "way")
_AS_THEY_ARE: Final = ("visited_on", "next_on", "photo_file_id")
_MAY_BE_BLANK: Final = ("findings", "next_on", "photo_file_id")
_FUTURE: Final = Message("走访日期不能晚于今天。", "A visit cannot lie ahead.")
_NEXT: Final = Message("下次走访日期须晚于本次。", "The next visit must lie after this one.")
_ENDED: Final = Message("该户已不在册，不能再录入走访。", "The household has ended; no visit can be added to it.")
_FORM: Final = Message("没有这一版走访表。", "There is no such version of a form.")
_NOT_A_MEMBER: Final = Message("此人不是该户成员，请核对。", "This person is no member of the household; check the id.")
_WHOSE: Final = Message("此表按人填写，请注明是哪位成员。", "The form is about one member; say who, in `person_id`.")
_TWICE: Final = Message("同一人同一张表只填一次。", "Fill each form once for each member.")
_VOIDED: Final = Message("此次走访已作废，请另录一次。", "This visit is void; record another one.")
_OTHER: Final = Message("此编号已用于另一次走访。", "This id belongs to another visit.")
_MET: Final = text(
    """
    INSERT INTO visit_met (visit_id, subject_id, reason, region, visited_on, due_on)
    SELECT :visit, subject_id, reason, region, :visited_on, due_on FROM visit_due
    WHERE household_id = :household AND region BETWEEN :lo AND :hi
      AND coalesce(meets_from, begins_on) <= :visited_on
      -- A visit that comes after the agreed one was agreed on meets it; the visit that agreed on it does not.
      AND (reason <> 'agreed' OR begins_on < :visited_on)
    """
)


async def record_visit(unit: UnitOfWork, body: VisitCreate, *, visit_id: UUID | None = None) -> VisitRead:
    """The visit, with the duties that it met. Sent again under the same id, it is the one that was recorded.

    :param visit_id: its id where the body brings none.
    :raises NotFound: if there is no such household in the caller's area.
    :raises InvalidInput: with every fault of its days and answers; StateRefused: if the household has ended.
    :raises Conflict: if the id belongs to another visit.
    """
    household = await household_row(unit, body.household_id, lock=True)
    if household.state != "active":
        raise StateRefused(faults=[Fault("", "household_ended", _ENDED)])
    visited_on = body.visited_on or unit.clock.today()
    faults = await _faults(unit, household.id, visited_on, body.next_on, body.forms)
    faults += await _photo_faults(unit, body.photo_file_id)
    if faults:
        raise InvalidInput(faults=faults)
    values = {
        "id": body.id or visit_id or new_id(),
        "region": household.region,
        "household_id": household.id,
        "visited_on": visited_on,
        "way": body.way.value,
        "forms": _stored(body.forms),
        "findings": body.findings,
        "next_on": body.next_on,
        "photo_file_id": body.photo_file_id,
        "recorded_by": unit.actor.subject,
    }
    made = await unit.connection.execute(insert(VISIT).values(values).on_conflict_do_nothing().returning(VISIT))
    row = made.one_or_none()
    if row is None:
        return await _recorded_before(unit, values)
    await _keep_photo(unit, row)
    await _meet(unit, row)
    await check_by_visit(unit, row)
    unit.record("visit.record", Aggregate(KIND, row.id, row.region, row.version), fields=_FIELDS)
    [shown] = await show_visits(unit, [row])
    return shown


async def amend_visit(unit: UnitOfWork, visit_id: UUID, body: VisitAmend, *, version: int) -> VisitRead:
    """Correct a visit; what it said before is kept, and the duties are met anew by its day.

    :raises NotFound: if it is not in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it is void; InvalidInput: with every fault of its days and answers.
    """
    row = await _locked(unit, visit_id, version)
    said = body.model_dump(mode="json", exclude_unset=True, exclude={"reason", "forms", *_AS_THEY_ARE})
    said |= {name: getattr(body, name) for name in _AS_THEY_ARE if name in body.model_fields_set}
    said = {name: value for name, value in said.items() if value is not None or name in _MAY_BE_BLANK}
    if body.forms is not None:
        said["forms"] = _stored(body.forms)
    next_on = said.get("next_on", row.next_on)
    faults = await _faults(unit, row.household_id, said.get("visited_on", row.visited_on), next_on, body.forms or [])
    faults += await _photo_faults(unit, body.photo_file_id)
    if faults:
        raise InvalidInput(faults=faults)
    changed = await _replace(unit, row, said, "visit.amend", body.reason)
    await _keep_photo(unit, changed)
    if row.photo_file_id is not None and row.photo_file_id != changed.photo_file_id:
        await release(unit, row.photo_file_id, holder=KIND, holder_id=row.id)
    await _meet(unit, changed)
    await check_by_visit(unit, changed)
    [shown] = await show_visits(unit, [changed])
    return shown


async def void_visit(unit: UnitOfWork, visit_id: UUID, body: VisitVoid, *, version: int) -> VisitRead:
    """Let a visit count no longer; what it had met is due again, and what it said of guardianship is withdrawn.

    :raises NotFound: if it is not in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it is void already.
    """
    row = await _locked(unit, visit_id, version)
    gone = await _replace(unit, row, {"state": "voided", "void_reason": body.reason}, "visit.void", body.reason)
    await unit.connection.execute(delete(MET).where(MET.c.visit_id == row.id))
    await refresh_dues(unit, row.region, households=[row.household_id])
    await check_by_visit(unit, gone)
    [shown] = await show_visits(unit, [gone])
    return shown


async def _photo_faults(unit: UnitOfWork, file_id: UUID | None) -> list[Fault]:
    if file_id is None or await evidence_of(unit, file_id, purpose=PHOTO_PURPOSE) is not None:
        return []
    return [Fault("/photo_file_id", "photo_unknown", NO_EVIDENCE)]


async def _keep_photo(unit: UnitOfWork, visit: Any) -> None:
    """Keep the photo as long as the visit shows it; it has been found before, or is kept already."""
    if visit.photo_file_id is None:
        return
    file = await evidence_of(unit, visit.photo_file_id, purpose=PHOTO_PURPOSE)
    if file is not None:
        await hold(unit, file, holder=KIND, holder_id=visit.id)


async def _meet(unit: UnitOfWork, visit: Any) -> None:
    """Let the visit meet what stands without it, then see what is due next."""
    await unit.connection.execute(delete(MET).where(MET.c.visit_id == visit.id))
    await refresh_dues(unit, visit.region, households=[visit.household_id], without=visit.id)
    bound = {
        "visit": visit.id,
        "household": visit.household_id,
        "visited_on": visit.visited_on,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
    }
    await unit.connection.execute(_MET, bound)
    await refresh_dues(unit, visit.region, households=[visit.household_id])


async def _locked(unit: UnitOfWork, visit_id: UUID, version: int) -> Any:
    seen = await visit_row(unit, visit_id)
    await household_row(unit, seen.household_id, lock=True)
    row = await visit_row(unit, visit_id, lock=True)
    require_version(version, row.version)
    if row.state != "recorded":
        raise StateRefused(faults=[Fault("", "visit_void", _VOIDED)])
    return row


async def _replace(unit: UnitOfWork, row: Any, values: dict[str, Any], action: str, reason: str) -> Any:
    document = {
        "visited_on": row.visited_on.isoformat(),
        "way": row.way,
        "forms": row.forms,
        "findings": row.findings,
        "next_on": row.next_on and row.next_on.isoformat(),
        "photo_file_id": row.photo_file_id and str(row.photo_file_id),
    }
    kept = {
        "id": row.id,
        "version": row.version,
        "region": row.region,
        "replaced_by": unit.actor.subject,
        "reason": reason,
        "document": document,
    }
    await unit.connection.execute(insert(HISTORY).values(kept))
    statement = update(VISIT).where(VISIT.c.id == row.id).values(**values, version=row.version + 1).returning(VISIT)
    changed = (await unit.connection.execute(statement)).one()
    told = Aggregate(KIND, changed.id, changed.region, changed.version)
    unit.record(action, told, fields=sorted(values), reason=reason)
    return changed


async def _recorded_before(unit: UnitOfWork, values: dict[str, Any]) -> VisitRead:
    other = Conflict(faults=[Fault("/id", "id_taken", _OTHER)])
    found = await unit.connection.execute(
        VISIT.select().where(VISIT.c.id == values["id"], VISIT.c.region.between(unit.area.lo, unit.area.hi))
    )
    row = found.one_or_none()
    if row is None or (row.household_id, row.recorded_by) != (values["household_id"], values["recorded_by"]):
        raise other
    [shown] = await show_visits(unit, [row])
    return shown


async def _faults(
    unit: UnitOfWork, household_id: UUID, visited_on: date, next_on: date | None, forms: Sequence[Answers]
) -> list[Fault]:
    faults = []
    if visited_on > unit.clock.today():
        faults.append(Fault("/visited_on", "in_the_future", _FUTURE))
    if next_on is not None and next_on <= visited_on:
        faults.append(Fault("/next_on", "next_before", _NEXT))
    members = await members_among(unit, household_id, {one.person_id for one in forms if one.person_id is not None})
    known = load_forms()
    filled = Counter((one.form, one.person_id) for one in forms)
    for place, one in enumerate(forms):
        form = known.get((one.form, one.version))
        if form is None:
            faults.append(Fault(f"/forms/{place}/form", "form_unknown", _FORM))
        else:
            faults += answer_faults(form, one.answers, f"/forms/{place}/answers")
            if one.person_id is None and all(question.per == "member" for question in form.questions()):
                faults.append(Fault(f"/forms/{place}/person_id", "person_missing", _WHOSE))
        if filled[one.form, one.person_id] > 1:
            faults.append(Fault(f"/forms/{place}", "filled_twice", _TWICE))
        if one.person_id is not None and one.person_id not in members:
            faults.append(Fault(f"/forms/{place}/person_id", "not_a_member", _NOT_A_MEMBER))
    return faults


def _stored(forms: Sequence[Answers]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in forms]
