"""Measures begin, are amended and end, are told as events, and follow people (clause B9, G.5)."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text

from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role, program
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.households.actions.follow import everything_follows
from services.monitoring.measures.queries.given import measures_of
from services.monitoring.measures.tables import ImportedMeasure
from tests.personas import CHEN, household, number, person
from tests.services.monitoring.answers import match, reported
from tests.services.monitoring.measures.giving import member, post_of, started

OTHER_TOWN = 610999102000


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    son = person(name="陈小河", relation="20", identity_number=number("20060918"), school_stage="vocational_2")
    body = CHEN | {"valid_from": "2023-01-01", "members": [*CHEN["members"], son]}
    answer = await cadre.post("/households", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(client, home, body):
    answer = await client.post(f"/households/{home['id']}/measures", json=body)
    assert answer.status_code == 422, answer.text
    return {(error["pointer"], error["code"]) for error in answer.json()["errors"]}


async def told(monitoring):
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        found = await connection.execute(
            select(outbox.c.type, outbox.c.data)
            .where(outbox.c.type.like("%monitoring.measure.%"))
            .order_by(outbox.c.aggregate_version)
        )
        return [(row.type.split(".")[-2], row.data) for row in found]


async def test_a_measure_begins_is_amended_and_ends_and_each_is_told(cadre, chen, monitoring):
    made = await started(cadre, chen, post_of(chen))
    assert (made["timing"], made["progress"], made["origin"], made["version"]) == ("preventive", "running", "own", 1)
    url = f"/measures/{made['id']}"
    assert (await cadre.patch(url, json={"amount": "650.00", "reason": "协议"})).status_code == 428
    amended = await cadre.patch(url, json={"amount": "650.00", "reason": "协议"}, headers=match(made))
    assert (amended.json()["amount"], amended.headers["ETag"]) == ("650.00", '"2"')
    assert (await cadre.patch(url, json={"amount": "1.00", "reason": "x"}, headers=match(made))).status_code == 412
    ended = await cadre.post(
        f"{url}/end", json={"reason": "stopped_early", "ended_on": "2024-06-01"}, headers=match(amended.json())
    )
    assert (ended.json()["progress"], ended.json()["ended_on"]) == ("ended", "2024-06-01")
    again = await cadre.post(f"{url}/end", json={"reason": "completed"}, headers=match(ended.json()))
    assert [error["code"] for error in again.json()["errors"]] == ["measure_not_running"]
    events = await told(monitoring)
    assert [(name, event["on"], event["amount_fen"]) for name, event in events] == [
        ("started", "2024-05-01", 600_00),
        ("started", "2024-05-01", 650_00),
        ("ended", "2024-06-01", 650_00),
    ]
    assert (events[0][1]["kind"], events[0][1]["person"]) == ("public_post", member(chen, "李秀兰"))
    before = (await cadre.get(f"{url}/history")).json()["items"]
    assert [(one["version"], one["amount"], one["progress"], one["reason"]) for one in before] == [
        (1, "600.00", "running", "协议"),
        (2, "650.00", "running", "stopped_early"),
    ]


async def test_only_the_developmental_kinds_are_told_by_name(cadre, chen, monitoring):
    await started(cadre, chen, post_of(chen, kind="health", description="家庭医生签约", risks=["01"], amount=None))
    [(name, event)] = await told(monitoring)
    assert (name, event["kind"]) == ("started", "other")


async def test_everything_that_stands_against_a_measure_is_named(cadre, chen):
    body = post_of(
        chen,
        person_id=str(new_id()),
        started_on="2024-06-04",
        planned_end_on="2024-06-03",
        risks=["01", "01"],
        evidence_file_id=str(new_id()),
    )
    assert await refused(cadre, chen, body) == {
        ("/person_id", "not_a_member"),
        ("/started_on", "start_after_today"),
        ("/planned_end_on", "end_before_start"),
        ("/risks", "risk_twice"),
        ("/evidence_file_id", "evidence_unknown"),
    }


async def test_schemes_are_held_against_the_areas_numbers_of_the_first_day(cadre, chen):
    credit = post_of(
        chen,
        kind="finance",
        scheme="micro_credit",
        description="小额信贷养牛",
        amount="50000.00",
        person_id=member(chen, "陈大山"),
        started_on="2023-12-31",
        planned_end_on="2026-12-31",
        terms={"subsidy_percent": 100},
    )
    assert await started(cadre, chen, credit)
    later = credit | {"started_on": "2024-01-01", "planned_end_on": "2027-01-02", "amount": "50000.01"}
    assert await refused(cadre, chen, later) == {
        ("/amount", "credit_amount"),
        ("/planned_end_on", "credit_term"),
        ("/terms", "credit_subsidy"),
    }
    yulu = post_of(
        chen,
        kind="other_education",
        scheme="yulu",
        description="雨露计划",
        amount="3000.00",
        risks=["02"],
        person_id=member(chen, "陈小河"),
        terms={"span": "school_year"},
    )
    made = await started(cadre, chen, yulu)
    assert made["terms"]["span"] == "school_year"
    assert await refused(cadre, chen, yulu | {"person_id": member(chen, "陈大山")}) == {("/person_id", "yulu_stage")}
    wrong = await cadre.patch(f"/measures/{made['id']}", json={"amount": "3000.01", "reason": "x"}, headers=match(made))
    assert [error["code"] for error in wrong.json()["errors"]] == ["yulu_amount"]


async def test_the_limits_of_a_scheme_are_of_all_contracts_together(cadre, chen):
    credit = post_of(chen, kind="finance", scheme="micro_credit", description="小额信贷", amount="30000.00")
    credit |= {"person_id": member(chen, "陈大山"), "started_on": "2024-05-01", "planned_end_on": "2027-04-30"}
    first = await started(cadre, chen, credit)
    refusal = await cadre.post(f"/households/{chen['id']}/measures", json=credit | {"amount": "20000.01"})
    assert [one["message"] for one in refusal.json()["errors"]] == [
        "已有同类措施 30000.00 元，合计不得超过 50000.00 元，本次最多 20000.00 元。"
    ]
    amended = await cadre.patch(
        f"/measures/{first['id']}", json={"amount": "50000.00", "reason": "合同金额"}, headers=match(first)
    )
    assert amended.status_code == 200, amended.text
    assert await refused(cadre, chen, credit) == {("/amount", "credit_amount")}
    more = credit | {"amount": "50000.00", "terms": {"is_extension": True}}
    assert await started(cadre, chen, more)
    paid_back = {"reason": "completed", "ended_on": "2024-06-02"}
    done = await cadre.post(f"/measures/{first['id']}/end", json=paid_back, headers=match(amended.json()))
    assert done.status_code == 200, done.text
    yulu = post_of(chen, kind="other_education", scheme="yulu", description="雨露计划", amount="1500.00", risks=["02"])
    yulu |= {"person_id": member(chen, "陈小河"), "terms": {"span": "term"}, "started_on": "2024-03-01"}
    assert await started(cadre, chen, yulu | {"started_on": "2023-10-01"})
    assert await started(cadre, chen, yulu)
    assert await refused(cadre, chen, yulu | {"amount": "0.01"}) == {("/amount", "yulu_amount")}
    assert await started(cadre, chen, yulu | {"started_on": "2022-10-01"})  # another school year


async def test_the_same_loan_sent_four_times_at_once_is_lent_once(cadre, chen):
    credit = post_of(chen, kind="finance", scheme="micro_credit", description="小额信贷", amount="50000.00")
    credit |= {"person_id": member(chen, "陈大山"), "planned_end_on": "2027-04-30"}
    url = f"/households/{chen['id']}/measures"
    answers = await asyncio.gather(*(cadre.post(url, json=credit) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [201, 422, 422, 422]


async def test_help_after_a_report_or_registration_is_after_the_event(asks, cadre, chen, monitoring):
    before = await started(cadre, chen, post_of(chen, started_on="2024-06-02"))
    report = {"household_id": chen["id"], "risk": "01", "description": "妻子住院"}
    assert (await cadre.post("/reports", json=report)).status_code == 201
    after = await started(cadre, chen, post_of(chen, started_on="2024-06-03"))
    [clue] = (await asks().get("/clues")).json()["items"]
    case = (await asks().post(f"/clues/{clue['id']}/dispatch", json={}, headers=match(clue))).json()
    of_a_case = await started(cadre, chen, post_of(chen, started_on="2024-06-01", case_id=case["id"]))
    assert [one["timing"] for one in (before, after, of_a_case)] == ["preventive", "after_event", "after_event"]
    moved = await cadre.patch(
        f"/measures/{before['id']}", json={"started_on": "2024-06-03", "reason": "更正"}, headers=match(before)
    )
    assert moved.json()["timing"] == "after_event"


async def test_a_measure_belongs_to_no_case_of_another_household(asks, cadre, chen):
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    case = await reported(cadre, asks(), other)
    for wrong in (case["id"], str(new_id())):
        assert await refused(cadre, chen, post_of(chen, case_id=wrong)) == {("/case_id", "other_case")}
    own = await started(cadre, chen, post_of(chen, started_on="2024-06-02"))
    assert own["timing"] == "preventive"
    said = {"case_id": case["id"], "reason": "更正"}
    amended = await cadre.patch(f"/measures/{own['id']}", json=said, headers=match(own))
    assert [one["code"] for one in amended.json()["errors"]] == ["other_case"]


async def test_one_list_shows_what_was_recorded_here_and_what_exports_brought(asks, cadre, chen, monitoring):
    own = await started(cadre, chen, post_of(chen, risks=["01"], started_on="2024-02-01"))
    gone = await started(cadre, chen, post_of(chen, started_on="2024-03-01"))
    taken = await cadre.post(f"/measures/{gone['id']}/withdraw", json={"reason": "记错户"}, headers=match(gone))
    assert (taken.json()["state"], taken.json()["progress"]) == ("replaced", "withdrawn")
    imported = {
        "id": new_id(),
        "region": VILLAGE,
        "household_id": UUID(chen["id"]),
        "kind": "health",
        "started_on": date(2024, 1, 5),
        "amount_fen": 120_00,
        "source_id": new_id(),
    }
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        await connection.execute(insert(rows(ImportedMeasure)).values(imported))
        await connection.commit()
    url = f"/households/{chen['id']}/measures"
    listed = (await cadre.get(url)).json()["items"]
    assert [(one["origin"], one["kind"], one["amount"], one["risks"]) for one in listed] == [
        ("national", "health", "120.00", []),
        ("own", "public_post", "600.00", ["01"]),
    ]
    assert [one["id"] for one in (await cadre.get(url, params={"state": "replaced"})).json()["items"]] == [gone["id"]]
    first = (await cadre.get(url, params={"limit": 1})).json()
    second = (await cadre.get(url, params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in second["items"]] == [own["id"]]
    city = (await asks(Role.CITY_OFFICER, 610900000000).get(f"/measures/{own['id']}")).json()
    assert (city["risks"], city["description"], city["person_id"]) == ([], None, None)
    assert [name for name, _ in await told(monitoring)].count("ended") == 1


async def test_measures_of_a_member_who_leaves_go_along_and_all_follow_a_move(asks, cadre, chen, monitoring):
    son = member(chen, "陈小河")
    hers = await started(cadre, chen, post_of(chen))
    his = await started(cadre, chen, post_of(chen, kind="work", person_id=son, description="外出务工"))
    said = {"description": "外出务工，广东", "reason": "补充地点"}
    his = (await cadre.patch(f"/measures/{his['id']}", json=said, headers=match(his))).json()
    body = {"region": str(VILLAGE), "on": "2024-06-01", "leaving": [{"person_id": son, "relation": "02"}]}
    split = await asks().post(f"/households/{chen['id']}/split", json=body, headers=match(chen))
    assert split.status_code == 201, split.text
    new = split.json()["other"]["id"]
    where = {one["id"]: (await cadre.get(f"/measures/{one['id']}")).json()["household_id"] for one in (hers, his)}
    assert where == {hers["id"]: chen["id"], his["id"]: new}
    assert (await told(monitoring))[-1][1]["household"] == new
    async with monitoring.unit(program("move", COUNTY)) as unit:
        await unit.connection.execute(text("UPDATE household SET region = 610999102201"))
        await everything_follows(unit, [UUID(chen["id"]), UUID(new)])
        known = await measures_of(unit, [UUID(chen["id"]), UUID(new)], on=date(2024, 6, 3))
    assert [len(known[UUID(home)]) for home in (chen["id"], new)] == [1, 1]
    assert (await cadre.get(f"/measures/{his['id']}")).status_code == 404
    town = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    there = (await town.get(f"/measures/{his['id']}")).json()
    assert (there["region"], there["version"]) == ("610999102201", 4)
    before = (await town.get(f"/measures/{his['id']}/history")).json()["items"]
    assert [one["version"] for one in before] == [1]


async def test_a_phone_hands_a_measure_in_later_and_twice_and_it_counts_once(cadre, chen):
    operation = {
        "op_id": str(new_id()),
        "kind": "measure.start",
        "entity_id": chen["id"],
        "base_version": None,
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": post_of(chen),
    }
    outcomes = []
    for _ in range(2):
        answer = await cadre.post("/operations", json={"operations": [operation]})
        outcomes += [(one["outcome"], one["entity_id"]) for one in answer.json()["results"]]
    assert outcomes == [("applied", operation["op_id"]), ("duplicate", operation["op_id"])]
    assert len((await cadre.get(f"/households/{chen['id']}/measures")).json()["items"]) == 1


async def test_strangers_see_and_change_nothing(asks, cadre, chen):
    made = await started(cadre, chen, post_of(chen))
    stranger = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    assert (await stranger.get(f"/measures/{made['id']}")).status_code == 404
    end = await stranger.post(f"/measures/{made['id']}/end", json={"reason": "completed"}, headers=match(made))
    assert end.status_code == 404
    assert (await stranger.post(f"/households/{chen['id']}/measures", json=post_of(chen))).status_code == 404
