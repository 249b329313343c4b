"""Households split, merge, move out and come back; everybody touched is told, and nobody is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chassis.events.tables import outbox
from chassis.security.scope import Area, Role
from chassis.testing.programs import TOWN, VILLAGE
from tests.personas import CHEN, household, number, person
from tests.services.monitoring.answers import codes, match, member
from tests.services.monitoring.households.splitting import SECOND_VILLAGE, split_of


@pytest.fixture
async def officer(asks):
    return asks(Role.TOWN_OFFICER, TOWN)


@pytest.fixture
async def chen(officer):
    members = [*CHEN["members"], person(name="陈小山", relation="20", identity_number=number("19980101"))]
    return (await officer.post("/households", json=CHEN | {"valid_from": "2024-01-01", "members": members})).json()


async def told(program, thing):
    statement = select(outbox.c.data).where(outbox.c.subject == thing).order_by(outbox.c.aggregate_version)
    async with program.database.transaction(Area.everywhere()) as connection:
        return [row.data for row in await connection.execute(statement)]


async def test_a_son_founds_his_own_household_in_the_next_village(officer, chen, monitoring):
    son = member(chen, "陈小山")
    answer = await officer.post(f"/households/{chen['id']}/split", json=split_of(chen), headers=match(chen))
    assert answer.status_code == 201, answer.text
    old, new = answer.json()["household"], answer.json()["other"]
    assert (old["version"], old["member_count"], [one["name"] for one in old["members"]]) == (
        2,
        2,
        ["陈大山", "李秀兰"],
    )
    assert (new["version"], new["member_count"], new["region"], new["origin"]) == (1, 1, str(SECOND_VILLAGE), "split")
    assert (new["is_lifted"], new["valid_from"], new["members"][0]["relation"]) == (True, "2024-05-01", "02")
    assert new["open_findings"] > 0
    assert old["open_findings"] + new["open_findings"] == chen["open_findings"]
    assert [data["household"] for data in await told(monitoring, son["id"])] == [chen["id"], new["id"]]
    assert [data["members"] for data in await told(monitoring, chen["id"])] == [3, 2]
    before = await officer.get(f"/households/{chen['id']}", params={"on": "2024-04-30"})
    assert {one["name"] for one in before.json()["members"]} == {"陈大山", "李秀兰", "陈小山"}
    after = await officer.get(f"/households/{new['id']}", params={"on": "2024-05-01"})
    assert [one["name"] for one in after.json()["members"]] == ["陈小山"]


async def test_every_guard_of_a_split_that_fails_is_named(asks, officer, chen):
    everybody = [{"person_id": one["id"], "relation": "20"} for one in chen["members"]]
    body = split_of(chen, leaving=everybody, region="610999000000", on="2024-06-04")
    answer = await officer.post(f"/households/{chen['id']}/split", json=body, headers=match(chen))
    assert (answer.status_code, answer.json()["code"]) == (409, "state_refused")
    assert codes(answer) == {
        "change_after_today",
        "nobody_stays",
        "one_head_needed",
        "region_not_a_village",
        "region_outside_area",
    }
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    beyond = await cadre.post(f"/households/{chen['id']}/split", json=split_of(chen), headers=match(chen))
    assert codes(beyond) == {"region_outside_area"}
    twice = split_of(chen)
    twice["leaving"] *= 2
    doubled = await officer.post(f"/households/{chen['id']}/split", json=twice, headers=match(chen))
    assert (doubled.status_code, codes(doubled)) == (422, {"named_twice"})
    assert (await officer.get(f"/households/{chen['id']}")).json() == chen


async def test_two_households_become_one_that_names_its_successor(officer, chen, monitoring):
    pair = (await officer.post(f"/households/{chen['id']}/split", json=split_of(chen), headers=match(chen))).json()
    old, new = pair["household"], pair["other"]
    son = new["members"][0]
    body = {
        "into": old["id"],
        "into_version": old["version"],
        "on": "2024-06-01",
        "relations": [{"person_id": son["id"], "relation": "02"}],
    }
    where = f"/households/{new['id']}/merge"
    assert codes(await officer.post(where, json=body, headers=match(new))) == {"one_head_needed"}
    body["relations"][0]["relation"] = "20"
    stale = await officer.post(where, json=body | {"into_version": 1}, headers=match(new))
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    answer = await officer.post(where, json=body, headers=match(new))
    assert answer.status_code == 200, answer.text
    ended, goes_on = answer.json()["household"], answer.json()["other"]
    assert (ended["state"], ended["successor_id"], ended["member_count"], ended["open_findings"]) == (
        "merged",
        old["id"],
        0,
        0,
    )
    assert (goes_on["member_count"], goes_on["version"]) == (3, 3)
    assert goes_on["open_findings"] == chen["open_findings"]
    assert (await told(monitoring, new["id"]))[-1]["successor"] == old["id"]
    again = await officer.post(where, json=body | {"into_version": 3}, headers=match(ended))
    assert "household_ended" in codes(again)


async def test_a_household_moves_out_and_comes_back_with_those_who_left_with_it(officer, chen, monitoring):
    son = member(chen, "陈小山")
    alone = {"outcome": "moved_out", "on": "2024-02-01", "reason": "外出定居"}
    chen = (await officer.post(f"/persons/{son['id']}/remove", json=alone, headers=match(son))).json()
    gone = await officer.post(
        f"/households/{chen['id']}/move-out", json={"on": "2024-03-01", "reason": "迁往外省"}, headers=match(chen)
    )
    assert gone.status_code == 200, gone.text
    assert (gone.json()["state"], {one["state"] for one in gone.json()["members"]}) == ("moved_out", {"moved_out"})
    assert [row["id"] for row in (await officer.get("/households", params={"state": "moved_out"})).json()["items"]] == [
        chen["id"]
    ]
    where = f"/households/{chen['id']}/move-back"
    early = await officer.post(where, json={"on": "2024-02-28"}, headers=match(gone.json()))
    assert codes(early) == {"change_before_the_last"}
    body = {"on": "2024-06-01", "region": str(SECOND_VILLAGE)}
    back = await officer.post(where, json=body, headers=match(gone.json()))
    assert back.status_code == 200, back.text
    assert (back.json()["state"], back.json()["region"], back.json()["member_count"]) == (
        "active",
        str(SECOND_VILLAGE),
        2,
    )
    assert {one["name"]: one["state"] for one in back.json()["members"]} == {
        "陈大山": "active",
        "李秀兰": "active",
        "陈小山": "moved_out",
    }
    assert [data["state"] for data in await told(monitoring, chen["id"])][-2:] == ["moved_out", "active"]
    assert codes(await officer.post(where, json=body, headers=match(back.json()))) == {"household_not_away"}


async def test_a_household_of_another_town_is_no_target(asks, officer, chen):
    far = asks(Role.TOWN_OFFICER, 610999102000)
    other = (await far.post("/households", json=household(region="610999102201"))).json()
    body = {"into": other["id"], "into_version": 1, "on": "2024-06-01", "relations": []}
    assert (await officer.post(f"/households/{chen['id']}/merge", json=body, headers=match(chen))).status_code == 404
