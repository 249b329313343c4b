"""What the answers to a visit's form say of a child's guardianship (监护核查, clause H-22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.monitoring.codes.visits import CarerKind

FORM: Final = "guardianship"
"""The form of visits that asks after a child's guardianship, in whichever version."""

CARER_MISSING: Final = "register_carer_missing_"
"""How the code of a finding begins that says which kind of carer a child lacks (clause H-23)."""

CARER_CODES: Final = frozenset(f"{CARER_MISSING}{kind.value}" for kind in CarerKind)


@dataclass(frozen=True, slots=True)
class Guardianship:
    """What a visitor found.

    :ivar is_present: whether a guardian is with the child. :ivar guardian: who, where the visitor said so.
    """

    is_present: bool
    is_adequate: bool
    guardian: str | None


def guardianship_of(answers: Mapping[str, Any]) -> Guardianship | None:
    """What the answers come to: enough takes a guardian who is there and able, and one `no` is enough against it.

    None while they leave it open, as a form of the first version may.
    """
    present, able = answers.get("guardian_present"), answers.get("guardian_able")
    if not isinstance(present, bool) or (present and not isinstance(able, bool)):
        return None
    return Guardianship(present, present and bool(able), answers.get("guardian") or None)
