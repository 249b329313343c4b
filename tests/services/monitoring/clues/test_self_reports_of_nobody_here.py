"""A self-report that is of nobody here says why and where to turn, is listed, taken up again, and handed on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from chassis.audit.tables import audit_read
from chassis.security.scope import Area, Role
from tests.personas import household, person
from tests.services.monitoring.cases.village import made, refused
from tests.services.monitoring.clues.reporting import DIVISIONS, anonymous, told

NEXT_COUNTY = 610998000000
NEXT_TOWN, NEXT_VILLAGE = 610998101000, 610998101201
TOWN = 610999101000
NEXT = "610998000000,邻县,2021-01-01\n610998101000,河口镇,2021-01-01\n610998101201,河口村,2021-01-01\n"
PHONE = {"identity_number": None, "phone": "13800001234"}
NOT_HERE = {"reason": "elsewhere", "note": "电话核实：现住邻县"}


@pytest.fixture
async def public(asks) -> Any:
    loaded = await asks(Role.PROVINCE_OFFICER, 610000000000).post(
        "/regions/import", content=(DIVISIONS + NEXT).encode()
    )
    assert loaded.json()["created"] == 8, loaded.text
    return anonymous(asks())


@pytest.fixture
async def receipt(public) -> dict[str, Any]:
    found: dict[str, Any] = made(await public.post("/self-reports", json=told(**PHONE)))
    return found


@pytest.fixture
def town(asks) -> Any:
    return asks(Role.TOWN_OFFICER, TOWN)


async def the_one(client: Any, state: str = "waiting") -> dict[str, Any]:
    [found] = made(await client.get("/self-reports", params={"state": state}))["items"]
    return found


async def do(client: Any, report: dict[str, Any], step: str, **body: Any) -> Any:
    headers = {"If-Match": f'"{report["version"]}"'}
    return await client.post(f"/self-reports/{report['id']}/{step}", json=body, headers=headers)


async def outcome(public: Any, receipt: dict[str, Any], language: str = "zh-CN") -> Any:
    answer = await public.post("/self-reports/status", json=receipt, headers={"Accept-Language": language})
    return made(answer)["outcome"]


async def reads_kept(monitoring: Any) -> int:
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        kept: int = await connection.scalar(select(func.count()).select_from(audit_read))
    return kept


async def test_a_receipt_says_why_and_where_to_turn_and_not_what_an_officer_noted(public, receipt, town):
    made(await do(town, await the_one(town), "match", **NOT_HERE))
    assert await outcome(public, receipt) == {
        "kind": "not_ours", "reason": "elsewhere", "reason_label": "不在本地居住", "decided_on": "2024-06-03",
        "told_on": None, "told_how": None,
        "turn_to": "请向现在居住地的乡镇（街道）申报；不清楚向哪里申报的，可拨打 12317。",
    }  # fmt: skip
    assert "town where you live" in (await outcome(public, receipt, "en"))["turn_to"]


@pytest.mark.parametrize(("reason", "words"), [("unknown", "核对"), ("unreachable", "能接通的电话"), ("other", "核对")])
async def test_every_reason_says_what_may_be_done_now(public, receipt, town, reason, words):
    made(await do(town, await the_one(town), "match", reason=reason, note="已核实"))
    assert words in (await outcome(public, receipt))["turn_to"]


async def test_a_refusal_needs_reason_and_note(receipt, town):
    answer = await do(town, await the_one(town), "match")
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, ["/reason", "/note"])
    assert (await do(town, await the_one(town), "match", reason="other", note=" ")).status_code == 422


async def test_an_officer_lists_why_without_whole_names_and_words(monitoring, asks, receipt, town):
    made(await do(town, await the_one(town), "match", **NOT_HERE))
    before = await reads_kept(monitoring)
    seen = await the_one(asks(), "not_ours")
    assert (seen["reason"], seen["note"], seen["decided_on"]) == ("elsewhere", NOT_HERE["note"], "2024-06-03")
    assert seen["name"] == "李**"
    assert "住院" not in seen["description"]
    assert await reads_kept(monitoring) == before, "nothing personal was read"
    assert (await the_one(asks(Role.AUDITOR), "not_ours"))["note"] is None
    of = {"state": "not_ours", "reason": "unknown"}
    assert made(await town.get("/self-reports", params=of))["items"] == []


async def test_what_was_wrongly_refused_is_taken_up_and_matched(public, asks, receipt, town):
    home = made(await asks().post("/households", json=household(valid_from="2024-01-01")))
    waiting = await the_one(town)
    assert refused(await do(town, waiting, "take-up", note="重新核实")) == ["self_report_not_refused"]
    made(await do(town, waiting, "match", reason="unknown", note="查无此人"))
    answer = await do(town, await the_one(town, "not_ours"), "match", household_id=home["id"])
    assert refused(answer) == ["self_report_decided"]
    taken = made(await do(asks(), await the_one(town, "not_ours"), "take-up", note="户口簿用曾用名"))
    assert (taken["state"], taken["name"], taken["reason"], taken["decided_on"]) == ("waiting", "李秀兰", None, None)
    assert made(await public.post("/self-reports/status", json=receipt)) == {"state": "received", "outcome": None}
    matched = made(await do(town, taken, "match", household_id=home["id"]))
    assert matched["state"] == "matched"
    assert refused(await do(town, matched, "take-up", note="再看")) == ["self_report_not_refused"]
    assert refused(await do(town, matched, "hand-on", region=str(NEXT_TOWN), note="再看")) == ["self_report_matched"]


@pytest.mark.parametrize("first", ["waiting", "not_ours"])
async def test_a_report_to_the_wrong_county_is_handed_on_and_matched_there(public, asks, receipt, town, first):
    if first == "not_ours":
        made(await do(town, await the_one(town), "match", **NOT_HERE))
    answer = made(await do(town, await the_one(town, first), "hand-on", region=str(NEXT_VILLAGE), note="现住邻县"))
    assert (answer["state"], answer["handed_from"]) == ("waiting", "610999101203")
    for state in ("waiting", "not_ours"):
        assert made(await asks().get("/self-reports", params={"state": state}))["items"] == [], "they see it no longer"
    assert made(await public.post("/self-reports/status", json=receipt)) == {"state": "received", "outcome": None}
    there = asks(Role.TOWN_OFFICER, NEXT_TOWN)
    members = [person(name="李秀兰")]
    home = household(region=str(NEXT_VILLAGE), valid_from="2024-01-01", members=members)
    home = made(await asks(Role.COUNTY_OFFICER, NEXT_COUNTY).post("/households", json=home))
    waiting = await the_one(there)
    assert (waiting["name"], waiting["description"]) == ("李秀兰", "住院花了很多钱")
    [todo] = [one for one in made(await there.get("/todos"))["items"] if one["kind"] == "self_report"]
    assert todo["subject_id"] == waiting["id"]
    assert made(await do(there, waiting, "match", household_id=home["id"]))["state"] == "matched"
    assert (await town.get("/clues")).json()["items"] == []


async def test_nothing_is_handed_to_where_nobody_reads_it(receipt, town):
    waiting = await the_one(town)
    for region, code in (
        ("610998000000", "town_needed"), ("610998101299", "division_unknown"), ("610999101203", "same_division"),
    ):  # fmt: skip
        assert refused(await do(town, waiting, "hand-on", region=region, note="转办")) == [code]
    assert (await do(town, waiting | {"version": 9}, "hand-on", region=str(NEXT_TOWN), note="转办")).status_code == 412
