"""A dead service is left alone, tried by one request at a time, and taken back at its first answer."""

from __future__ import annotations

import pytest

from gateway.upstreams import Breaker


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def breaker(time):
    return Breaker(failures_max=3, rest_seconds=5, monotonic=time)


def fail(breaker, times):
    for _ in range(times):
        assert breaker.admit()
        breaker.failed()


def test_it_opens_after_so_many_failures_in_a_row(breaker):
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert breaker.state == "open"
    assert not breaker.admit()


def test_an_answer_between_failures_starts_the_count_anew(breaker):
    fail(breaker, 2)
    assert breaker.admit()
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_after_its_rest_one_request_tries_and_no_other(breaker, time):
    fail(breaker, 3)
    time.now += 4.9
    assert not breaker.admit()
    assert breaker.rest_left() == pytest.approx(0.1)
    time.now += 0.1
    assert breaker.state == "half_open"
    assert [breaker.admit(), breaker.admit()] == [True, False]


def test_a_trial_that_fails_opens_it_for_another_rest(breaker, time):
    fail(breaker, 3)
    time.now += 5
    fail(breaker, 1)
    assert breaker.rest_left() == 5
    assert not breaker.admit()


def test_a_trial_that_succeeds_closes_it(breaker, time):
    fail(breaker, 3)
    time.now += 5
    assert breaker.admit()
    breaker.succeeded()
    assert breaker.state == "closed"
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_a_trial_that_is_abandoned_leaves_the_place_to_the_next(breaker, time):
    fail(breaker, 3)
    time.now += 5
    assert breaker.admit()
    breaker.abandoned()
    assert breaker.state == "half_open"
    assert breaker.admit()
