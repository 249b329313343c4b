"""Sensitive reads leave an entry with ids and purpose, and auditors' own reading is audited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import MetaData, text

from chassis.audit.reads import sensitive_read
from chassis.audit.routes import audit_router
from chassis.errors import Message
from chassis.http.application import create_app
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import Actor, Role
from chassis.service import Service
from chassis.testing.programs import COUNTY, VILLAGE, officer, sign_in


class Office:
    def __init__(self, program: Program, client: httpx.AsyncClient) -> None:
        self.program = program
        self.client = client

    def sign_in(self, actor: Actor) -> None:
        sign_in(self.program, actor)

    async def get(self, **query: object) -> httpx.Response:
        return await self.client.get(
            "/v1/test/audit/entries",
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
        routers=(audit_router("test"),),
    )
    app = create_app(service, program)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        office = Office(program, client)
        office.sign_in(officer(Role.AUDITOR))
        yield office


async def change(program: Program, thing: UUID, *, actor: Actor | None = None, region: int = VILLAGE) -> None:
    async with program.unit(actor or officer()) as unit:
        unit.record("thing.changed", Aggregate("thing", thing, region, 1), fields=["name"], reason="更正")


async def read(program: Program, things: list[UUID], *, actor: Actor | None = None, purpose: str = "核实住院") -> None:
    async with program.unit(actor or officer()) as unit:
        await sensitive_read(unit, "thing.unmask", "thing", things, purpose, fields=["identity_number"])


async def test_one_request_is_one_entry_with_its_ids_and_purpose(office):
    things = [new_id(), new_id()]
    await read(office.program, things)
    for thing in things:
        items = (await office.get(entity_id=thing)).json()["items"]
        shown = [item for item in items if item["action"] == "thing.unmask"]
        assert len(shown) == 1
        assert shown[0]["read_ids"] == [str(one) for one in things]
        assert (shown[0]["reason"], shown[0]["fields"]) == ("核实住院", ["identity_number"])


async def test_a_read_without_a_purpose_or_of_too_much_is_refused(office):
    with pytest.raises(ValueError, match="purpose"):
        await read(office.program, [new_id()], purpose=" ")
    with pytest.raises(ValueError, match="page"):
        await read(office.program, [new_id() for _ in range(1001)])


async def test_changes_and_reads_of_a_thing_come_together_newest_first(office):
    thing = new_id()
    await change(office.program, thing)
    await read(office.program, [thing])
    await change(office.program, new_id())
    items = (await office.get(entity_id=thing)).json()["items"]
    assert [item["action"] for item in items] == ["thing.unmask", "thing.changed"]


async def test_pages_lead_through_all_entries_of_a_subject(office):
    actor = officer()
    for _ in range(5):
        await change(office.program, new_id(), actor=actor)
    await change(office.program, new_id())
    seen: list[int] = []
    query: dict[str, object] = {"subject": actor.subject, "limit": 2}
    while True:
        page = (await office.get(**query)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == 5
    assert seen == sorted(set(seen), reverse=True)


async def test_a_period_is_bounded_and_filters_by_the_day_recorded(office):
    await change(office.program, new_id())
    async with office.program.unit(officer()) as unit:
        day = (await unit.connection.execute(text("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"))).scalar_one()
    assert len((await office.get(from_day=day, to_day=day)).json()["items"]) == 1
    assert (await office.get(from_day="2024-01-01", to_day="2024-01-31")).json()["items"] == []
    assert (await office.get(from_day="2024-01-01", to_day="2024-12-31")).status_code == 422
    assert (await office.get(from_day="2024-02-01", to_day="2024-01-31")).status_code == 422
    refused = await office.get()
    assert refused.status_code == 422
    assert "period of at most 92 days" in refused.json()["errors"][0]["message"]


async def test_another_countys_entries_stay_unseen(office):
    thing = new_id()
    await change(office.program, thing)
    office.sign_in(officer(Role.AUDITOR, 610998000000))
    assert (await office.get(entity_id=thing)).json()["items"] == []


async def test_the_auditors_reading_is_itself_an_entry(office):
    thing = new_id()
    auditor = officer(Role.AUDITOR)
    office.sign_in(auditor)
    await office.get(entity_id=thing)
    office.sign_in(officer(Role.AUDIT_ADMINISTRATOR, COUNTY))
    items = (await office.get(subject=auditor.subject)).json()["items"]
    assert [(item["action"], item["fields"], item["read_ids"]) for item in items] == [
        ("audit.entries.read", ["entity_id"], [str(thing)])
    ]


@pytest.mark.parametrize("role", [Role.COUNTY_OFFICER, Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR])
async def test_nobody_else_reads_the_audit(office, role):
    office.sign_in(officer(role))
    assert (await office.get(entity_id=new_id())).status_code == 403
