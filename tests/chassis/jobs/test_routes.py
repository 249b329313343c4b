"""A client reads a job's progress and end, pages through the jobs of its area, and stops one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import MetaData, update
from tests_jobs_kinds import COUNTING, CountParameters

from chassis.errors import Message
from chassis.http.application import create_app
from chassis.identifiers import new_id
from chassis.jobs.definition import defer
from chassis.jobs.routes import jobs_router
from chassis.jobs.tables import job
from chassis.program import Program
from chassis.security.scope import Area, Permission, Role
from chassis.service import Service
from chassis.testing.programs import COUNTY, TOWN, officer, sign_in

READ = Permission("job_read", frozenset({Role.COUNTY_OFFICER, Role.TOWN_OFFICER}))
CANCEL = Permission("job_cancel", frozenset({Role.COUNTY_OFFICER}))


@asynccontextmanager
async def client(program: Program, actor: Any) -> AsyncIterator[httpx.AsyncClient]:
    sign_in(program, actor)
    service = Service(
        "test", Message("测试", "Test"), MetaData(), Path(), [jobs_router("test", READ, CANCEL, kinds=[COUNTING.name])]
    )
    transport = httpx.ASGITransport(create_app(service, program))
    headers = {"Authorization": "Bearer x"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made:
        yield made


async def asked(program: Program, number: int = 1, region: int = COUNTY) -> list[UUID]:
    async with program.unit(officer()) as unit:
        return [await defer(unit, COUNTING, CountParameters(upto=3, pause=0), region) for _ in range(number)]


async def change(program: Program, job_id: UUID, **values: Any) -> None:
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(update(job).where(job.c.id == job_id).values(version=job.c.version + 1, **values))


async def test_progress_is_seen_and_an_unchanged_job_answers_304(make_job_program):
    program = make_job_program()
    (one,) = await asked(program)
    await change(
        program, one, state="running", progress_done=2, progress_total=3, progress_note={"zh": "二", "en": "2"}
    )
    async with client(program, officer()) as http:
        answer = await http.get(f"/v1/test/jobs/{one}")
        assert answer.status_code == 200
        body = answer.json()
        assert (body["state"], body["region"]) == ("running", str(COUNTY))
        assert body["progress"] == {"done": 2, "total": 3, "note": "二"}
        headers = {"If-None-Match": answer.headers["etag"]}
        assert (await http.get(f"/v1/test/jobs/{one}", headers=headers)).status_code == 304
        await change(program, one, progress_done=3)
        assert (await http.get(f"/v1/test/jobs/{one}", headers=headers)).status_code == 200


async def test_a_failure_is_told_in_the_readers_language(make_job_program):
    program = make_job_program()
    (one,) = await asked(program)
    fault = {"pointer": "name", "code": "missing_column", "zh": "缺少“姓名”列。", "en": "The column name is missing."}
    error = {"zh": "太少。", "en": "Too few.", "faults": [fault]}
    await change(
        program, one, state="failed", error_code="too_few", error=error, finished_at=program.clock.system_now()
    )
    async with client(program, officer()) as http:
        chinese = (await http.get(f"/v1/test/jobs/{one}")).json()["error"]
        english = (await http.get(f"/v1/test/jobs/{one}", headers={"Accept-Language": "en"})).json()["error"]
    told = {"pointer": "name", "code": "missing_column"}
    assert chinese == {"code": "too_few", "message": "太少。", "errors": [told | {"message": fault["zh"]}]}
    assert english == {"code": "too_few", "message": "Too few.", "errors": [told | {"message": fault["en"]}]}


async def test_a_failure_without_faults_is_told_without_them(make_job_program):
    program = make_job_program()
    (one,) = await asked(program)
    error = {"zh": "太少。", "en": "Too few."}
    await change(
        program, one, state="failed", error_code="too_few", error=error, finished_at=program.clock.system_now()
    )
    async with client(program, officer()) as http:
        assert (await http.get(f"/v1/test/jobs/{one}")).json()["error"]["errors"] == []


async def test_pages_hold_every_job_once_the_newest_first(make_job_program):
    program = make_job_program()
    jobs = await asked(program, 5)
    async with client(program, officer()) as http:
        seen, cursor = [], None
        for _ in range(10):
            query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = (await http.get("/v1/test/jobs", params=query)).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page.get("next_cursor")
            if cursor is None:
                break
    assert seen == [str(one) for one in reversed(jobs)]


async def test_filters_choose_and_a_wrong_one_is_refused(make_job_program):
    program = make_job_program()
    first, second = await asked(program, 2)
    await change(program, first, state="running")
    async with client(program, officer()) as http:
        running = (await http.get("/v1/test/jobs", params={"state": "running"})).json()["items"]
        assert [item["id"] for item in running] == [str(first)]
        counted = (await http.get("/v1/test/jobs", params={"kind": "count"})).json()["items"]
        assert [item["id"] for item in counted] == [str(second), str(first)]
        [fault] = (await http.get("/v1/test/jobs", params={"kind": "other"})).json()["errors"]
        assert fault == {"pointer": "?kind", "code": "unlisted", "message": "可选值：count。"}
        assert (await http.get("/v1/test/jobs", params={"state": "dreaming"})).status_code == 422
        assert (await http.get("/v1/test/jobs", params={"status": "running"})).status_code == 422


async def test_a_job_outside_the_area_is_not_there(make_job_program):
    program = make_job_program()
    (of_county,) = await asked(program)
    (of_town,) = await asked(program, region=TOWN)
    async with client(program, officer(Role.TOWN_OFFICER, TOWN)) as http:
        assert (await http.get(f"/v1/test/jobs/{of_county}")).status_code == 404
        assert (await http.get(f"/v1/test/jobs/{of_town}")).status_code == 200
        assert [item["id"] for item in (await http.get("/v1/test/jobs")).json()["items"]] == [str(of_town)]


async def test_cancelling_needs_its_own_permission_and_works_twice(make_job_program):
    program = make_job_program()
    (one,) = await asked(program, region=TOWN)
    async with client(program, officer(Role.TOWN_OFFICER, TOWN)) as http:
        assert (await http.post(f"/v1/test/jobs/{one}/cancel")).status_code == 403
    async with client(program, officer()) as http:
        for _ in range(2):
            answer = await http.post(f"/v1/test/jobs/{one}/cancel")
            assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        assert (await http.post(f"/v1/test/jobs/{new_id()}/cancel")).status_code == 404
        await change(program, one, state="succeeded")
        over = await http.post(f"/v1/test/jobs/{one}/cancel")
    assert (over.status_code, over.json()["code"]) == (409, "job_over")
