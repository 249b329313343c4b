"""Officers load a year's notice for their area; everybody in it counts by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData, text

from chassis.calendar.routes import calendar_router
from chassis.errors import Message
from chassis.http.application import create_app
from chassis.program import Program
from chassis.security.scope import Actor, Role
from chassis.service import Service
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer, sign_in

PROVINCE = 610000000000
NOTICE = {
    "scope": str(COUNTY),
    "year": 2027,
    "whole": True,
    "source": "国务院办公厅关于2027年部分节假日安排的通知",
    "days": [
        {"day": "2027-01-04", "working": False, "name": "元旦"},
        {"day": "2027-01-01", "working": False, "name": "元旦"},
        {"day": "2027-01-09", "working": True, "name": "元旦调休"},
    ],
}


class Office:
    def __init__(self, program: Program, client: httpx.AsyncClient) -> None:
        self.program = program
        self.client = client
        self.headers = {"Authorization": "Bearer t", "Accept-Language": "en"}

    def sign_in(self, actor: Actor) -> None:
        sign_in(self.program, actor)

    async def ask(self, method: str, path: str, *, version: str | None = None, **more: Any) -> httpx.Response:
        headers = self.headers | ({"If-Match": version} if version else {})
        return await self.client.request(method, f"/v1/test/calendar{path}", headers=headers, **more)

    async def term(self, start: str, count: int, **more: Any) -> dict[str, Any]:
        query = {"start": start, "days": count, "kind": "working", **more}
        answer: dict[str, Any] = (await self.ask("GET", "/terms", params=query)).json()
        return answer


@pytest.fixture
async def office(make_program) -> AsyncIterator[Office]:
    program = make_program()
    service = Service(
        name="test",
        title=Message("测试", "Test"),
        tables=MetaData(),
        migrations=Path(),
        routers=(calendar_router("test"),),
    )
    app = create_app(service, program)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        office = Office(program, client)
        office.sign_in(officer())
        yield office


async def test_a_loaded_notice_holds_in_every_division_below(office):
    office.sign_in(officer(Role.VILLAGE_CADRE, VILLAGE))
    assert await office.term("2026-12-31", 1) == {"end": "2027-01-01", "is_estimated": True}
    office.sign_in(officer())
    loaded = await office.ask("POST", "/notices", json=NOTICE)
    assert (loaded.status_code, loaded.headers["etag"]) == (201, '"1"')
    office.sign_in(officer(Role.VILLAGE_CADRE, VILLAGE))
    assert await office.term("2026-12-31", 1) == {"end": "2027-01-05", "is_estimated": False}
    assert await office.term("2027-01-08", 1) == {"end": "2027-01-09", "is_estimated": False}
    listed = (await office.ask("GET", "/notices", params={"year": 2027})).json()["items"]
    assert [day["day"] for day in listed[0]["days"]] == ["2027-01-01", "2027-01-04", "2027-01-09"]


async def test_a_notice_does_not_hold_next_door(office):
    await office.ask("POST", "/notices", json=NOTICE)
    office.sign_in(officer(region=610998000000))
    assert (await office.term("2026-12-31", 1))["is_estimated"] is True
    assert (await office.ask("GET", "/notices")).json()["items"] == []


async def test_the_days_of_a_period_are_listed_and_counted(office):
    answer = (await office.ask("GET", "/days", params={"from_day": "2024-06-03", "to_day": "2024-06-11"})).json()
    assert (answer["working_days"], answer["is_estimated"]) == (6, False)
    assert [day["working"] for day in answer["items"]] == [True] * 5 + [False] * 3 + [True]
    refused = await office.ask("GET", "/days", params={"from_day": "2024-06-03", "to_day": "2026-06-11"})
    assert refused.json()["errors"][0]["message"] == "Give a first and a last day, at most 400 days."


async def test_a_second_notice_of_the_year_is_refused_and_the_first_can_be_corrected(office):
    loaded = await office.ask("POST", "/notices", json=NOTICE)
    again = await office.ask("POST", "/notices", json=NOTICE)
    assert (again.status_code, again.json()["code"]) == (409, "holiday_notice_loaded")
    body = {"source": "更正通知", "days": [{"day": "2027-01-01", "working": False, "name": "元旦"}]}
    path = f"/notices/{loaded.json()['id']}"
    assert (await office.ask("PUT", path, json=body)).status_code == 428
    corrected = await office.ask("PUT", path, json=body, version=loaded.headers["etag"])
    assert (corrected.status_code, corrected.json()["version"]) == (200, 2)
    assert (await office.term("2026-12-31", 1))["end"] == "2027-01-04"
    assert (await office.ask("PUT", path, json=body, version=loaded.headers["etag"])).status_code == 412
    async with office.program.unit(officer()) as unit:
        statement = text("SELECT action FROM audit_entry WHERE kind = 'holiday_notice' ORDER BY id")
        actions = list((await unit.connection.execute(statement)).scalars())
    assert actions == ["calendar.notice_loaded", "calendar.notice_corrected"]


async def test_every_fault_of_a_notice_is_named(office):
    body = {
        **NOTICE,
        "scope": str(PROVINCE),
        "days": [
            {"day": "2027-01-01", "working": True, "name": "元旦"},
            {"day": "2027-01-01", "working": False, "name": "元旦"},
            {"day": "2029-01-01", "working": False, "name": "元旦"},
        ],
    }
    answer = await office.ask("POST", "/notices", json=body)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/days/0/day", "not_a_weekend"),
        ("/days/1/day", "twice"),
        ("/days/2/day", "outside_year"),
        ("/scope", "outside_area"),
    ]


async def test_another_areas_notice_cannot_be_corrected(office):
    office.sign_in(officer(Role.PROVINCE_OFFICER, PROVINCE))
    loaded = await office.ask("POST", "/notices", json={**NOTICE, "scope": str(PROVINCE)})
    office.sign_in(officer())
    body = {"source": "更正通知", "days": NOTICE["days"]}
    answer = await office.ask("PUT", f"/notices/{loaded.json()['id']}", json=body, version=loaded.headers["etag"])
    assert answer.status_code == 404
    assert (await office.term("2026-12-31", 1))["end"] == "2027-01-05"


@pytest.mark.parametrize("role", [Role.TOWN_OFFICER, Role.VILLAGE_CADRE, Role.AUDITOR])
async def test_only_officers_of_county_and_above_load_notices(office, role):
    office.sign_in(officer(role, TOWN))
    assert (await office.ask("POST", "/notices", json=NOTICE)).status_code == 403
