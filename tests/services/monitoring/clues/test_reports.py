"""A cadre's report raises one clue per household, once per key, in one round trip."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.database.metadata import rows
from chassis.events.tables import outbox, pending
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.clues.rules import MEDIUM_DUE_KEY
from services.monitoring.clues.tables import Clue, Hit
from tests.personas import CHEN

OTHER_TOWN = 610999102000


async def all_of(program, table):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(table))).all()


async def registered(asks):
    return (await asks().post("/households", json=CHEN)).json()["id"]


def report(household_id, **changes):
    return {"household_id": household_id, "risk": "01", "description": "妻子住院，自付较多"} | changes


async def test_a_report_raises_a_clue_and_a_second_one_joins_it(asks, monitoring):
    cadre, household_id = asks(Role.VILLAGE_CADRE, VILLAGE), await registered(asks)
    for _ in range(2):
        answer = await cadre.post("/reports", json=report(household_id))
        assert answer.status_code == 201, answer.text
    [clue] = await all_of(monitoring, rows(Clue))
    assert (clue.household_id.hex, clue.hit_count, clue.version, clue.state) == (
        household_id.replace("-", ""),
        2,
        2,
        "open",
    )
    assert clue.due_at.astimezone(monitoring.clock.business_now().tzinfo).isoformat() == "2024-06-06T23:59:59+08:00"
    assert len(await all_of(monitoring, rows(Hit))) == 2


async def test_a_report_sent_twice_under_its_own_id_is_recorded_once_and_the_second_is_told(asks, monitoring):
    cadre, household_id = asks(Role.VILLAGE_CADRE, VILLAGE), await registered(asks)
    body = report(household_id, id=str(new_id()))
    assert (await cadre.post("/reports", json=body)).status_code == 201
    again = await cadre.post("/reports", json=body)
    assert (again.status_code, [one["code"] for one in again.json()["errors"]]) == (409, ["id_taken"])
    assert len(await all_of(monitoring, rows(Hit))) == 1


async def test_the_due_of_a_report_follows_the_number_in_force_in_its_county(asks, monitoring):
    household_id = await registered(asks)
    proposal = {
        "scope": str(COUNTY),
        "key": MEDIUM_DUE_KEY,
        "effective_from": "2024-06-03",
        "value": {"type": "integer", "value": 5},
        "source": "县发〔2024〕2号",
    }
    proposed = await asks().post("/parameters", json=proposal)
    headers = {"If-Match": proposed.headers["etag"]}
    assert (await asks().post(f"/parameters/{proposed.json()['id']}/approve", headers=headers)).status_code == 200
    assert (await asks(Role.VILLAGE_CADRE, VILLAGE).post("/reports", json=report(household_id))).status_code == 201
    [clue], [hit] = await all_of(monitoring, rows(Clue)), await all_of(monitoring, rows(Hit))
    business = monitoring.clock.business_now().tzinfo
    assert clue.due_at.astimezone(business).isoformat() == "2024-06-08T23:59:59+08:00"
    assert hit.due_at == clue.due_at


async def test_a_report_writes_audit_event_and_change_in_the_same_transaction(asks, monitoring):
    household_id = await registered(asks)
    before = {table.name: len(await all_of(monitoring, table)) for table in (audit_entry, outbox, pending, change)}
    await asks(Role.VILLAGE_CADRE, VILLAGE).post("/reports", json=report(household_id))
    after = {table.name: len(await all_of(monitoring, table)) for table in (audit_entry, outbox, pending, change)}
    assert {name: after[name] - before[name] for name in after} == {
        "audit_entry": 1,
        "outbox": 1,
        "pending": 1,
        "change": 1,
    }
    [event] = [row for row in await all_of(monitoring, outbox) if row.type == "cn.xianjie.monitoring.clue.raised.v1"]
    assert event.data["severity"] == "M"
    assert "妻子" not in str(event.data)


async def test_one_key_makes_one_report_and_replays_its_answer(asks, monitoring):
    cadre, household_id = asks(Role.VILLAGE_CADRE, VILLAGE), await registered(asks)
    key = {"Idempotency-Key": "0190b7c2-0000-7000-8000-00000000000a"}
    sent = [cadre.post("/reports", json=report(household_id), headers=key) for _ in range(40)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(await all_of(monitoring, rows(Hit))) == 1
    other = await cadre.post("/reports", json=report(household_id, description="另一件事"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_household_elsewhere_is_not_found_and_nothing_is_kept(asks, monitoring):
    household_id = await registered(asks)
    stranger = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    key = {"Idempotency-Key": "0190b7c2-0000-7000-8000-00000000000b"}
    for _ in range(2):
        assert (await stranger.post("/reports", json=report(household_id), headers=key)).status_code == 404
    assert await all_of(monitoring, rows(Clue)) == []


async def test_a_taken_id_is_a_conflict_and_the_connection_serves_on(asks):
    cadre, household_id = asks(Role.VILLAGE_CADRE, VILLAGE), await registered(asks)
    body = report(household_id, id="0190b7c2-0000-7000-8000-00000000000c")
    statuses = [(await cadre.post("/reports", json=body)).status_code for _ in range(2)]
    assert statuses == [201, 409]
    for _ in range(10):
        assert (await cadre.post("/reports", json=report(household_id))).status_code == 201


async def test_a_report_from_tomorrow_is_refused(asks):
    answer = await asks(Role.VILLAGE_CADRE, VILLAGE).post(
        "/reports", json=report(await registered(asks), seen_on="2024-06-04")
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/seen_on")


REFUSALS = {
    "no JSON": ({"content": b'{"risk": '}, 400, "malformed_request"),
    "another kind of content": ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 422, "invalid_input"),
    "no fields": ({"json": {}}, 422, "invalid_input"),
    "an unknown field": ({"json": report(new_id().hex, wish="x")}, 422, "invalid_input"),
    "an unknown risk": ({"json": report(new_id().hex, risk="x")}, 422, "invalid_input"),
    "an unknown query": ({"json": report(new_id().hex), "params": {"dry": "1"}}, 422, "invalid_input"),
    "a key of no form": ({"json": report(new_id().hex), "headers": {"Idempotency-Key": "short"}}, 422, "invalid_input"),
}


@pytest.mark.parametrize("why", REFUSALS)
async def test_what_is_not_plainly_right_is_refused_as_anywhere(asks, why):
    request, status, code = REFUSALS[why]
    request = {"headers": {}} | request
    if "content" in request:
        request["headers"] = {"Content-Type": "application/json"} | request["headers"]
    answer = await asks(Role.VILLAGE_CADRE, VILLAGE).post("/reports", **request)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


@pytest.mark.parametrize("body", [report("0190b7c2-0000-7000-8000-00000000000a"), {}])
async def test_who_has_no_token_is_told_nothing_else(asks, body):
    stranger = asks(Role.VILLAGE_CADRE, VILLAGE)
    del stranger.headers["Authorization"]
    answer = await stranger.post("/reports", json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
