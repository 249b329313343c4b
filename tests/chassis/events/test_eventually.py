"""Waiting for an effect ends when it is there, and says what was seen when it never came."""

from __future__ import annotations

import pytest

from chassis.testing.eventually import eventually


async def test_it_returns_the_first_true_answer():
    answers = iter([None, 0, "there"])
    assert await eventually(lambda: next(answers), every_seconds=0) == "there"


async def test_it_awaits_coroutines_and_takes_failed_assertions_as_not_yet():
    tries = 0

    async def probe():
        nonlocal tries
        tries += 1
        assert tries == 3
        return True

    assert await eventually(probe, every_seconds=0) is True


async def test_it_fails_with_what_it_saw_last():
    with pytest.raises(AssertionError, match="last seen: 0"):
        await eventually(lambda: 0, within_seconds=0.02, every_seconds=0.005)


async def test_other_errors_are_not_waited_out():
    with pytest.raises(ZeroDivisionError):
        await eventually(lambda: 1 / 0)
