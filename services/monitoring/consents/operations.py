"""What a cadre may record of consents without a network."""

from __future__ import annotations

from typing import Final

from chassis.operations.definition import Call, Done, OperationKind
from services.monitoring import permissions as may
from services.monitoring.consents.actions.record import record_consent
from services.monitoring.consents.schemas import ConsentCreate


async def _record(call: Call[ConsentCreate]) -> Done:
    """The consent bears the operation's id unless it has one, so that the table too refuses it a second time."""
    body = call.dated("signed_on", id=call.body.id or call.op_id)
    made = await record_consent(call.unit, call.entity_id, body)
    return Done(made.id, made.version)


OPERATIONS: Final = (
    OperationKind(name="consent.record", permission=may.CONSENT_RECORD, body=ConsentCreate, create=_record),
)
