"""A run on the database: from a department's row to one explained clue, however often and however rudely it is run."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Role
from services.monitoring.clues.tables import Clue, Hit
from services.monitoring.screening.seeding import seed_screening
from services.monitoring.screening.tables import Firing, ScreeningRun
from tests.personas import CHEN
from tests.services.monitoring.screening import county_data as county

SELF_PAY = "medical.annual_self_pay"
MAY = date(2024, 5, 1)


@pytest.fixture
async def chen(asks, monitoring):
    """Household A with the wife's self-pay of 20,000.00 told by medical insurance."""
    await seed_screening(monitoring)
    household = (await asks().post("/households", json=CHEN)).json()
    wife = next(one for one in household["members"] if one["name"] == "李秀兰")
    wife["record"] = await county.record(monitoring, SELF_PAY, wife, household["id"], MAY, row=7, self_pay_fen=2_000_000)
    return household, wife


async def test_r01_fires_for_the_wife_on_the_third_of_june(asks, monitoring, chen):
    household, wife = chen
    run = await county.screen(monitoring)
    assert (run.state, run.counts["fired"], run.counts["clues_raised"], run.counts["hits"]) == ("succeeded", 1, 1, 1)
    [clue] = await county.everything(monitoring, Clue)
    [hit] = await county.everything(monitoring, Hit)
    assert (str(clue.household_id), clue.severity, clue.hit_count, clue.version) == (household["id"], 3, 1, 1)
    assert (hit.rule_id, hit.rule_version, str(hit.person_id), hit.fact_value) == ("R01", 1, wife["id"], 2_000_000)
    assert hit.thresholds == {"self_pay_monitored_min_fen": 500_000}
    assert (hit.source_dataset, hit.source_row, hit.source_records) == (SELF_PAY, 7, [wife["record"]])
    assert (clue.due_at - monitoring.clock.business_now()).total_seconds() == 24 * 3600
    assert await county.everything(monitoring, Firing) == []
    assert not (monitoring.settings.data_directory / "screening" / "610999000000").exists()
