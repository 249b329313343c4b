"""A lifted household with an old and disabled father."""

from __future__ import annotations

from datetime import date

import pytest

from services.monitoring.screening.seeding import seed_screening
from tests.personas import CHEN, number, person
from tests.services.monitoring.answers import member
from tests.services.monitoring.screening import county_data as county


@pytest.fixture
async def chen(asks, monitoring):
    """A lifted household whose father is 85 and severely disabled."""
    await seed_screening(monitoring)
    father = person(name="陈老汉", relation="51", identity_number=number("19390101"), labour_skill="none")
    body = CHEN | {"valid_from": "2024-01-01", "members": [*CHEN["members"], father]}
    made = (await asks().post("/households", json=body)).json()
    day = date(2023, 5, 1)
    await county.record(
        monitoring, "disability.certificates", member(made, "陈老汉"), made["id"], day, disability_level=1
    )
    return made


@pytest.fixture
def father(chen):
    return member(chen, "陈老汉")
