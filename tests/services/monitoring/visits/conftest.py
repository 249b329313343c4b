"""A village cadre, and a household with members whom somebody has to visit."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from services.monitoring.screening.seeding import seed_screening
from tests.personas import household, number, person
from tests.services.monitoring.answers import member


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def home(asks, monitoring):
    """An old man and a child whose parents work elsewhere, both marked."""
    await seed_screening(monitoring)
    members = [
        person(name="陈老汉", identity_number=number("19480101")),
        person(name="陈小花", relation="30", identity_number=number("20150101"), labour_skill="none"),
    ]
    made = (await asks().post("/households", json=household(valid_from="2024-01-01", members=members))).json()
    for name, kind in (("陈老汉", "left_behind_elder"), ("陈小花", "left_behind_child")):
        mark = {"kind": kind, "starts_on": "2024-05-01", "source": "民政台账"}
        answer = await asks().post(f"/persons/{member(made, name)['id']}/attention", json=mark)
        assert answer.status_code == 201, answer.text
    return made
