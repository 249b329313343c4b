"""Say which record that is there already a write clashes with, as far as the constraint that it broke tells."""

from __future__ import annotations

from typing import Final

from chassis.database.engine import constraint_of
from chassis.errors import Conflict, Fault, Message

_ID_TAKEN: Final = Message(
    "此编号已登记过，请先读取该记录；若是另一件事，请换一个编号提交。",
    "Something is recorded under this id already: read it; for something else send another id.",
)
_PRIMARY_KEYS: Final = "pk_"  # as the naming of the metadata has it; they are ids, which a client may make


def conflict_over(error: BaseException) -> Conflict:
    """What a client is told when two writes met at a constraint and no action's own check could name it."""
    constraint = constraint_of(error) or "constraint"
    if constraint.startswith(_PRIMARY_KEYS):
        return Conflict(_ID_TAKEN, faults=[Fault("/id", "id_taken", _ID_TAKEN)])
    return Conflict(faults=[Fault("", constraint, Conflict.title)])
