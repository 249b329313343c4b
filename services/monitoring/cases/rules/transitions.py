"""The machine of a case as data: every state that an action may leave, where it leads, and who may do it (clause B8).

The main line is made of an area's plan, since order is data; everything else is the same everywhere. What is not in
the table does not happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from chassis.security.scope import FIELD, Role
from services.monitoring.cases.rules.plan import Plan, Step
from services.monitoring.cases.rules.states import AMENDABLE, BEFORE_REGISTER, ELIMINATING, FOLLOWED, OPEN
from services.monitoring.codes.cases import CaseAction as A
from services.monitoring.codes.cases import CaseState as S

COUNTY: Final = frozenset({Role.COUNTY_OFFICER})
TOWN: Final = COUNTY | {Role.TOWN_OFFICER}
"""A town's own decision; a county may stand in for its town."""
LOCAL: Final = TOWN | FIELD


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    :param source: None where the action makes the case. ``target``: None where a return has named it before, or the
        facts of another system say it.
    :param opens_another: the case stays where it is and another one begins, which names it as previous.
    """

    source: S | None
    action: A
    target: S | None
    roles: frozenset[Role]
    opens_another: bool = False


_REACHED: Final = {
    Step.VERIFIED: (A.CONFIRM, S.VERIFIED, LOCAL),
    Step.COMPARED: (A.COMPARE, S.COMPARED, COUNTY),
    Step.VILLAGE_REVIEWED: (A.REVIEW, S.VILLAGE_REVIEWED, LOCAL),
    Step.PUBLICITY: (A.PUBLISH, S.PUBLICITY, LOCAL),
    Step.PASSED: (A.PASS, S.PASSED, LOCAL),
    Step.TOWN_OK: (A.APPROVE_T, S.TOWN_OK, TOWN),
    Step.COUNTY_OK: (A.APPROVE_C, S.COUNTY_OK, COUNTY),
    Step.REGISTERED: (A.REGISTER, S.REGISTERED, LOCAL),
}
STATE_OF: Final = {Step.DISPATCHED: S.DISPATCHED} | {step: state for step, (_, state, _) in _REACHED.items()}
"""A step of the line → the state of a case that has done it."""

_ASIDE: Final = {
    Step.VERIFIED: ((A.NOT_CONFIRM, S.NOT_CONFIRMED, LOCAL),),
    Step.VILLAGE_REVIEWED: ((A.REJECT_V, S.REJECTED_V, LOCAL),),
    Step.TOWN_OK: ((A.RETURN_T, S.RETURNED_T, TOWN),),
    Step.COUNTY_OK: ((A.RETURN_C, S.RETURNED_C, COUNTY), (A.REJECT_C, S.REJECTED_C, COUNTY)),
}
"""How else a step may come out."""

_OUT: Final = (
    (S.MEASURES_ACTIVE, A.ELIM_PROPOSE, S.ELIM_PROPOSED, LOCAL),
    (S.ELIM_PROPOSED, A.ELIM_VERIFY, S.ELIM_VERIFIED, LOCAL),
    (S.ELIM_VERIFIED, A.ELIM_REVIEW, S.ELIM_REVIEWED, LOCAL),
    (S.ELIM_REVIEWED, A.ELIM_PUBLISH, S.ELIM_PUBLICITY, LOCAL),
    (S.ELIM_PUBLICITY, A.ELIM_APPROVE_T, S.ELIM_TOWN, TOWN),
    (S.ELIM_TOWN, A.ELIM_APPROVE_C, S.ELIM_COUNTY, COUNTY),
    (S.ELIM_COUNTY, A.ELIMINATE, S.ELIMINATED, COUNTY),
    (S.ELIMINATED, A.START_FOLLOW_UP, S.FOLLOW_UP, LOCAL),
    # The steps of the way in, where they serve the way out: whatever speaks against it ends the attempt.
    (S.ELIM_PROPOSED, A.RECORD_VERIFICATION, S.ELIM_PROPOSED, LOCAL),
    (S.ELIM_PROPOSED, A.NOT_CONFIRM, S.MEASURES_ACTIVE, LOCAL),
    (S.ELIM_VERIFIED, A.COMPARE, S.ELIM_VERIFIED, COUNTY),
    (S.ELIM_VERIFIED, A.REJECT_V, S.MEASURES_ACTIVE, LOCAL),
    (S.ELIM_PUBLICITY, A.PUBLISH_ANEW, S.ELIM_PUBLICITY, LOCAL),
    (S.ELIM_PUBLICITY, A.OBJECT, S.ELIM_PUBLICITY, LOCAL),
    (S.ELIM_PUBLICITY, A.UPHOLD, S.MEASURES_ACTIVE, TOWN),
    (S.ELIM_PUBLICITY, A.DISMISS_OBJECTION, S.ELIM_PUBLICITY, TOWN),
)


@lru_cache(maxsize=256)
def table(plan: Plan) -> tuple[Transition, ...]:
    """Every transition of an area with this plan."""
    return (*_line(plan), *_everywhere())


def find(plan: Plan, state: S | None, action: A) -> Transition | None:
    """The transition that ``action`` makes of a case in ``state``, or None: then it is refused."""
    return next((one for one in table(plan) if (one.source, one.action) == (state, action)), None)


def sources_of(plan: Plan, action: A) -> tuple[S, ...]:
    """The states in which ``action`` is open, in the order of the table."""
    return tuple(one.source for one in table(plan) if one.action is action and one.source is not None)


def next_step(plan: Plan, state: S) -> Step | None:
    """The step of the line that a case in ``state`` waits for, or None where the line does not go on by itself."""
    if state is S.CLUE:
        return Step.DISPATCHED
    done = {S.OBJECTED: Step.PUBLICITY} | {reached: step for step, reached in STATE_OF.items()}
    return plan.after(done[state]) if state in done else None


def returnable(plan: Plan, state: S) -> tuple[S, ...]:
    """The states that a return from ``state`` may name: those of the line that lie before it."""
    line = [STATE_OF[step] for step in plan.line]
    return tuple(line[: line.index(state)]) if state in line else ()


def _line(plan: Plan) -> Iterator[Transition]:
    yield Transition(None, A.DISPATCH, S.DISPATCHED, COUNTY)
    yield Transition(None, A.TAKE_OVER, None, COUNTY)
    yield Transition(S.CLUE, A.REDISPATCH, S.DISPATCHED, COUNTY)
    for before, step in pairwise(plan.line):
        source = STATE_OF[before]
        action, target, roles = _REACHED[step]
        yield Transition(source, action, target, roles)
        for other, aside, may in _ASIDE.get(step, ()):
            yield Transition(source, other, aside, may)
        # What runs beside a step may be done from its first day on, and later too: the step after it asks for it.
        for extra, host in plan.beside().items():
            if plan.line.index(step) >= plan.line.index(host) and step is not Step.REGISTERED:
                action, _, roles = _REACHED[extra]
                yield Transition(source, action, source, roles)


@lru_cache(maxsize=1)
def _everywhere() -> tuple[Transition, ...]:
    return (
        *_stays(OPEN, A.JOIN, COUNTY),
        *_stays(OPEN, A.MOVE, LOCAL),
        *_stays(OPEN | FOLLOWED, A.CHANGE_HOUSEHOLD, LOCAL),
        Transition(S.DISPATCHED, A.MISROUTE, S.CLUE, LOCAL),
        Transition(S.DISPATCHED, A.RECORD_VERIFICATION, S.DISPATCHED, LOCAL),
        Transition(S.PUBLICITY, A.PUBLISH_ANEW, S.PUBLICITY, LOCAL),
        Transition(S.PUBLICITY, A.OBJECT, S.OBJECTED, LOCAL),
        Transition(S.OBJECTED, A.UPHOLD, S.DISPATCHED, TOWN),
        Transition(S.OBJECTED, A.DISMISS_OBJECTION, S.PUBLICITY, TOWN),
        Transition(S.RETURNED_T, A.RESUME, None, LOCAL),
        Transition(S.RETURNED_C, A.RESUME, None, LOCAL),
        *(Transition(state, A.DECLINE, S.DECLINED, LOCAL) for state in _ordered(BEFORE_REGISTER)),
        *_stays(BEFORE_REGISTER, A.MARK_URGENT, TOWN),
        *_stays(BEFORE_REGISTER, A.HELP_URGENTLY, LOCAL),
        Transition(S.REGISTERED, A.START_MEASURES, S.MEASURES_ACTIVE, LOCAL),
        *_stays(AMENDABLE, A.AMEND, COUNTY),
        *(Transition(state, A.REMOVE, S.REMOVED, COUNTY) for state in _ordered(AMENDABLE)),
        *(Transition(state, A.END_NATURALLY, S.NATURAL_END, COUNTY) for state in _ordered(OPEN)),
        # Whoever joined a household with a case of its own is followed up there, or monitored as that one.
        *(Transition(state, A.MERGE, S.NATURAL_END, LOCAL) for state in _ordered(FOLLOWED)),
        *(Transition(*row) for row in _OUT),
        *(Transition(state, A.ELIM_RETURN, S.MEASURES_ACTIVE, TOWN) for state in ELIMINATING),
        *(Transition(state, A.DISPATCH, state, COUNTY, opens_another=True) for state in _ordered(FOLLOWED)),
        *(Transition(state, A.TAKE_OVER, None, COUNTY) for state in (S.MEASURES_ACTIVE, S.ELIMINATED, S.FOLLOW_UP)),
    )


def _stays(states: Iterable[S], action: A, roles: frozenset[Role]) -> Iterator[Transition]:
    return (Transition(state, action, state, roles) for state in _ordered(states))


def _ordered(states: Iterable[S]) -> list[S]:
    held = set(states)
    return [state for state in S if state in held]
