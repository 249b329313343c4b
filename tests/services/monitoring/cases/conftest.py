"""A village with its officials, its county's lines, and household A."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.security.scope import Role
from tests.personas import household
from tests.services.monitoring.cases.leaving import YEAR_OUT, guaranteed, lines_of_2025, measure, until
from tests.services.monitoring.cases.village import Officials, made
from tests.services.monitoring.income.statements import ENTRY, FIVE, recorded
from tests.services.monitoring.lines.county_lines import PROVINCE, acceptance_lines


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


@pytest.fixture
async def helped(them, chen, lines) -> dict[str, Any]:
    """Household A, registered on 2024-06-17 as in the story, and helped."""
    case = await them.dispatched(chen)
    until(them, "2024-06-05")
    await them.sign(chen)
    [case] = await them.compared(await them.verified(case))
    [case] = await them.met(case)
    until(them, "2024-06-08")
    shown = await them.published(case)
    until(them, "2024-06-13")
    made(await them.let_pass(shown))
    [case] = made(await them.at_town(await them.read(case)))["items"]
    until(them, "2024-06-17")
    [case] = made(await them.at_county(case))["items"]
    case = made(await them.do(them.cadre, case, "register"))
    return made(await them.do(them.town, case, "help", help_person="刘帮扶"))


@pytest.fixture
async def ready(asks, them, chen, helped) -> dict[str, Any]:
    """The same in July 2025, with everything that an elimination asks for."""
    until(them, "2024-09-10")
    await measure(them, chen, "health", "01", started_on="2024-06-24")
    await measure(them, chen, "other_education", "02", planned_end_on="2026-07-31", amount="3000.00")
    await measure(them, chen, "comprehensive_security", "03", started_on="2024-06-20")
    until(them, "2025-07-07")
    await lines_of_2025(asks, them, Role.PROVINCE_OFFICER)
    await recorded(them.cadre, chen["id"], ("transfer.relief", "6000.00", "2024-06"), *YEAR_OUT)
    await guaranteed(them, chen)
    return helped


@pytest.fixture
async def home(them):
    """A household about whose income nobody has to know."""
    return made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
