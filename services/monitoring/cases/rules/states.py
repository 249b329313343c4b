"""Sort the states of a case: which are open, which lie before the register, which end it (clause B8)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from services.monitoring.codes.cases import CaseState as S

BEFORE_REGISTER: Final = frozenset(
    {
        S.CLUE,
        S.DISPATCHED,
        S.VERIFIED,
        S.COMPARED,
        S.VILLAGE_REVIEWED,
        S.PUBLICITY,
        S.OBJECTED,
        S.PASSED,
        S.TOWN_OK,
        S.RETURNED_T,
        S.COUNTY_OK,
        S.RETURNED_C,
    }
)
"""A household may still decline, and urgent help may begin."""

ELIMINATING: Final = (
    S.ELIM_PROPOSED,
    S.ELIM_VERIFIED,
    S.ELIM_REVIEWED,
    S.ELIM_PUBLICITY,
    S.ELIM_TOWN,
    S.ELIM_COUNTY,
)
"""The way out, in its order; every one of them may be returned."""

ON_REGISTER: Final = frozenset({S.REGISTERED, S.MEASURES_ACTIVE, *ELIMINATING})
"""Registered and not yet out of risk."""

FOLLOWED: Final = frozenset({S.ELIMINATED, S.FOLLOW_UP})
"""Out of risk by elimination; such a household is visited and updated as the area says."""

AMENDABLE: Final = ON_REGISTER | FOLLOWED
"""REGISTERED…FOLLOW_UP: may be amended, or removed as wrongly registered."""

OPEN: Final = BEFORE_REGISTER | ON_REGISTER
"""A second clue joins one of these; a household has one at most."""

ENDED: Final = frozenset(S) - OPEN
"""Nothing goes on from here but follow-up; a new risk opens a case that names the previous one."""


REFUSED: Final = frozenset({S.NOT_CONFIRMED, S.REJECTED_V, S.REJECTED_C})
"""It came to nothing, and the household is told so; it may apply again any time."""


def how_far(state: S, *, returned_to: S | None = None) -> tuple[int, int]:
    """How far an open case has come, to be compared with another: of two of one household the further one goes on.

    Who is registered comes before whoever is not yet; and who is on the way out after who is still helped, since the
    people who join have a risk that nobody has looked at. A case that was returned stands where it was returned to.
    """
    if state in ON_REGISTER:
        return 1, 0 if state in ELIMINATING else 1 + (state is S.MEASURES_ACTIVE)
    return 0, tuple(S).index(returned_to or state)


class Purpose(StrEnum):
    """What a verification, a meeting or a public list is for."""

    ENTRY = "entry"
    ELIMINATION = "elimination"


def purpose_in(state: str) -> Purpose:
    """What is done with a case in ``state``."""
    return Purpose.ELIMINATION if S(state) in ELIMINATING else Purpose.ENTRY
