"""Say who holds a case, until when, how near that is, and who is told when it is late (clause B8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from chassis.errors import Message
from chassis.security.scope import Level
from services.monitoring.cases.rules.plan import Plan, Step
from services.monitoring.cases.rules.transitions import next_step
from services.monitoring.codes.cases import CaseState as S
from services.monitoring.codes.cases import Holder, Timeliness

_HOLDS: Final = {
    Step.DISPATCHED: Holder.COUNTY,
    Step.VERIFIED: Holder.VILLAGE,
    Step.COMPARED: Holder.DEPARTMENT,
    Step.VILLAGE_REVIEWED: Holder.VILLAGE,
    Step.PUBLICITY: Holder.VILLAGE,
    Step.PASSED: Holder.VILLAGE,
    Step.TOWN_OK: Holder.TOWN,
    Step.COUNTY_OK: Holder.COUNTY,
    Step.REGISTERED: Holder.VILLAGE,
}
_BACK: Final = {
    S.OBJECTED: (Holder.TOWN, Step.PASSED),
    S.RETURNED_T: (Holder.VILLAGE, Step.TOWN_OK),
    S.RETURNED_C: (Holder.TOWN, Step.COUNTY_OK),
}
"""States off the line: who has to bring the case back, and the step whose due goes on running."""

_LEAVES: Final = {
    S.ELIM_PROPOSED: Holder.VILLAGE,
    S.ELIM_VERIFIED: Holder.VILLAGE,
    S.ELIM_REVIEWED: Holder.VILLAGE,
    S.ELIM_PUBLICITY: Holder.TOWN,
    S.ELIM_TOWN: Holder.COUNTY,
    S.ELIM_COUNTY: Holder.COUNTY,
}
"""Who has the next word on the way out; of its publicity the town, which decides once it is over."""

_LEVELS: Final = {"town": Level.TOWN, "county": Level.COUNTY, "city": Level.CITY, "province": Level.PROVINCE}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a case waits for: the step, who holds it, and the last day on which it is in time."""

    step: Step
    holder: Holder
    due_on: date


@dataclass(frozen=True, slots=True)
class Alarm:
    """An area's measure of near and late.

    :param near_days: a step is near so many days before its due, the due itself included.
    :param escalates: level of division → how many days late a step is when that level is told.
    """

    near_days: int
    escalates: Mapping[Level, int]


def waiting_for(plan: Plan, state: S, dues: Mapping[Step, date], *, is_compared: bool = True) -> Waiting | None:
    """What a case waits for in ``state``; None once it is registered or ended.

    :param is_compared: whether a comparison that runs beside another step is done; after that step it is what the next
        one waits for, and not held up by whoever has that next one.
    """
    if state in _BACK:
        holder, step = _BACK[state]
        return Waiting(step, holder, dues[step])
    following = next_step(plan, state)
    if following is None:
        return None
    host = plan.beside().get(Step.COMPARED)
    if not is_compared and host is not None and plan.line.index(following) > plan.line.index(host):
        return Waiting(Step.COMPARED, _HOLDS[Step.COMPARED], dues[Step.COMPARED])
    due_on = dues[following]
    if following is Step.PUBLICITY:
        # Its due is the day on which it is over: in time is who hangs the list so many whole days before.
        due_on -= timedelta(days=max(0, plan.days_of(following) - 1))
    return Waiting(following, _HOLDS[following], due_on)


def waiting_to_leave(
    state: S, on: date, *, step_days: int, answered_by: date | None = None, passes_on: date | None = None
) -> tuple[Holder, date]:
    """Who holds a case on its way out since ``on``, and the last day on which that step is in time.

    :param step_days: the area's length of each of these steps.
    :param answered_by: the day until which departments are asked, if they still are.
    :param passes_on: the day from which a list that hangs has been shown for all of its days; the town has its own
        days from then on.
    """
    if state is S.ELIM_VERIFIED and answered_by is not None:
        return Holder.DEPARTMENT, answered_by
    since = on if passes_on is None else passes_on
    return _LEAVES[state], since + timedelta(days=step_days)


def holder_on(holder: Holder, due_on: date, today: date, *, is_asked: bool = True, is_left: bool = False) -> Holder:
    """Who holds the step today: the county goes on once every department has answered, or else after the limit, when
    their silence is recorded; and it alone can end the case of a household of which nobody is here any more.

    :param is_asked: whether a department is still to answer.
    :param is_left: whether everybody has died or moved away.
    """
    if is_left:
        return Holder.COUNTY
    return Holder.COUNTY if holder is Holder.DEPARTMENT and (today > due_on or not is_asked) else holder


def timeliness(due_on: date, today: date, alarm: Alarm) -> Timeliness:
    """Whether a step that is not done yet is in time, near its due, or past it."""
    if today > due_on:
        return Timeliness.LATE
    return Timeliness.NEAR if (due_on - today).days < alarm.near_days else Timeliness.ON_TIME


def escalated_to(due_on: date, today: date, alarm: Alarm) -> Level | None:
    """The highest level that a late step is told to, or None."""
    late_days = (today - due_on).days
    told = [level for level, days in alarm.escalates.items() if 0 < days <= late_days]
    return min(told, default=None)


def read_escalation(items: Sequence[str]) -> dict[Level, int]:
    """``town 1``: the town is told of a step that is a day late.

    :raises ValueError: for what cannot be read.
    """
    found = dict[Level, int]()
    for item in items:
        level, _, days = item.partition(" ")
        if level not in _LEVELS or not (days.isascii() and days.isdigit() and int(days) > 0):
            raise ValueError("an escalation reads `town 1`")
        found[_LEVELS[level]] = int(days)
    return found


def escalation_fault(value: Any) -> Message | None:
    """Why a value cannot be an escalation, or None; the parameter's own check."""
    try:
        read_escalation(value)
    except ValueError:
        return Message("每项写“层级 超期天数”，如“town 1”。", "Each item is a level and days late, such as `town 1`.")
    return None
