"""The papers of a village are made by a job that shows how far it is, and are fetched as often as they are needed."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from chassis.files.files import Files
from chassis.jobs.context import JobPaused
from chassis.security.scope import Area, Role
from chassis.testing.eventually import eventually
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.paper import job as papers_job
from services.monitoring.paper.job import PAPERS
from services.monitoring.paper.schemas import ANSWERED_MAX
from tests.personas import household
from tests.printed import pages, printed
from tests.services.monitoring.at_work import at_work
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.paper.asking import NEXT_VILLAGE, faults

PRINT = {"forms": ["card"], "purpose": "整村上墙"}


@pytest.fixture
async def homes(them, named) -> list[str]:
    """More than one prints while somebody waits."""
    body = [household() for _ in range(ANSWERED_MAX + 1)]
    return [made(await them.cadre.post("/households", json=one))["id"] for one in body]


@pytest.fixture
async def working(monitoring) -> AsyncIterator[None]:
    async with at_work(monitoring, [PAPERS]):
        yield


async def over(them: Any, job_id: str) -> dict[str, Any]:
    async def ended() -> Any:
        read = made(await them.cadre.get(f"/jobs/{job_id}"))
        return read if read["state"] not in ("queued", "running") else None

    found: dict[str, Any] = await eventually(ended, within_seconds=30)
    return found


async def test_a_whole_village_is_printed_by_a_job_and_fetched_twice(them, asks, homes, working):
    assert await faults(them.cadre, household_ids=homes) == [("/household_ids", "too_many_households")]
    asked = await them.cadre.post("/paper-files", json=PRINT | {"household_ids": homes})
    assert (asked.status_code, asked.json()["households"]) == (202, len(homes))
    job_id = asked.json()["job_id"]
    assert asked.headers["location"].endswith(f"/jobs/{job_id}")
    job = await over(them, job_id)
    assert (job["state"], job["progress"]["done"], job["progress"]["total"]) == ("succeeded", len(homes), len(homes))
    first, again = [await them.cadre.get(f"/paper-files/{job_id}") for _ in range(2)]
    assert first.headers["content-type"] == "application/pdf"
    assert first.headers["cache-control"] == "private, no-store"
    assert first.content == again.content
    assert len(pages(first.content)) == len(homes)
    assert (await asks(Role.VILLAGE_CADRE, NEXT_VILLAGE).get(f"/paper-files/{job_id}")).status_code == 404
    member = made(await them.cadre.get(f"/households/{homes[-1]}"))["members"][0]
    for entity, action, times in ((job["result"]["file_id"], "paper.fetch", 2), (member["id"], "paper.print", 1)):
        log = made(await asks(Role.AUDITOR, COUNTY).get("/audit/entries", params={"entity_id": entity}))["items"]
        assert [one["action"] for one in log].count(action) == times


async def test_a_file_is_fetched_once_it_is_ready_and_while_it_is_kept(them, monitoring, homes):
    job_id = made(await them.cadre.post("/paper-files", json=PRINT | {"household_ids": homes[:2]}))["job_id"]
    early = await them.cadre.get(f"/paper-files/{job_id}")
    assert (early.status_code, early.json()["errors"][0]["code"]) == (409, "file_not_ready")
    async with at_work(monitoring, [PAPERS]):
        await over(them, job_id)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        [kept] = await connection.execute(text("SELECT purpose, region, keep_until::text FROM stored_file"))
    assert tuple(kept) == ("paper", VILLAGE, "2024-06-10")
    body = {"household_ids": homes[:2], "region": str(VILLAGE)}
    twice = await them.cadre.post("/paper-files", json=PRINT | body)
    assert twice.json()["errors"][0]["code"] == "one_selection"


async def test_a_stop_between_the_file_and_the_end_of_its_job_keeps_one_file(them, monitoring, homes, monkeypatch):
    kept = []
    keep = Files.keep

    async def counted(self: Files, *args: Any, **named: Any) -> Any:
        kept.append(1)
        return await keep(self, *args, **named)

    monkeypatch.setattr(Files, "keep", counted)
    real, runs = papers_job.make_papers, []

    async def stopped_once(job: Any) -> Any:
        runs.append(job.resume)
        result = await real(job)
        if len(runs) == 1:
            raise JobPaused
        return result

    job_id = made(await them.cadre.post("/paper-files", json=PRINT | {"household_ids": homes[:2]}))["job_id"]
    kind = dataclasses.replace(PAPERS, handler=stopped_once)
    async with at_work(monitoring, [kind]):
        job = await over(them, job_id)
    assert (job["state"], len(kept), runs) == ("succeeded", 1, [None, job["result"]])
    assert printed((await them.cadre.get(f"/paper-files/{job_id}")).content)
