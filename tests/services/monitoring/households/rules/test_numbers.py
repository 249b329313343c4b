"""Another identity number for a person: the old one is kept."""

from dataclasses import replace
from datetime import date

import pytest

from chassis.identity_numbers import IdentityNumber
from services.monitoring.codes.changes import NumberChangeReason
from services.monitoring.households.rules.numbers import (
    FormerNumber,
    NumberCorrection,
    after_correction,
    refusals_of_correction,
)

TODAY = date(2024, 6, 3)
OLD = IdentityNumber("610999197403123010")
NEW = IdentityNumber("61099919850715019X")
FIFTEEN = IdentityNumber.parse("610999740312301", today=TODAY)
Reason = NumberChangeReason
CORRECTION = NumberCorrection(
    current=OLD, former=(), new=NEW, reason=Reason.TYPING_ERROR, held_by_other=False, on=TODAY
)


def test_a_corrected_number_becomes_a_former_one():
    assert refusals_of_correction(CORRECTION, today=TODAY) == ()
    number, former = after_correction(CORRECTION)
    assert number == NEW
    assert former == (FormerNumber(OLD, TODAY, Reason.TYPING_ERROR),)


def test_a_number_given_for_the_first_time_leaves_no_former_one():
    first = replace(CORRECTION, current=None, reason=Reason.FIRST)
    assert refusals_of_correction(first, today=TODAY) == ()
    assert after_correction(first) == (NEW, ())


def test_a_number_that_comes_back_is_no_longer_former():
    _, former = after_correction(CORRECTION)
    back = replace(CORRECTION, current=NEW, former=former, new=OLD)
    assert refusals_of_correction(back, today=TODAY) == ()
    assert after_correction(back) == (OLD, (FormerNumber(NEW, TODAY, Reason.TYPING_ERROR),))


def test_a_number_of_15_digits_is_confirmed_and_kept_as_former():
    confirmed = replace(CORRECTION, current=FIFTEEN, new=OLD, reason=Reason.UPGRADED)
    assert refusals_of_correction(confirmed, today=TODAY) == ()
    number, [former] = after_correction(confirmed)
    assert (number.former, former.number.former) == (None, "610999740312301")
    again = replace(CORRECTION, current=NEW, former=(former,), new=OLD)
    assert after_correction(again)[1][0] is former, "the 15 digits stay, since files still use them"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"new": OLD}, ["number_unchanged"]),
        ({"held_by_other": True}, ["number_held_by_other"]),
        ({"on": date(2024, 6, 4)}, ["correction_after_today"]),
        ({"new": IdentityNumber("610999202406040017")}, ["number_born_after_today"]),
        ({"new": FIFTEEN}, ["number_unchanged", "number_not_full"]),
        ({"current": None}, ["reason_first_only_without_number"]),
        ({"reason": Reason.FIRST}, ["reason_first_only_without_number"]),
        ({"reason": Reason.UPGRADED}, ["reason_upgraded_only_from_former"]),
        (
            {"former": (FormerNumber(FIFTEEN, date(2024, 6, 4), Reason.UPGRADED),)},
            ["correction_before_the_last"],
        ),
    ],
)
def test_every_guard_against_a_correction_is_named(changes, expected):
    faults = refusals_of_correction(replace(CORRECTION, **changes), today=TODAY)
    assert [fault.code for fault in faults] == expected
    assert all("610999" not in fault.message.zh + fault.message.en for fault in faults)
