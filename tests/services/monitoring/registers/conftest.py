"""A village with people in it, department rows about them, and the feed that makes registers of these."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from chassis.jobs.definition import defer
from chassis.jobs.sweeps import SweepRun
from chassis.testing.programs import COUNTY, officer
from services.monitoring.registers.jobs import ASSESS, FEED, FeedParameters
from tests.personas import household, number, person
from tests.services.monitoring.at_work import at_work
from tests.services.monitoring.screening import county_data


class County:
    """What tests do to registers: register people, hand rows in, feed, ask."""

    def __init__(self, asks: Callable[..., Any], program: Any) -> None:
        self.asks, self.program = asks, program

    async def family(self, *members: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A registered household; its members in the order given."""
        made = await self.asks().post("/households", json=household(members=list(members) or [person()], **fields))
        assert made.status_code == 201, made.text
        return made.json()

    async def says(self, dataset: str, someone: dict[str, Any], home: dict[str, Any], on: date, **payload: Any) -> UUID:
        """A department's row in force."""
        return await county_data.record(self.program, dataset, someone, home["id"], on, **payload)

    async def feed(self, dataset: str, region: int = COUNTY) -> None:
        """What follows a batch: the job that its listener asks for."""
        async with self.program.unit(officer(region=region)) as unit:
            job_id = await defer(unit, FEED, FeedParameters(dataset=dataset), region)
        async with at_work(self.program, [FEED]):
            row = await county_data.ended(self.program, job_id)
        assert row.state == "succeeded", (row.error_code, row.error)

    async def sweep(self) -> None:
        """The night of today."""
        await ASSESS.run(SweepRun(self.program, ASSESS.name, COUNTY, self.program.clock.today()))

    async def facts(self, register: str, **query: Any) -> list[dict[str, Any]]:
        answer = await self.asks().get(f"/registers/{register}/facts", params=query)
        assert answer.status_code == 200, answer.text
        return sorted(answer.json()["items"], key=lambda one: (one["holds_from"], one["id"]))

    async def findings(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.asks().get("/register-findings", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def codes(self, **query: Any) -> list[str]:
        return sorted(one["code"] for one in await self.findings(**query))


async def decreed(asks: Callable[..., Any], key: str, value: dict[str, Any]) -> None:
    """The county's own value of a parameter, proposed by one and approved by another."""
    body = {
        "key": key,
        "scope": f"{COUNTY}",
        "value": value,
        "effective_from": "2024-05-01",
        "source": "县办〔2024〕5号",
    }
    proposed = await asks().post("/parameters", json=body)
    assert proposed.status_code == 201, proposed.text
    row = proposed.json()
    approved = await asks().post(f"/parameters/{row['id']}/approve", headers={"If-Match": f'"{row["version"]}"'})
    assert approved.status_code == 200, approved.text


@pytest.fixture
def county(asks, monitoring) -> County:
    return County(asks, monitoring)


@pytest.fixture
async def child(county) -> dict[str, Any]:
    """A household with its head and a child of eleven; ``child["child"]`` is the child."""
    made = await county.family(
        person(), person(name="王小雨", identity_number=number("20130412"), relation="20", labour_skill=None)
    )
    made["child"] = next(one for one in made["members"] if one["name"] == "王小雨")
    return made
