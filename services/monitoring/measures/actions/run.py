"""Start, amend, end and withdraw a measure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, text, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.cases.actions.course import keep_courses, lock_cases
from services.monitoring.cases.queries.of_household import case_faults
from services.monitoring.codes.measures import TOLD_KINDS
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.contract import MeasureEnded, MeasureStarted
from services.monitoring.households.queries.one import household_row
from services.monitoring.measures.actions.checking import KIND, faults_of, keep_evidence, timing
from services.monitoring.measures.queries.one import MEASURE, measure_row, shown
from services.monitoring.measures.rules.course import refusals_of_end
from services.monitoring.measures.schemas import (
    MeasureAmend,
    MeasureCreate,
    MeasureEndCreate,
    MeasureRead,
    MeasureWithdraw,
)
from services.monitoring.measures.tables import MeasureHistory

_HISTORY: Final = rows(MeasureHistory)
_NAMES: Final = {"amount": "amount_fen"}
_COLUMNS: Final = tuple(_NAMES.get(name, name) for name in MeasureCreate.model_fields if name != "id")
_TOLD: Final = frozenset({"amount_fen", "funding_id", "kind", "person_id", "started_on"})
_ENDED: Final = Message("该户已不在册，不能再登记措施。", "The household has ended; no measure can begin.")
_NOT_RUNNING: Final = Message("只有正在实施的措施可以结束。", "Only a running measure can end.")
_WITHDRAWN: Final = Message("这项措施已撤销，请另行登记。", "This measure is withdrawn; record another one.")


async def start_measure(unit: UnitOfWork, household_id: UUID, body: MeasureCreate) -> MeasureRead:
    """The measure as kept, marked as before or after the event.

    :raises NotFound: if there is no such household in the caller's area.
    :raises InvalidInput: naming everything that stands against it, its scheme's conditions among that.
    """
    household = await household_row(unit, household_id)
    said = _said(body.model_dump(mode="python", exclude={"id"}))
    said["started_on"] = said["started_on"] or unit.clock.today()
    faults = [] if household.state == "active" else [Fault("", "household_ended", _ENDED)]
    faults += await faults_of(unit, household, said)
    faults += await case_faults(unit, household.id, body.case_id)
    if faults:
        raise InvalidInput(faults=faults)
    values = {
        **said,
        "id": body.id or new_id(),
        "region": household.region,
        "household_id": household.id,
        "timing": (await timing(unit, household.id, said)).value,
        "recorded_by": unit.actor.subject,
    }
    cases = await lock_cases(unit, household.id)
    row = (await unit.connection.execute(insert(MEASURE).values(values).returning(MEASURE))).one()
    await keep_courses(unit, cases)
    await keep_evidence(unit, row.id, row.evidence_file_id)
    given = sorted(name for name in body.model_fields_set if name != "id")
    unit.record("measure.start", aggregate_of(row), fields=given, event=started(row))
    return shown(unit, row)


async def amend_measure(unit: UnitOfWork, measure_id: UUID, body: MeasureAmend, *, version: int) -> MeasureRead:
    """The measure as it should have been said; what it said before is kept.

    :raises NotFound: if it is not in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it is withdrawn.
    :raises InvalidInput: as :func:`start_measure`.
    """
    row = await _own(unit, measure_id, version)
    if row.state == "withdrawn":
        raise StateRefused(faults=[Fault("", "measure_withdrawn", _WITHDRAWN)])
    told = _said(body.model_dump(mode="python", exclude_unset=True, exclude={"reason"}))
    changed = {name: value for name, value in told.items() if getattr(row, name) != value}
    if not changed:
        return shown(unit, row)
    said = {name: changed.get(name, getattr(row, name)) for name in _COLUMNS}
    household = await household_row(unit, row.household_id)
    faults = await faults_of(unit, household, said, but=row.id)
    faults += await case_faults(unit, household.id, changed.get("case_id"))
    if row.ended_on is not None and row.ended_on < said["started_on"]:
        faults += refusals_of_end(
            row.ended_on, row.end_reason, row.end_note, started_on=said["started_on"], today=unit.clock.today()
        )
    if faults:
        raise InvalidInput(faults=faults)
    changed["timing"] = (await timing(unit, row.household_id, said)).value
    saved = await _replace(unit, row, changed, body.reason)
    await keep_evidence(unit, saved.id, saved.evidence_file_id)
    event = None
    if changed.keys() & _TOLD:
        event = started(saved) if saved.state == "running" else ended(saved)
    backwards = {column: name for name, column in _NAMES.items()}
    fields = sorted(backwards.get(name, name) for name in changed if getattr(row, name) != changed[name])
    unit.record("measure.amend", aggregate_of(saved), fields=fields, reason=body.reason, event=event)
    return shown(unit, saved)


async def end_measure(unit: UnitOfWork, measure_id: UUID, body: MeasureEndCreate, *, version: int) -> MeasureRead:
    """The measure with its last day and why it ended.

    :raises NotFound: if it is not in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it does not run; InvalidInput: with everything that stands against this end.
    """
    row = await _own(unit, measure_id, version)
    if row.state != "running":
        raise StateRefused(faults=[Fault("", "measure_not_running", _NOT_RUNNING)])
    today = unit.clock.today()
    on = body.ended_on or today
    faults = refusals_of_end(on, body.reason, body.note, started_on=row.started_on, today=today)
    if faults:
        raise InvalidInput(faults=faults)
    changed = {"state": "ended", "ended_on": on, "end_reason": body.reason.value, "end_note": body.note}
    saved = await _replace(unit, row, changed, body.reason.value)
    fields = ["end_note", "end_reason", "ended_on", "progress"]
    unit.record("measure.end", aggregate_of(saved), fields=fields, reason=body.reason.value, event=ended(saved))
    return shown(unit, saved)


async def withdraw_measure(unit: UnitOfWork, measure_id: UUID, body: MeasureWithdraw, *, version: int) -> MeasureRead:
    """The measure, which was never given so and no longer counts.

    :raises NotFound: if it is not in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it is withdrawn already.
    """
    row = await _own(unit, measure_id, version)
    if row.state == "withdrawn":
        raise StateRefused(faults=[Fault("", "measure_withdrawn", _WITHDRAWN)])
    saved = await _replace(unit, row, {"state": "withdrawn"}, body.reason)
    unit.record("measure.withdraw", aggregate_of(saved), fields=["state"], reason=body.reason, event=ended(saved))
    return shown(unit, saved)


def aggregate_of(row: Any, *, left_region: int | None = None) -> Aggregate:
    """The measure as the change feed and the outbox know it."""
    return Aggregate(KIND, row.id, row.region, row.version, left_region=left_region)


def started(row: Any) -> MeasureStarted:
    """The event that help began."""
    return MeasureStarted(**_event(row), on=row.started_on)


def ended(row: Any) -> MeasureEnded:
    """The event that help ended; what was withdrawn ends on the day on which it was said to have begun."""
    return MeasureEnded(**_event(row), on=row.ended_on if row.state == "ended" else row.started_on)


def _event(row: Any) -> dict[str, Any]:
    return {
        "measure": row.id,
        "household": row.household_id,
        "person": row.person_id,
        "kind": row.kind if MeasureKind(row.kind) in TOLD_KINDS else "other",
        "amount_fen": row.amount_fen,
        "funding": row.funding_id,
    }


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a body gives."""
    values = {_NAMES.get(name, name): value for name, value in body.items()}
    for name in ("kind", "scheme"):
        if values.get(name) is not None:
            values[name] = values[name].value
    if "risks" in values:
        values["risks"] = [risk.value for risk in values["risks"]]
    if values.get("terms") is not None:
        values["terms"] = {name: value for name, value in values["terms"].items() if value is not None}
    return values


async def _own(unit: UnitOfWork, measure_id: UUID, version: int) -> Any:
    row = await measure_row(unit, measure_id, lock=True)
    require_version(version, row.version)
    return row


async def _replace(unit: UnitOfWork, row: Any, changed: Mapping[str, Any], reason: str) -> Any:
    before = {name: getattr(row, name) for name in (*_COLUMNS, "timing", "state", "ended_on", "end_reason", "end_note")}
    cases = await lock_cases(unit, row.household_id)
    await unit.connection.execute(
        insert(_HISTORY).values(
            id=row.id,
            version=row.version,
            region=row.region,
            replaced_by=unit.actor.subject,
            reason=reason,
            document={name: _plain(value) for name, value in before.items()}
            | {"recorded_by": row.recorded_by, "recorded_at": row.recorded_at.isoformat()},
        )
    )
    statement = (
        update(MEASURE)
        .where(MEASURE.c.id == row.id, MEASURE.c.version == row.version)
        .values(
            **changed, version=row.version + 1, recorded_by=unit.actor.subject, recorded_at=text("clock_timestamp()")
        )
        .returning(MEASURE)
    )
    saved = (await unit.connection.execute(statement)).one()
    await keep_courses(unit, cases)
    return saved


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value if value is None or isinstance(value, int | str | list | dict) else str(value)
