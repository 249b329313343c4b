"""A threshold with which a published rule could not run is refused when it is proposed, not when a county screens."""

from __future__ import annotations

import pytest

from chassis.errors import InvalidInput
from services.monitoring.parameters import CATALOGUE


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("screening.self_pay_monitored_min_fen", -100, "Give 0.00 元 or more."),
        ("screening.self_pay_monitored_min_fen", 0, "With this value R01 cannot run: "),
        ("screening.severe_disability_level_max", 4, "With this value R10 cannot run: "),
        ("screening.enrolment_closed_from_month", 13, "With this value R05 cannot run: "),
        ("screening.event_recent_months", 10**6, "Give 1200 月 or less."),
        ("screening.newborn_grace_days", 10**9, "Give 36525 天 or less."),
        ("screening.silence_months", 10**6, "Give 1200 月 or less."),
        ("screening.silence_step_percent", -1, "Give 0 % or more."),
        ("clues.due.high_hours", 10**9, "Give 876600 小时 or less."),
    ],
)
def test_a_number_that_would_stop_screening_is_refused(key, value, told):
    with pytest.raises(InvalidInput) as refused:
        CATALOGUE.check(key, value)
    [fault] = refused.value.faults
    assert fault.message.en.startswith(told), fault.message.en


@pytest.mark.parametrize("value", [1, 500_000, 700_000, 10**12])
def test_a_countys_own_threshold_is_taken(value):
    assert CATALOGUE.check("screening.self_pay_monitored_min_fen", value).unit == "元"
