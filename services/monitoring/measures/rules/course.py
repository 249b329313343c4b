"""When a measure may begin and end, and whether it came before the event or after it (clause B9, X-05)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from chassis.errors import Fault, Message
from services.monitoring.codes.measures import MeasureEnd, MeasureTiming


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` on, until the day before ``until``; open if that is None."""

    first: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)


def timing_of(started_on: date, events: Iterable[Span], *, has_case: bool) -> MeasureTiming:
    """事后帮扶 if the household was hit or registered on the first day, else 事前预防.

    :param events: when a clue waited or went into a case (until the day of its dismissal), and when the household was
        registered (until its elimination).
    :param has_case: a measure of a case answers what the case is about.
    """
    hit = has_case or any(event.holds_on(started_on) for event in events)
    return MeasureTiming.AFTER_EVENT if hit else MeasureTiming.PREVENTIVE


def refusals_of_course(started_on: date, planned_end_on: date | None, *, today: date) -> list[Fault]:
    """What stands against these days."""
    faults = []
    if started_on > today:
        faults.append(Fault("/started_on", "start_after_today", _AFTER_TODAY))
    if planned_end_on is not None and planned_end_on < started_on:
        faults.append(Fault("/planned_end_on", "end_before_start", _BEFORE_START))
    return faults


def refusals_of_end(
    ended_on: date, reason: MeasureEnd, note: str | None, *, started_on: date, today: date
) -> list[Fault]:
    """What stands against ending a measure so."""
    faults = []
    if ended_on > today:
        faults.append(Fault("/ended_on", "end_after_today", _AFTER_TODAY))
    if ended_on < started_on:
        faults.append(Fault("/ended_on", "end_before_start", _BEFORE_START))
    if reason is MeasureEnd.OTHER and not (note or "").strip():
        faults.append(Fault("/note", "note_missing", _NOTE))
    return faults


_AFTER_TODAY: Final = Message("日期不能晚于今天。", "The day cannot lie ahead; give today or an earlier day.")
_BEFORE_START: Final = Message("结束日期早于开始日期，请核对。", "The end is dated before the start; check both days.")
_NOTE: Final = Message("选择“其他”时请说明原因。", "Say why, in a note, where the reason is `other`.")
