"""Give a person another identity number; the old one is kept, because files of departments go on using it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from chassis.errors import Fault, Message
from chassis.identity_numbers import IdentityNumber
from services.monitoring.codes.changes import NumberChangeReason


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCorrection:
    """A new number for one person.

    :param current: the number on record, None if there is none.
    :param held_by_other: whether another person of the registry bears ``new`` now, or bore it.
    """

    current: IdentityNumber | None
    new: IdentityNumber
    reason: NumberChangeReason
    held_by_other: bool
    on: date


def refusals_of_correction(correction: NumberCorrection, *, today: date) -> tuple[Fault, ...]:
    """Every reason why this number may not be recorded.

    That birth date or sex differ from the new number is a doubt of the person's record, found when it is judged.
    """
    current, new, reason = correction.current, correction.new, correction.reason
    failed = {
        "correction_after_today": correction.on > today,
        "number_born_after_today": new.born_after(today),
        "number_unchanged": current == new and (reason is not NumberChangeReason.UPGRADED or new.former is not None),
        "number_held_by_other": correction.held_by_other,
        "number_not_full": new.former is not None,
        "reason_first_only_without_number": (reason is NumberChangeReason.FIRST) != (current is None),
        "reason_upgraded_only_from_former": reason is NumberChangeReason.UPGRADED
        and (current is None or current.former is None),
    }
    return tuple(Fault(_POINTERS.get(code, "/new"), code, _SAY[code]) for code, holds in failed.items() if holds)


_POINTERS: Final = {
    "correction_after_today": "/on",
    "reason_first_only_without_number": "/reason",
    "reason_upgraded_only_from_former": "/reason",
}
_SAY: Final = {
    "correction_after_today": Message("更正日期晚于今天，请核对。", "The correction is dated after today; check it."),
    "number_born_after_today": Message(
        "新号码中的出生日期晚于今天，请对照证件核对。",
        "The birth date in the new number lies after today; compare it with the card.",
    ),
    "number_unchanged": Message("新号码与现有号码相同，无需更正。", "The new number is the one on record."),
    "number_held_by_other": Message(
        "该号码已登记在另一人名下，请由县级核实是否为同一人后再办理。",
        "Another person of the registry bears this number; have the county find out whether they are one person.",
    ),
    "number_not_full": Message("请录入18位号码。", "Give the number of 18 signs."),
    "reason_first_only_without_number": Message(
        "没有号码的人请选择首次补录，已有号码的请选择其他原因。",
        "Choose the reason first for a person without a number, and another one for a person who has one.",
    ),
    "reason_upgraded_only_from_former": Message(
        "只有现有号码为15位旧号时才能选择此原因。", "This reason is only for a number recorded with 15 digits."
    ),
}
