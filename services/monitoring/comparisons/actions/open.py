"""Ask the departments about a household of a case, each about what its area wants to know, prefilled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, StateRefused
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.codes.evidence import ConsentPurpose
from services.monitoring.comparisons.facts import Fact, facts
from services.monitoring.comparisons.queries.known import known_records
from services.monitoring.comparisons.queries.requests import ITEM, KIND, REQUEST, visible
from services.monitoring.comparisons.rules import Known, compared_already, latest
from services.monitoring.comparisons.thresholds import ALREADY_COMPARED, FACTS
from services.monitoring.consents.queries.standing import authorised
from services.monitoring.households.queries.one import household_row, member_rows
from services.monitoring.parameters import book_of

AID: Final = "civil.aid_change"
FIELDS: Final = ("department", "due_at", "state")
_NO_CONSENT: Final = Message(
    "没有有效的核查授权书：请先录入该户签署的授权（用途：家庭经济状况核对）。",
    "No valid inquiry authorisation: record the one that the household signed for `economy_check` first.",
)
_DUE_PAST: Final = Message("反馈期限须晚于现在。", "The due must lie ahead.")


async def open_requests(
    unit: UnitOfWork,
    *,
    case_id: UUID,
    household_id: UUID,
    due_at: datetime,
    departments: Collection[str] | None = None,
) -> list[Any]:
    """One request for each department that the household's area asks; returns the rows of the case's new and open ones.

    Which facts are asked about, and so which departments, is the parameter ``comparisons.facts``. Only persons whom a
    valid authorisation covers are asked about. A department that was asked and has not answered is not asked twice.
    Who was compared already by civil affairs (``comparisons.already_compared``) is not compared again: the requests
    stand as ``already_compared``, with the aid as basis, and wait for nobody.

    :param case_id: of the caller's case; nothing here checks it.
    :param departments: ask these alone; by default all.
    :raises NotFound: if the household is not in the unit's area.
    :raises StateRefused: without an authorisation, for a due that is past, or for a department that nothing asks.
    """
    household = await household_row(unit, household_id)
    today = unit.clock.today()
    covered = await authorised(unit, household.id, ConsentPurpose.ECONOMY_CHECK, today)
    persons = [row.id for row in await member_rows(unit, household.id) if row.state == "active" and row.id in covered]
    book = await book_of(unit, household.region)
    asked = [facts()[code] for code in book.items(FACTS, region=household.region, on=today)]
    known_departments = {fact.department for fact in asked}
    wanted = known_departments if departments is None else set(departments)
    faults = [] if persons else [Fault("", "authorisation_missing", _NO_CONSENT)]
    if due_at <= unit.clock.business_now():
        faults.append(Fault("/due_at", "due_past", _DUE_PAST))
    for name in sorted(wanted - known_departments):
        told = "、".join(sorted(known_departments))
        message = Message(
            f"本地区不向 {name} 比对，可选：{told}。", f"{name} is asked nothing here; choose from: {told}."
        )
        faults.append(Fault("/departments", "department_not_asked", message))
    if faults:
        raise StateRefused(faults=faults)
    asked = [fact for fact in asked if fact.department in wanted]
    records = await known_records(unit, persons, {AID, *(fact.dataset for fact in asked if fact.dataset)})
    grouped = latest(records, {fact.dataset: fact.apart for fact in facts().values() if fact.dataset})
    aids = [one for person in persons for one in grouped.get((AID, person), ())]
    basis = compared_already(aids, book.items(ALREADY_COMPARED, region=household.region, on=today))
    base = {
        "region": household.region,
        "household_id": household.id,
        "case_id": case_id,
        "persons": persons,
        "asked_on": today,
        "asked_by": unit.actor.subject,
        "due_at": due_at,
        **_ended(unit, basis),
    }
    standing = await _standing(unit, case_id, wanted)
    new = [
        {"id": new_id(), "department": name, **base}
        for name in sorted(wanted)
        if name not in standing or (standing[name].state == "already_compared" and basis is None)
    ]
    made = await _insert(unit, new)
    if basis is None:
        await _insert_items(unit, made, asked, persons, grouped)
    for row in made:
        unit.record("comparison.open", Aggregate(KIND, row.id, row.region, row.version), fields=FIELDS)
    return [*(row for row in standing.values() if row.state == "open"), *made]


def _ended(unit: UnitOfWork, basis: Known | None) -> dict[str, Any]:
    if basis is None:
        return {"state": "open", "basis": None, "ended_by": None, "ended_at": None}
    since = basis.event_date and basis.event_date.isoformat()
    told = {"record_id": str(basis.id), "aid_kind": basis.payload["aid_kind"], "since": since}
    now = unit.clock.business_now()
    return {"state": "already_compared", "basis": told, "ended_by": unit.actor.subject, "ended_at": now}


async def _standing(unit: UnitOfWork, case_id: UUID, departments: Collection[str]) -> dict[str, Any]:
    """Requests of the case that are open or that need no answer, by department."""
    statement = select(REQUEST).where(
        REQUEST.c.case_id == case_id,
        REQUEST.c.department.in_(sorted(departments)),
        REQUEST.c.state.in_(("open", "already_compared")),
        *visible(unit),
    )
    return {row.department: row for row in await unit.connection.execute(statement.order_by(REQUEST.c.id))}


async def _insert(unit: UnitOfWork, new: list[dict[str, Any]]) -> list[Any]:
    if not new:
        return []
    statement = upsert(REQUEST).values(new).on_conflict_do_nothing().returning(REQUEST)
    return sorted((await unit.connection.execute(statement)).all(), key=lambda row: row.department)


async def _insert_items(
    unit: UnitOfWork, made: Sequence[Any], asked: Sequence[Fact], persons: Sequence[UUID], grouped: Any
) -> None:
    items = []
    for request in made:
        number = 0
        for fact in (one for one in asked if one.department == request.department):
            for person in persons:
                records: Sequence[Known | None] = grouped.get((fact.dataset, person)) or [None]
                for record in records:
                    number += 1
                    items.append(_item(request, number, fact, person, record))
    if items:
        await unit.connection.execute(insert(ITEM), items)


def _item(request: Any, number: int, fact: Fact, person: UUID, record: Known | None) -> dict[str, Any]:
    known = None
    if record is not None:
        names = [column.name for column in fact.columns(request.asked_on)]
        known = {name: record.payload[name] for name in names if record.payload.get(name) is not None}
    return {
        "id": new_id(),
        "region": request.region,
        "request_id": request.id,
        "number": number,
        "person_id": person,
        "fact": fact.code,
        "record_id": record and record.id,
        "known_on": record and record.event_date,
        "known": known,
    }
