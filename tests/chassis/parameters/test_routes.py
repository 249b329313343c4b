"""Over HTTP: read what holds, propose with a version in hand, approve as somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData

from chassis.errors import Message
from chassis.http.application import create_app
from chassis.parameters.catalogue import Catalogue, Default, Definition, ParameterType
from chassis.parameters.routes import parameters_router
from chassis.parameters.seeding import seed_parameters
from chassis.program import Program
from chassis.security.scope import Actor, Area, Role, program
from chassis.service import Service
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer, sign_in

LINE = Definition(
    "lines.province",
    ParameterType.MONEY,
    "元",
    Message("省级监测线", "The province's monitoring line"),
    minimum=0,
    defaults=(Default(750_000, "省级通知", date(2024, 1, 1)),),
)
SWITCH = Definition(
    "lines.rule_60", ParameterType.TEXT, "", Message("六成规则", "The 60 % rule"), choices=("off", "watch", "register")
)
CATALOGUE = Catalogue([LINE, SWITCH])
PROPOSAL = {
    "scope": str(COUNTY),
    "key": "lines.province",
    "effective_from": "2024-07-01",
    "value": {"type": "money", "value": "7920.00"},
    "source": "县发〔2024〕1号",
}


class Office:
    def __init__(self, program: Program, client: httpx.AsyncClient) -> None:
        self.program = program
        self.client = client
        self.headers = {"Authorization": "Bearer t", "Accept-Language": "en"}

    def sign_in(self, actor: Actor) -> None:
        sign_in(self.program, actor)

    async def get(self, path: str = "", headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        return await self.client.get(f"/v1/test/parameters{path}", params=query, headers=self.headers | (headers or {}))

    async def post(self, path: str, body: Any, *, version: str | None = None) -> httpx.Response:
        headers = self.headers | ({"If-Match": version} if version else {})
        return await self.client.post(f"/v1/test/parameters{path}", json=body, headers=headers)


@pytest.fixture
async def office(make_program) -> AsyncIterator[Office]:
    made = make_program()
    service = Service(
        name="test",
        title=Message("测试", "Test"),
        tables=MetaData(),
        migrations=Path(),
        routers=(parameters_router("test", CATALOGUE),),
    )
    async with made.unit(program("parameters", COUNTY), area=Area.everywhere()) as unit:
        await seed_parameters(unit, CATALOGUE)
    app = create_app(service, made)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        office = Office(made, client)
        office.sign_in(officer())
        yield office


async def test_every_parameter_is_listed_with_the_value_that_holds(office):
    office.sign_in(officer(Role.VILLAGE_CADRE, VILLAGE))
    answer = (await office.get(on="2024-06-03")).json()
    assert (answer["region"], answer["on"]) == (str(VILLAGE), "2024-06-03")
    by_key = {item["key"]: item for item in answer["items"]}
    assert by_key["lines.province"]["in_force"]["value"] == {"type": "money", "value": "7500.00"}
    assert by_key["lines.province"]["in_force"]["scope"] == "0"
    assert by_key["lines.province"]["in_force"]["source"] == "省级通知"
    assert by_key["lines.rule_60"]["in_force"] is None
    assert by_key["lines.rule_60"]["choices"] == ["off", "watch", "register"]


async def test_the_list_is_not_sent_again_until_a_value_changes(office):
    day = PROPOSAL["effective_from"]
    tag = (await office.get(on=day)).headers["etag"]
    again = await office.get(on=day, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    proposed = await office.post("", PROPOSAL)
    office.sign_in(officer())
    await office.post(f"/{proposed.json()['id']}/approve", None, version=proposed.headers["etag"])
    assert (await office.get(on=day, headers={"If-None-Match": tag})).status_code == 200


async def test_a_proposal_is_approved_by_another_person_with_the_version_he_read(office):
    proposed = await office.post("", PROPOSAL)
    assert proposed.status_code == 201
    path = f"/{proposed.json()['id']}/approve"
    refused = await office.post(path, None, version=proposed.headers["etag"])
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "self_approval")
    office.sign_in(officer())
    assert (await office.post(path, None)).status_code == 428
    assert (await office.post(path, None, version='"7"')).status_code == 412
    approved = await office.post(path, None, version=proposed.headers["etag"])
    assert (approved.status_code, approved.json()["state"], approved.headers["etag"]) == (200, "active", '"2"')
    day = (await office.get(on="2024-07-01", region=TOWN)).json()["items"][0]
    assert day["in_force"]["value"] == {"type": "money", "value": "7920.00"}


async def test_an_amount_as_a_number_is_refused(office):
    answer = await office.post("", {**PROPOSAL, "value": {"type": "money", "value": 7920}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "money"


async def test_the_history_shows_every_state_and_pages(office):
    for month in ("07", "08"):
        await office.post("", {**PROPOSAL, "effective_from": f"2024-{month}-01"})
    page = (await office.get("/history", key="lines.province", limit=2)).json()
    rest = (await office.get("/history", key="lines.province", limit=2, cursor=page["next_cursor"])).json()
    items = page["items"] + rest["items"]
    assert [(item["effective_from"], item["state"]) for item in items] == [
        ("2024-01-01", "active"),
        ("2024-07-01", "proposed"),
        ("2024-08-01", "proposed"),
    ]
    assert (await office.get("/history", key="no.such")).json()["code"] == "unknown_parameter_key"


async def test_a_proposal_is_withdrawn_with_a_reason(office):
    proposed = await office.post("", PROPOSAL)
    path = f"/{proposed.json()['id']}/withdraw"
    gone = await office.post(path, {"reason": "填错文号"}, version=proposed.headers["etag"])
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    again = await office.post(path, {"reason": "填错文号"}, version=gone.headers["etag"])
    assert again.json()["errors"][0]["code"] == "withdrawn"


async def test_one_value_is_read_with_its_etag_inside_the_own_area(office):
    proposed = await office.post("", PROPOSAL)
    path = f"/{proposed.json()['id']}"
    assert (await office.get(path)).headers["etag"] == '"1"'
    office.sign_in(officer(region=610998000000))
    assert (await office.get(path)).status_code == 404
    assert (await office.get(region=COUNTY)).status_code == 404


@pytest.mark.parametrize("role", [Role.VILLAGE_CADRE, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR])
async def test_only_officers_of_county_and_above_propose(office, role):
    office.sign_in(officer(role))
    assert (await office.post("", PROPOSAL)).status_code == 403
