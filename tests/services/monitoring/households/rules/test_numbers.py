"""Another identity number for a person: every guard against it is named."""

from dataclasses import replace
from datetime import date

import pytest

from chassis.identity_numbers import IdentityNumber
from services.monitoring.codes.changes import NumberChangeReason
from services.monitoring.households.rules.numbers import NumberCorrection, refusals_of_correction

TODAY = date(2024, 6, 3)
OLD = IdentityNumber("610999197403123010")
NEW = IdentityNumber("61099919850715019X")
FIFTEEN = IdentityNumber.parse("610999740312301", today=TODAY)
Reason = NumberChangeReason
CORRECTION = NumberCorrection(current=OLD, new=NEW, reason=Reason.TYPING_ERROR, held_by_other=False, on=TODAY)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"current": None, "reason": Reason.FIRST},
        {"current": NEW, "new": OLD},
        {"current": FIFTEEN, "new": OLD, "reason": Reason.UPGRADED},
    ],
    ids=["another", "a first one", "back to a former one", "15 digits confirmed"],
)
def test_a_correction_that_says_what_it_is_passes(changes):
    assert refusals_of_correction(replace(CORRECTION, **changes), today=TODAY) == ()


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
    ],
)
def test_every_guard_against_a_correction_is_named(changes, expected):
    faults = refusals_of_correction(replace(CORRECTION, **changes), today=TODAY)
    assert [fault.code for fault in faults] == expected
    assert all("610999" not in fault.message.zh + fault.message.en for fault in faults)
