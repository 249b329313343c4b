"""A program that starts before its database waits for it; what is no outage ends the start at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import MetaData
from sqlalchemy.exc import OperationalError

from chassis import lifecycle
from chassis.errors import Message
from chassis.lifecycle import opened
from chassis.service import Service


def service_that(start) -> Service:
    return Service("test", Message("测试", "Test"), MetaData(), Path(), [], on_start=(start,))


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(lifecycle, "_POLL_SECONDS", 0.01)


async def test_a_database_that_is_away_is_waited_for(make_program):
    tries = []

    async def start(_program) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("SELECT 1", {}, Exception("the server is starting up"))

    async with opened(service_that(start), make_program()):
        assert len(tries) == 3


async def test_one_that_stays_away_ends_the_start(make_program, monkeypatch):
    monkeypatch.setattr(lifecycle, "DATABASE_SECONDS_MAX", 0.05)

    async def start(_program) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    with pytest.raises(OperationalError):
        async with opened(service_that(start), make_program()):
            pytest.fail("it must not open")


async def test_a_fault_of_ours_is_not_waited_for(make_program):
    tries = []

    async def start(_program) -> None:
        tries.append(1)
        raise LookupError

    with pytest.raises(LookupError):
        async with opened(service_that(start), make_program()):
            pytest.fail("it must not open")
    assert len(tries) == 1
