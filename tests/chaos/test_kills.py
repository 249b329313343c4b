"""Kills under a writing load, the broker away for a minute among them: nothing lost, doubled or reordered."""

from __future__ import annotations

import json
import sys
from random import Random

import pytest

from tests.chaos.killing import EVERYTHING, OUTAGE, plan
from tests.chaos.run import run
from tests.chaos.site import API, BROKER, POSTGRES, READER, RELAY

KILLS, KILLS_LONG = 20, 200
OUTAGE_SECONDS = 60


@pytest.mark.parametrize("seed", range(5))
def test_every_kind_of_kill_is_planned_and_the_broker_is_away_once(seed):
    planned = plan(KILLS, Random(seed), outage=True)
    assert len(planned) == KILLS
    assert set(planned) == {API, RELAY, READER, POSTGRES, BROKER, EVERYTHING, OUTAGE}
    assert planned.count(OUTAGE) == 1


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(KILLS, marks=pytest.mark.budget(720), id="twenty"),
        pytest.param(KILLS_LONG, marks=pytest.mark.long, id="two hundred"),
    ],
)
def test_kills_lose_double_and_reorder_nothing(kills, kafka_programs, pytestconfig, capsys):
    seed = int(pytestconfig.getoption("--hypothesis-seed")) % 2**31
    account = run(kills=kills, seed=seed, outage_seconds=OUTAGE_SECONDS)
    report = json.dumps(account.told(), ensure_ascii=False, indent=2)
    with capsys.disabled():
        sys.stderr.write(f"\n{report}\n")
    assert not account.faults, report
    assert len(account.kills) == kills
    assert len(account.notes.acknowledged) > kills, report
