"""What a cadre may record of measures without a network."""

from __future__ import annotations

from typing import Final

from chassis.operations.definition import Call, Done, OperationKind
from services.monitoring import permissions as may
from services.monitoring.measures.actions.run import start_measure
from services.monitoring.measures.schemas import MeasureCreate


async def _start(call: Call[MeasureCreate]) -> Done:
    """The measure bears the operation's id unless it has one, so that the table too refuses it a second time."""
    body = call.dated("started_on", id=call.body.id or call.op_id)
    made = await start_measure(call.unit, call.entity_id, body)
    return Done(made.id, made.version)


OPERATIONS: Final = (
    OperationKind(name="measure.start", permission=may.MEASURE_RECORD, body=MeasureCreate, create=_start),
)
