"""What a cadre may fill without a network."""

from __future__ import annotations

from typing import Final

from chassis.operations.definition import Call, Done, OperationKind
from services.monitoring import permissions as may
from services.monitoring.interviews.actions.record import record_interview
from services.monitoring.interviews.schemas import InterviewCreate


async def _record(call: Call[InterviewCreate]) -> Done:
    """The form bears the operation's id unless it has one, so that the table too refuses it a second time."""
    body = call.dated("held_on", id=call.body.id or call.op_id)
    made = await record_interview(call.unit, call.entity_id, body, language=call.language)
    return Done(made.id, made.version)


OPERATIONS: Final = (
    OperationKind(name="interview.record", permission=may.INTERVIEW_RECORD, body=InterviewCreate, create=_record),
)
