"""A household of a case whose departments are asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import BUSINESS_ZONE
from chassis.identifiers import new_id
from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE, officer
from services.monitoring.comparisons.actions.open import open_requests
from tests.personas import CHEN
from tests.services.monitoring.signed import consented

DUE = datetime(2024, 6, 7, 23, 59, 59, tzinfo=BUSINESS_ZONE)


@pytest.fixture
def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre) -> dict[str, Any]:
    """Household A, which authorised the inquiry."""
    household: dict[str, Any] = (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()
    await consented(cadre, household)
    return household


@pytest.fixture
def opened(monitoring) -> Callable[..., Any]:
    """``await opened(household, case_id=…, departments=…)``: the requests, as the case opens them."""

    async def ask(household: dict[str, Any], case_id: UUID | None = None, **more: Any) -> list[Any]:
        async with monitoring.unit(officer()) as unit:
            return await open_requests(
                unit,
                case_id=case_id or new_id(),
                household_id=UUID(household["id"]),
                **{"due_at": DUE} | more,
            )

    return ask


@pytest.fixture
def clerk(asks) -> Callable[..., Any]:
    return lambda department="medical": asks(Role.DEPARTMENT_CLERK, department=department)


@pytest.fixture
async def wife(chen):
    return next(one for one in chen["members"] if one["name"] == "李秀兰")


@pytest.fixture
async def head(chen):
    return next(one for one in chen["members"] if one["name"] == "陈大山")
