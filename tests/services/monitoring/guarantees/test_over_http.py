"""Guarantees are checked at home or confirmed from departments' records; the latest answer of each item holds."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.identifiers import new_id
from chassis.security.scope import Role, program
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.guarantees.queries.standing import guarantees_of
from services.monitoring.households.actions.follow import everything_follows
from tests.personas import CHEN, number, person
from tests.services.monitoring.screening import county_data as county

ITEMS = ["food", "clothing", "compulsory_education", "basic_medical", "housing", "water"]
OTHER_TOWN = 610999102000


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    members = [*CHEN["members"], person(name="陈小雨", relation="30", identity_number=number("20130227"))]
    return (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01", "members": members})).json()


def check(item, answer="yes", **said):
    return {"item": item, "answer": answer, "source": "入户核查"} | said


async def recorded(client, home, *checks):
    answer = await client.post(f"/households/{home['id']}/guarantee-checks", json={"checks": list(checks)})
    assert answer.status_code == 201, answer.text
    return answer.json()["checks"]


async def guarantees(client, home, **query):
    answer = await client.get(f"/households/{home['id']}/guarantees", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_one_visit_answers_all_six_and_the_latest_answer_holds(cadre, chen):
    no_water = check("water", "no", evidence="自来水断流12天", checked_on="2024-05-20")
    await recorded(cadre, chen, *[check(item, checked_on="2024-05-01") for item in ITEMS])
    await recorded(cadre, chen, no_water)
    now = await guarantees(cadre, chen)
    assert (now["failed"], now["missing"], [one["item"] for one in now["answers"]]) == (["water"], [], ITEMS)
    before = await guarantees(cadre, chen, on="2024-05-19")
    assert (before["failed"], before["missing"]) == ([], [])
    assert (await guarantees(cadre, chen, on="2024-04-30"))["missing"] == ITEMS


async def test_a_withdrawn_check_lets_the_one_before_hold_again(cadre, chen):
    await recorded(cadre, chen, check("housing", checked_on="2024-05-01"))
    [wrong] = await recorded(cadre, chen, check("housing", "no", evidence="墙体开裂"))
    url = f"/guarantee-checks/{wrong['id']}"
    assert (await cadre.post(f"{url}/withdraw", json={"reason": "记错户"})).status_code == 428
    done = await cadre.post(f"{url}/withdraw", json={"reason": "记错户"}, headers={"If-Match": '"1"'})
    assert (done.json()["state"], done.headers["ETag"]) == ("withdrawn", '"2"')
    again = await cadre.post(f"{url}/withdraw", json={"reason": "记错户"}, headers={"If-Match": '"2"'})
    assert [error["code"] for error in again.json()["errors"]] == ["check_withdrawn"]
    assert (await guarantees(cadre, chen))["failed"] == []
    listed = (await cadre.get(f"/households/{chen['id']}/guarantee-checks", params={"state": "withdrawn"})).json()
    assert [row["id"] for row in listed["items"]] == [wrong["id"]]


async def test_every_fault_of_a_sheet_is_named_and_nothing_is_kept(cadre, chen):
    checks = [
        check("food", checked_on="2024-06-04"),
        check("water", "no", evidence_file_id=str(new_id())),
        check("housing", record_id=str(new_id())),
    ]
    answer = await cadre.post(f"/households/{chen['id']}/guarantee-checks", json={"checks": checks})
    assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
        ("/checks/0/checked_on", "check_after_today"),
        ("/checks/1/evidence_file_id", "evidence_unknown"),
        ("/checks/2/record_id", "record_unknown"),
    }
    bare = await cadre.post(f"/households/{chen['id']}/guarantee-checks", json={"checks": [check("water", "no")]})
    assert (bare.status_code, bare.json()["errors"][0]["code"]) == (422, "evidence_missing")
    assert (await guarantees(cadre, chen))["answers"] == []


async def test_a_photo_is_kept_with_the_check_that_shows_it(cadre, chen):
    photo = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
    announced = {"size": len(photo), "purpose": "guarantee_evidence"}
    upload = (await cadre.post("/uploads", json=announced)).json()
    assert (await cadre.put(f"/uploads/{upload['id']}", params={"offset": 0}, content=photo)).status_code == 200
    file = (await cadre.post(f"/uploads/{upload['id']}/complete")).json()["id"]
    [made] = await recorded(cadre, chen, check("housing", "no", evidence_file_id=file))
    assert made["evidence_file_id"] == file


async def test_what_departments_know_is_proposed_and_confirmed_with_one_touch(cadre, chen, monitoring):
    head, child = chen["members"][0], next(one for one in chen["members"] if one["name"] == "陈小雨")
    house = {"house_no": "1", "house_grade": "D", "is_only_house": True}
    await county.record(monitoring, "housing.appraisals", head, chen["id"], date(2024, 5, 10), **house)
    await county.record(monitoring, "education.status", child, chen["id"], date(2024, 3, 1), school_status="enrolled")
    said = {one["item"]: one for one in (await guarantees(cadre, chen))["proposals"]}
    assert {item: (one["answer"], one["checked_on"]) for item, one in said.items()} == {
        "housing": ("no", "2024-05-10"),
        "compulsory_education": ("yes", "2024-03-01"),
    }
    assert (said["housing"]["source"], said["housing"]["evidence"]["house_grade"]) == ("住建：住房安全鉴定", "D")
    one = {name: said["housing"][name] for name in ("item", "answer", "checked_on", "source", "record_id")}
    await recorded(cadre, chen, one)
    now = await guarantees(cadre, chen)
    assert (now["failed"], [one["item"] for one in now["proposals"]]) == (["housing"], ["compulsory_education"])


async def test_a_phone_hands_a_sheet_in_later_and_twice_and_it_counts_once(cadre, chen):
    operation = {
        "op_id": str(new_id()),
        "kind": "guarantee.record",
        "entity_id": chen["id"],
        "base_version": None,
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": {"checks": [check("food"), check("clothing")]},
    }
    outcomes = []
    for _ in range(2):
        answer = await cadre.post("/operations", json={"operations": [operation]})
        outcomes += [one["outcome"] for one in answer.json()["results"]]
    assert outcomes == ["applied", "duplicate"]
    listed = (await cadre.get(f"/households/{chen['id']}/guarantee-checks")).json()["items"]
    assert [row["item"] for row in listed] == ["food", "clothing"]


async def test_evidence_may_tell_of_health_and_is_shown_to_case_roles_only(asks, cadre, chen):
    said = check("compulsory_education", "not_applicable", evidence="因病免学")
    await recorded(cadre, chen, said)
    province = await guarantees(asks(Role.PROVINCE_OFFICER, 610000000000), chen)
    assert province["answers"][0]["evidence"] is None
    assert (await guarantees(cadre, chen))["answers"][0]["evidence"] == "因病免学"


async def test_checks_follow_a_household_that_moved_and_strangers_see_none(asks, cadre, chen, monitoring):
    [made] = await recorded(cadre, chen, check("food"))
    stranger = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    assert (await stranger.get(f"/guarantee-checks/{made['id']}")).status_code == 404
    assert (await stranger.get(f"/households/{chen['id']}/guarantees")).status_code == 404
    async with monitoring.unit(program("move", COUNTY)) as unit:
        await unit.connection.execute(text("UPDATE household SET region = 610999102201"))
        await everything_follows(unit, [UUID(chen["id"])])
        held = await guarantees_of(unit, [UUID(chen["id"])], on=date(2024, 6, 3))
    assert [item.value for item in held[UUID(chen["id"])].missing] == ITEMS[1:]
    there = (await stranger.get(f"/guarantee-checks/{made['id']}")).json()
    assert (there["region"], there["version"]) == ("610999102201", 2)
    assert (await cadre.get(f"/guarantee-checks/{made['id']}")).status_code == 404
