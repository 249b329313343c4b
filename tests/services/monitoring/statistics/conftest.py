"""Households that stand among the monitored, as the national system tells of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import httpx
import pytest

from chassis.identifiers import new_id
from chassis.program import Program
from chassis.security.scope import Area, Role, program
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.codes.monitoring import EliminationMode, MonitoringType, Risk
from services.monitoring.households.actions.monitoring import Source, Told, record_monitoring
from services.monitoring.households.importing.model import Setting
from services.monitoring.households.known_areas import thresholds_at
from services.monitoring.households.rules.facts import IncomeFigures
from services.monitoring.households.rules.monitoring_facts import SaidMonitoring
from tests.personas import household, person
from tests.services.monitoring.cases.village import made

Tell = Callable[..., Awaitable[None]]


@pytest.fixture
def county(asks: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    return asks(Role.COUNTY_OFFICER, COUNTY)


@pytest.fixture
def tell(monitoring: Program) -> Tell:
    """``tell(home, type, risks, registered_on=…)``: what the national system says of a household of the county."""

    async def tell(
        home: str,
        kind: str,
        *risks: str,
        registered_on: str = "2024-05-20",
        eliminated_on: str | None = None,
        county: int = COUNTY,
    ) -> None:
        said = SaidMonitoring(
            monitoring_type=MonitoringType(kind),
            risks=tuple(Risk(risk) for risk in risks),
            registered_on=date.fromisoformat(registered_on),
            eliminated_on=date.fromisoformat(eliminated_on) if eliminated_on else None,
            elimination_mode=EliminationMode.HELPED if eliminated_on else None,
        )
        told = Told(household_id=UUID(home), said=said, income_after=IncomeFigures())
        async with monitoring.unit(program("national", county)) as unit:
            source = Source(kind="national", id=new_id(), on=monitoring.clock.today())
            area, thresholds = Area.of(county), await thresholds_at(unit, county)
            setting = Setting(monitoring.clock.today(), area.lo, area.hi, thresholds)
            await record_monitoring(unit, [told], source, setting, codes=())

    return tell


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
