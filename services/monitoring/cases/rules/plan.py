"""Plan the way from clue to register: which steps, in which order, and until when each of them (clause B8).

The limit binds, from day 0 to the register. A step's due is the limit less the lengths of the steps after it, at the
end of that day, day 0 not counted. Order, lengths, limit and the way of counting are an area's parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from chassis.calendar.rules import Calendar, DayCount, add_days
from chassis.errors import Message

LIMIT_DAYS_MAX: Final = 366


class Step(StrEnum):
    """A step, named by what is reached when it is done."""

    DISPATCHED = "dispatched"
    VERIFIED = "verified"
    COMPARED = "compared"
    VILLAGE_REVIEWED = "village_reviewed"
    PUBLICITY = "publicity"
    PASSED = "passed"
    TOWN_OK = "town_ok"
    COUNTY_OK = "county_ok"
    REGISTERED = "registered"


OPTIONAL: Final = frozenset({Step.COMPARED})
_BEFORE: Final = (
    (Step.DISPATCHED, Step.VERIFIED),
    (Step.VERIFIED, Step.COMPARED),
    (Step.VERIFIED, Step.VILLAGE_REVIEWED),
    (Step.VILLAGE_REVIEWED, Step.PUBLICITY),
    (Step.PUBLICITY, Step.PASSED),
    (Step.VILLAGE_REVIEWED, Step.TOWN_OK),
    (Step.PASSED, Step.COUNTY_OK),
    (Step.TOWN_OK, Step.COUNTY_OK),
    (Step.COUNTY_OK, Step.REGISTERED),
)
"""What an area cannot turn round: nobody is published who was not reviewed, nor registered whom nobody approved."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of a plan.

    :param days: its length. ``beside``: the step during which it runs; its own length then counts for nothing.
    """

    step: Step
    days: int = 0
    beside: Step | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """An area's way to the register.

    :param limit_days: from day 0 to the register, counted by ``count``.
    """

    limit_days: int
    count: DayCount
    steps: tuple[Planned, ...]

    @property
    def line(self) -> tuple[Step, ...]:
        """The steps that follow one another."""
        return tuple(one.step for one in self.steps if one.beside is None)

    def beside(self) -> Mapping[Step, Step]:
        """Steps that run beside another one → that one."""
        return {one.step: one.beside for one in self.steps if one.beside is not None}

    def has(self, step: Step) -> bool:
        return any(one.step is step for one in self.steps)

    def days_of(self, step: Step) -> int:
        """The length of a step; 0 where it has none of its own."""
        return sum(one.days for one in self.steps if one.step is step)

    def after(self, step: Step) -> Step | None:
        """The step that follows ``step`` on the line, or None after the last."""
        return dict(pairwise(self.line)).get(step)

    def written(self) -> list[str]:
        """As the parameter holds it; :func:`read_plan` reads it back."""
        head = [f"limit {self.limit_days} {self.count}"]
        return head + [
            f"{one.step} beside {one.beside}" if one.beside else f"{one.step} {one.days}" for one in self.steps
        ]


class PlanRefused(ValueError):
    """A plan that cannot be worked by. ``message`` says why, to a person."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


def read_plan(items: Sequence[str]) -> Plan:
    """The plan that a parameter says: ``limit 15 calendar``, then ``verified 2`` or ``compared beside verified``.

    :raises PlanRefused: for what cannot be read, breaks the order that every area keeps, or outlasts its limit.
    """
    head = items[0].split() if items else []
    if len(head) != 3 or head[0] != "limit" or not _is_count(head[1]) or head[2] not in set(DayCount):
        raise PlanRefused(
            Message("第一项写明总时限，如“limit 15 calendar”。", "Begin with the limit: limit 15 calendar.")
        )
    plan = Plan(int(head[1]), DayCount(head[2]), tuple(_planned(item) for item in items[1:]))
    _check(plan)
    return plan


def plan_fault(value: Any) -> Message | None:
    """Why a value cannot be a plan, or None; the parameter's own check."""
    try:
        read_plan(value)
    except PlanRefused as refused:
        return refused.message
    return None


def dues_of(plan: Plan, day_0: date, calendar: Calendar) -> dict[Step, date]:
    """Until the end of which day each step is to be done."""
    after, dues = 0, dict[Step, date]()
    for one in reversed(plan.steps):
        if one.beside is None:
            dues[one.step] = add_days(calendar, day_0, plan.limit_days - after, kind=plan.count).day
            after += one.days
    dues |= {step: dues[host] for step, host in plan.beside().items()}
    return {one.step: dues[one.step] for one in plan.steps}


def _planned(item: str) -> Planned:
    words = item.split()
    steps = {step.value: step for step in Step}
    if words and words[0] in steps:
        if len(words) == 2 and _is_count(words[1]):
            return Planned(steps[words[0]], int(words[1]))
        if len(words) == 3 and words[1] == "beside" and words[2] in steps:
            return Planned(steps[words[0]], beside=steps[words[2]])
    raise PlanRefused(
        Message(f"无法识别的步骤：{item[:40]}。", "A step reads `verified 2` or `compared beside verified`.")
    )


def _is_count(word: str) -> bool:
    return word.isascii() and word.isdigit() and int(word) <= LIMIT_DAYS_MAX


def _check(plan: Plan) -> None:
    named = [one.step for one in plan.steps]
    if len(set(named)) < len(named) or not set(Step) - OPTIONAL <= set(named):
        raise PlanRefused(
            Message("除比对外的每个步骤须各列一次。", "List every step once; only `compared` may be absent.")
        )
    line = plan.line
    hosts = plan.beside()
    if not set(hosts) <= OPTIONAL or not set(hosts.values()) <= set(line) - {Step.DISPATCHED, Step.REGISTERED}:
        raise PlanRefused(
            Message("只有比对可与主线步骤并行。", "Only `compared` may run beside, and beside a step of the line.")
        )
    place = {step: number for number, step in enumerate(line)}
    wrong = [pair for pair in _BEFORE if set(pair) <= set(line) and place[pair[0]] > place[pair[1]]]
    whole = line[0] is Step.DISPATCHED and line[-2:] == (Step.COUNTY_OK, Step.REGISTERED)
    if wrong or not whole or place[Step.PASSED] != place[Step.PUBLICITY] + 1:
        raise PlanRefused(
            Message(
                "步骤次序有误：先分派、核实、评议、公示，公示后即公示期满，最后县级审定和纳入。",
                "The order breaks: dispatched first; verified, reviewed, published, passed; county and register last.",
            )
        )
    total = sum(one.days for one in plan.steps if one.beside is None)
    if total > plan.limit_days:
        raise PlanRefused(
            Message(
                f"各步骤共 {total} 天，超过总时限 {plan.limit_days} 天，请缩短步骤。",
                f"The steps take {total} days and the limit is {plan.limit_days}; shorten them.",
            )
        )
