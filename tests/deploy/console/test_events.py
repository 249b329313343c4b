"""What an operator asks of events is meant by the operator's own day, and is told whole."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from chassis.events import operations, redelivery
from deploy.console import events
from deploy.console.main import app


@asynccontextmanager
async def nothing(*_words, **_options):
    yield SimpleNamespace(database=None, unit=nothing)


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "opened_program", nothing)


def test_a_day_begins_where_the_operator_is(monkeypatch):
    asked = []

    async def republish(_database, _types, *, since, only):
        asked.append(since)
        return 0

    monkeypatch.setattr(redelivery, "republish", republish)
    assert CliRunner().invoke(app, ["republish", "monitoring", "--since", "2024-06-03"]).exit_code == 0
    assert asked == [datetime(2024, 6, 2, 16, tzinfo=UTC)]


def test_every_parked_event_is_listed_however_many_there_are(monkeypatch):
    parked = [
        SimpleNamespace(
            position=7 + 2 * number, state="dead", tries=5, consumer="gateway", event_id=number, type="t", reason="r"
        )
        for number in range(2 * operations.LIST_MAX + 1)
    ]

    async def list_parked(_unit, *, after=0):
        return [event for event in parked if event.position > after][: operations.LIST_MAX]

    monkeypatch.setattr(operations, "list_parked", list_parked)
    told = CliRunner().invoke(app, ["parked", "list", "gateway"])
    assert [int(line.split()[0]) for line in told.output.splitlines()] == [event.position for event in parked]
