"""A village with its officials, its county's lines, and household A."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.security.scope import Role
from tests.services.monitoring.cases.village import Officials, made
from tests.services.monitoring.income.test_over_http import ENTRY, FIVE, recorded
from tests.services.monitoring.lines.test_over_http import PROVINCE, acceptance_lines


@pytest.fixture
def them(monitoring, asks) -> Officials:
    return Officials(monitoring, asks)


@pytest.fixture
async def lines(asks, them) -> None:
    province = (asks(Role.PROVINCE_OFFICER, PROVINCE), asks(Role.PROVINCE_OFFICER, PROVINCE))
    await acceptance_lines(province, (them.county, them.other_county))


@pytest.fixture
async def chen(them) -> dict[str, Any]:
    """Household A with the income of its twelve months."""
    household: dict[str, Any] = made(await them.cadre.post("/households", json=FIVE))
    await recorded(them.cadre, household["id"], *ENTRY)
    return household
