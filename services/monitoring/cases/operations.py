"""What a cadre may record of a case without a network: what was found at the household."""

from __future__ import annotations

from typing import Final

from chassis.operations.definition import Call, Done, OperationKind
from services.monitoring import permissions as may
from services.monitoring.cases.actions.verify import record_verification
from services.monitoring.cases.schemas.doing import VerificationCreate


async def _verify(call: Call[VerificationCreate]) -> Done:
    """The verification bears the operation's id unless it has one; a second person confirms it where there is one."""
    signature = call.body.signature
    if signature is not None and signature.signed_on is None:
        signature = signature.model_copy(update={"signed_on": call.made_on})
    body = call.dated("verified_on", id=call.body.id or call.op_id, signature=signature)
    case = await record_verification(call.unit, call.entity_id, body, version=None)
    return Done(case.id, case.version)


OPERATIONS: Final = (
    OperationKind(name="case.verify", permission=may.CASE_VERIFY, body=VerificationCreate, create=_verify),
)
