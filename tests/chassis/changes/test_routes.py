"""Over HTTP a cursor holds for one area and one filter, and everything else is told to start again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import MetaData

from chassis.changes.routes import changes_router
from chassis.errors import Message
from chassis.http.application import create_app
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import Actor, Role
from chassis.service import Service
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer, sign_in


class Office:
    """The feed's API, asked by one officer at a time."""

    def __init__(self, program: Program, client: httpx.AsyncClient) -> None:
        self.program = program
        self.client = client

    def sign_in(self, actor: Actor) -> None:
        sign_in(self.program, actor)

    async def get(self, **query: object) -> httpx.Response:
        return await self.client.get(
            "/v1/test/changes",
            params=query,  # type: ignore[arg-type]
            headers={"Authorization": "Bearer t", "Accept-Language": "en"},
        )


@pytest.fixture
async def office(make_program) -> AsyncIterator[Office]:
    program = make_program()
    service = Service(
        name="test",
        title=Message("测试", "Test"),
        tables=MetaData(),
        migrations=Path(),
        routers=(changes_router("test", kinds=("thing", "visit")),),
    )
    app = create_app(service, program)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        office = Office(program, client)
        office.sign_in(officer())
        yield office


async def change(program: Program, *, region: int = VILLAGE, kind: str = "thing") -> str:
    thing = new_id()
    async with program.unit(officer()) as unit:
        unit.record(f"{kind}.changed", Aggregate(kind, thing, region, 1), fields=["name"])
    return str(thing)


async def test_a_cursor_leads_through_the_feed_and_on_to_what_comes_later(office):
    things = [await change(office.program) for _ in range(3)]
    first = (await office.get(limit=2)).json()
    second = (await office.get(limit=2, cursor=first["next_cursor"])).json()
    assert [item["id"] for item in first["items"] + second["items"]] == things
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert first["items"][0] == {
        "kind": "thing",
        "id": things[0],
        "region": str(VILLAGE),
        "version": 1,
        "deleted": False,
        "fields": ["name"],
    }
    later = await change(office.program)
    third = (await office.get(cursor=second["next_cursor"])).json()
    assert [item["id"] for item in third["items"]] == [later]


async def test_a_cursor_of_another_area_or_filter_is_spoiled(office):
    await change(office.program)
    cursor = (await office.get()).json()["next_cursor"]
    assert (await office.get(cursor=cursor, kind="visit")).status_code == 412
    office.sign_in(officer(Role.TOWN_OFFICER, TOWN))
    answer = await office.get(cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (412, "cursor_spoiled")


async def test_a_changed_cursor_is_spoiled(office):
    cursor = (await office.get()).json()["next_cursor"]
    broken = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    assert (await office.get(cursor=broken)).status_code == 412


async def test_only_the_own_area_is_told(office):
    mine = await change(office.program)
    await change(office.program, region=610999102000)
    office.sign_in(officer(Role.TOWN_OFFICER, TOWN))
    assert [item["id"] for item in (await office.get()).json()["items"]] == [mine]


async def test_an_unlisted_kind_is_refused_with_the_choices(office):
    answer = await office.get(kind="household")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "?kind", "code": "unlisted", "message": "Choose from: thing, visit."}
    ]


async def test_a_departments_clerk_may_not_follow_the_registry(office):
    office.sign_in(officer(Role.DEPARTMENT_CLERK, COUNTY, department="medical_insurance"))
    assert (await office.get()).status_code == 403
