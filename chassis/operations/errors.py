"""Why an operation did not take effect, beyond what the single route says."""

from __future__ import annotations

from chassis.errors import Conflict, InvalidInput, Message


class OperationConflict(Conflict):
    code, status = "operation_conflict", 409
    title = Message(
        "同一项内容已被他人修改，请核对双方填写的内容后重新提交。",
        "Someone else changed the same fields; look at both values and hand in a new operation.",
    )


class OperationWaits(Conflict):
    code, status = "operation_waits", 409
    title = Message(
        "它所依据的操作尚未收到，请连同那一项再次提交。",
        "The operation that this one builds on has not arrived; hand both in again.",
    )


class OperationBaseless(Conflict):
    code, status = "operation_baseless", 409
    title = Message(
        "它所依据的操作未被接受，请核对后作为新的操作提交。",
        "The operation that this one builds on was not accepted; check it and hand in a new operation.",
    )


class OperationReused(InvalidInput):
    code, status = "operation_reused", 422
    title = Message(
        "此 op_id 已用于内容不同的操作，请换一个。",
        "This op_id was used for another operation; choose a new one.",
    )
