"""What a cadre may record of visits without a network."""

from __future__ import annotations

from typing import Final

from chassis.errors import Fault, InvalidInput, Message
from chassis.operations.definition import Call, Done, OperationKind
from services.monitoring import permissions as may
from services.monitoring.visits.actions.record import record_visit
from services.monitoring.visits.schemas import VisitCreate

_OTHER_HOUSEHOLD: Final = Message("与 entity_id 不是同一户。", "This is not the household that `entity_id` names.")


async def _record(call: Call[VisitCreate]) -> Done:
    """The visit bears the operation's id unless it has one, so that the table too refuses it a second time."""
    if call.body.household_id != call.entity_id:
        raise InvalidInput(faults=[Fault("/household_id", "other_household", _OTHER_HOUSEHOLD)])
    visit = await record_visit(call.unit, call.dated("visited_on"), visit_id=call.op_id)
    return Done(visit.id, visit.version)


OPERATIONS: Final = (OperationKind(name="visit.record", permission=may.VISIT_RECORD, body=VisitCreate, create=_record),)
