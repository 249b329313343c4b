"""Each end of a clue is told, so that whoever keeps a to-do of it can close it by the event alone."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from chassis.events.tables import outbox
from chassis.security.scope import Area
from services.monitoring.contract import ClueRaised
from services.monitoring.screening.seeding import seed_screening
from tests.personas import CHEN
from tests.services.monitoring.screening import county_data as county

SELF_PAY = "medical.annual_self_pay"


@pytest.fixture
async def record(asks, monitoring):
    await seed_screening(monitoring)
    household = (await asks().post("/households", json=CHEN)).json()
    wife = household["members"][1]
    made = await county.record(
        monitoring, SELF_PAY, wife, household["id"], date(2024, 5, 1), row=7, self_pay_fen=2_000_000
    )
    await county.screen(monitoring)
    return made


async def told(monitoring) -> list[str]:
    events = select(outbox.c.data).where(outbox.c.type == ClueRaised.wire_type()).order_by(outbox.c.aggregate_version)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        return [row.data["state"] for row in await connection.execute(events)]


async def test_a_dismissal_is_told(asks, monitoring, record):
    [clue] = (await asks().get("/clues")).json()["items"]
    answer = await asks().post(f"/clues/{clue['id']}/dismiss", json={"reason": "bearable"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert await told(monitoring) == ["open", "dismissed"]


async def test_a_withdrawal_is_told(monitoring, record):
    await county.withdraw(monitoring, record)
    await county.screen(monitoring)
    assert await told(monitoring) == ["open", "withdrawn"]
