"""Whoever makes things before others ask about them, and the places, numbers and names that they share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chassis.jobs.worker import JobWorker, Pace
from chassis.security.scope import Role
from chassis.testing.eventually import eventually
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.app import SERVICE
from tests.personas import CHEN, household, person
from tests.safety.running import Running

NEXT_VILLAGE = 610999101204
NEXT_COUNTY, NEXT_COUNTYS_TOWN, NEXT_COUNTYS_VILLAGE = 610998000000, 610998101000, 610998101201
FAR_COUNTY = 610997000000
DEPARTMENT, DATASET, PERIOD = "medical", "medical.annual_self_pay", "2024-05"
CLERK = "test:clerk of the department"
"""Who sent the department's files: a clerk sees no job of anybody else's."""
HEADINGS = "身份证号,姓名,截至月份,本年累计合规自付\r\n"
CHEN_NUMBER, LI_NUMBER = (member["identity_number"] for member in CHEN["members"])
WRONG_CHECK_DIGIT = "610999197608053029"
RULE = {
    "scope": str(COUNTY),
    "grain": "household",
    "subject": "household",
    "severity": "L",
    "expression": "members >= 3",
    "label": {"zh": "县里的规则", "en": "A rule of the county"},
    "clause": {"zh": "县发〔2024〕3号", "en": "county paper 3 of 2024"},
    "source": "县发〔2024〕3号",
}


class World(dict[str, Any]):
    """Ids and documents by short names; cases fill their paths from it."""


class Maker:
    """Whoever has to make things before the others ask about them."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.province = service.token(Role.PROVINCE_OFFICER, 610000000000)
        self.county = service.token(Role.COUNTY_OFFICER, COUNTY)
        self.second = service.token(Role.COUNTY_OFFICER, COUNTY)
        self.neighbour = service.token(Role.COUNTY_OFFICER, NEXT_COUNTY)
        self.clerk = service.token(Role.DEPARTMENT_CLERK, COUNTY, department=DEPARTMENT, subject=CLERK)
        self.cadre = service.token(Role.VILLAGE_CADRE, VILLAGE)
        self.town = service.token(Role.TOWN_OFFICER, TOWN)
        self.security = service.token(Role.SECURITY_ADMINISTRATOR, COUNTY)

    async def post(self, path: str, json: Any = None, *, by: str | None = None, **more: Any) -> Any:
        return await self.service.made("POST", path, by or self.county, json=json, **more)

    async def household(self, *members: Any, **changes: Any) -> Any:
        changes = {"valid_from": "2024-01-01"} | changes
        return await self.post("/households", household(members=list(members) or [person()], **changes))


async def over(service: Running, token: str, job_id: str) -> Any:
    """The job once it is over."""

    async def ended() -> Any:
        job = await service.made("GET", f"/jobs/{job_id}", token)
        return None if job["state"] in ("queued", "running") else job

    return await eventually(ended, within_seconds=30)


@asynccontextmanager
async def at_work(service: Running) -> AsyncIterator[None]:
    """A worker runs the service's jobs meanwhile."""
    stop = asyncio.Event()
    pace = Pace(poll=0.02, heartbeat=0.2, keep=0.2, again=0.05)
    worker = asyncio.create_task(JobWorker(service.program, SERVICE.jobs, pace=pace).run(stop))
    try:
        yield
    finally:
        stop.set()
        await worker


async def items_of(maker: Maker, path: str, **params: Any) -> list[Any]:
    items: list[Any] = (await maker.service.made("GET", path, maker.county, params=params))["items"]
    return items
