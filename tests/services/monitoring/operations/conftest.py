"""A cadre with a phone, and the household that it was taken to."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from tests.personas import CHEN


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    return (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()
