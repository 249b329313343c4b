"""The end may be asked for at any moment, once or often; an interrupt that got lost is not forgotten."""

from __future__ import annotations

import pytest

from deploy.embedded.ending import Ending


def test_the_first_interrupts_a_start_and_a_second_does_not_disturb_the_end():
    ending = Ending()
    ending.check()
    with pytest.raises(KeyboardInterrupt):
        ending.ask()
    ending.ask()
    assert ending.is_asked


def test_an_interrupt_that_got_lost_ends_the_start_at_its_next_step():
    ending = Ending()
    with pytest.raises(KeyboardInterrupt):
        ending.ask()
    with pytest.raises(KeyboardInterrupt):
        ending.check()


def test_a_platform_that_runs_is_not_interrupted():
    ending = Ending()
    ending.wait_for_watch()
    ending.ask()
    assert ending.is_asked
