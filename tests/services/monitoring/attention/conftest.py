"""A village cadre, and a household with a child."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from services.monitoring.screening.seeding import seed_screening
from tests.personas import household, number, person


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def home(asks, monitoring):
    await seed_screening(monitoring)
    child = person(name="陈小花", relation="30", identity_number=number("20150101"), labour_skill="none")
    body = household(valid_from="2024-01-01", members=[person(name="陈大山"), child])
    return (await asks().post("/households", json=body)).json()


@pytest.fixture
def child(home):
    return next(one for one in home["members"] if one["name"] == "陈小花")


@pytest.fixture
def father(home):
    return next(one for one in home["members"] if one["name"] == "陈大山")
