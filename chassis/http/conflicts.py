"""Say which record that is there already a write clashes with, as far as the constraint that it broke tells."""

from __future__ import annotations

from typing import Final

from chassis.database.engine import constraint_of
from chassis.errors import Conflict, Fault, id_taken

_PRIMARY_KEYS: Final = "pk_"  # as the naming of the metadata has it; they are ids, which a client may make


def conflict_over(error: BaseException) -> Conflict:
    """What a client is told when two writes met at a constraint and no action's own check could name it."""
    constraint = constraint_of(error) or "constraint"
    if constraint.startswith(_PRIMARY_KEYS):
        return id_taken()
    return Conflict(faults=[Fault("", constraint, Conflict.title)])
