"""What a cadre may report without a network."""

from __future__ import annotations

from typing import Final

from chassis.errors import Fault, InvalidInput, Message
from chassis.operations.definition import Call, Done, OperationKind
from chassis.operations.hot import UnitWrite
from services.monitoring import permissions as may
from services.monitoring.clues.actions.report import report_household
from services.monitoring.clues.schemas import ReportCreate

_OTHER_HOUSEHOLD: Final = Message("与 entity_id 不是同一户。", "This is not the household that `entity_id` names.")


async def _report(call: Call[ReportCreate]) -> Done:
    """The report bears the operation's id unless it has one, so that the table too refuses it a second time."""
    if call.body.household_id != call.entity_id:
        raise InvalidInput(faults=[Fault("/household_id", "other_household", _OTHER_HOUSEHOLD)])
    report_id = call.body.id or call.op_id
    await report_household(UnitWrite(call.unit), call.dated("seen_on", id=report_id))
    return Done(report_id)


OPERATIONS: Final = (OperationKind(name="clue.report", permission=may.CLUE_REPORT, body=ReportCreate, create=_report),)
