"""Households that stand among the monitored, as the national system tells of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import httpx
import pytest

from chassis.program import Program
from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, VILLAGE
from tests.personas import household, person
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.monitored import tell_monitoring

Tell = Callable[..., Awaitable[None]]


@pytest.fixture
def county(asks: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    return asks(Role.COUNTY_OFFICER, COUNTY)


@pytest.fixture
def tell(monitoring: Program) -> Tell:
    """``tell(home, type, risks, registered_on=…)``: what the national system says of a household of the county."""

    return partial(tell_monitoring, monitoring)


@pytest.fixture
def registered(county: httpx.AsyncClient, tell: Tell) -> Callable[..., Awaitable[str]]:
    """``registered(members, type, risks, registered_on=…)``: a household that stands among the monitored."""

    async def register(members: int, kind: str, *risks: str, region: int = VILLAGE, **said: str) -> str:
        people = [person(relation="02"), *(person(relation="97") for _ in range(members - 1))]
        body = household(members=people, region=str(region), valid_from="2024-01-01")
        home: str = made(await county.post("/households", json=body))["id"]
        await tell(home, kind, *risks, **said)
        return home

    return register
