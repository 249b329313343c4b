"""Countersign a filled form, or take it back: two persons stand for it, each by own sign-in (clause B8)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Language, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.interviews.queries.held import INTERVIEW, TABLE, interview_row, show_interview
from services.monitoring.interviews.schemas import InterviewRead, InterviewWithdraw

_NOT_WAITING: Final = Message("这份核查表不在待确认状态。", "This form does not wait for a second person.")
_SAME_PERSON: Final = Message(
    "请由另一名核查人用本人账号确认。", "Have the other verifier confirm it by an own sign-in."
)
_STANDS: Final = Message(
    "已由第二人确认的核查表不能撤回，请另填一份。", "What a second person confirmed stands; fill another form instead."
)
_GONE: Final = Message("这份核查表已撤回。", "This form was withdrawn already.")


async def countersign_interview(
    unit: UnitOfWork, interview_id: UUID, *, version: int, language: Language
) -> InterviewRead:
    """Confirm as the second person what the first one wrote.

    :raises NotFound: if there is none in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails: it waits for nobody, or its writer asks.
    """
    row = await interview_row(unit, interview_id, lock=True)
    require_version(version, row.version)
    faults = [] if row.state == "recorded" else [Fault("", "not_waiting", _NOT_WAITING)]
    if row.recorded_by == unit.actor.subject:
        faults.append(Fault("", "same_person", _SAME_PERSON))
    if faults:
        raise StateRefused(faults=faults)
    signed = {"countersigned_by": unit.actor.subject, "countersigned_at": func.clock_timestamp()}
    changed = await _change(unit, row, "interview.countersign", {"state": "countersigned", **signed})
    return show_interview(unit, changed, language=language)


async def withdraw_interview(
    unit: UnitOfWork, interview_id: UUID, body: InterviewWithdraw, *, version: int, language: Language
) -> InterviewRead:
    """Let a form that was filled wrongly no longer count; it stays on record.

    :raises NotFound: if there is none in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if a second person confirmed it, or it was withdrawn.
    """
    row = await interview_row(unit, interview_id, lock=True)
    require_version(version, row.version)
    refused = {"countersigned": Fault("", "stands", _STANDS), "withdrawn": Fault("", "already_withdrawn", _GONE)}
    if row.state in refused:
        raise StateRefused(faults=[refused[row.state]])
    gone = {"state": "withdrawn", "withdrawn_at": func.clock_timestamp()}
    changed = await _change(unit, row, "interview.withdraw", gone, reason=body.reason)
    return show_interview(unit, changed, language=language)


async def _change(unit: UnitOfWork, row: Any, action: str, values: dict[str, Any], *, reason: str | None = None) -> Any:
    statement = update(INTERVIEW).where(INTERVIEW.c.id == row.id).values(**values, version=row.version + 1)
    changed = (await unit.connection.execute(statement.returning(INTERVIEW))).one()
    aggregate = Aggregate(TABLE, changed.id, changed.region, changed.version)
    unit.record(action, aggregate, fields=["state"], reason=reason)
    return changed
