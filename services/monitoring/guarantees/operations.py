"""What a cadre may record of guarantees without a network."""

from __future__ import annotations

from typing import Final

from chassis.operations.definition import Call, Done, OperationKind
from services.monitoring import permissions as may
from services.monitoring.guarantees.actions.record import record_checks
from services.monitoring.guarantees.schemas import GuaranteeChecksCreate


async def _record(call: Call[GuaranteeChecksCreate]) -> Done:
    checks = [
        check if check.checked_on is not None else check.model_copy(update={"checked_on": call.made_on})
        for check in call.body.checks
    ]
    await record_checks(call.unit, call.entity_id, call.body.model_copy(update={"checks": checks}))
    return Done(call.entity_id)


OPERATIONS: Final = (
    OperationKind(name="guarantee.record", permission=may.GUARANTEE_RECORD, body=GuaranteeChecksCreate, create=_record),
)
