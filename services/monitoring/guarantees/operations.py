"""What a cadre may record of guarantees without a network."""

from __future__ import annotations

from typing import Final

from chassis.operations.definition import Call, Done, OperationKind
from services.monitoring import permissions as may
from services.monitoring.guarantees.actions.record import record_checks
from services.monitoring.guarantees.schemas import GuaranteeChecksCreate


async def _record(call: Call[GuaranteeChecksCreate]) -> Done:
    await record_checks(call.unit, call.entity_id, call.body)
    return Done(call.entity_id)


OPERATIONS: Final = (
    OperationKind(name="guarantee.record", permission=may.GUARANTEE_RECORD, body=GuaranteeChecksCreate, create=_record),
)
