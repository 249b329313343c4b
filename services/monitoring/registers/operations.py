"""What a cadre may record in a register without a network: one kind of operation for each register."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from chassis.errors import Fault, InvalidInput, Message
from chassis.operations.definition import Call, Done, OperationKind
from chassis.security.scope import FIELD
from services.monitoring import permissions as may
from services.monitoring.registers.actions.record import record_fact
from services.monitoring.registers.catalogue import RECORDED
from services.monitoring.registers.described import FactGrain, Register
from services.monitoring.registers.models import CREATORS

_OTHER_SUBJECT: Final = Message("与 entity_id 不是同一人或同一户。", "This is not who `entity_id` names.")


def _recording(register: Register) -> Callable[[Call[Any]], Awaitable[Done]]:
    subject = "person_id" if register.grain is FactGrain.PERSON else "household_id"

    async def record(call: Call[Any]) -> Done:
        """The fact bears the operation's id unless it has one, so that the table too refuses it a second time."""
        if getattr(call.body, subject) != call.entity_id:
            raise InvalidInput(faults=[Fault(f"/{subject}", "other_subject", _OTHER_SUBJECT)])
        body = call.body.model_copy(update={"id": call.body.id or call.op_id})
        fact = await record_fact(call.unit, body)
        return Done(fact.id, fact.version)

    return record


OPERATIONS: Final = tuple(
    OperationKind(
        name=f"register.{register.code}.record",
        permission=may.REGISTER_RECORD,
        body=CREATORS[register.code],
        create=_recording(register),
    )
    for register in RECORDED
    if register.recorders & FIELD
)
