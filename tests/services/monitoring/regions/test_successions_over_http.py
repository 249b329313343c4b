"""One division follows another: entered once, with everybody who lives there, and told to all."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.security.scope import Area
from chassis.testing.programs import TOWN, VILLAGE
from tests.personas import CHEN, household
from tests.services.monitoring.regions.loading import COUNTY_FILE, OTHER_TOWN, load, merger, said


async def test_a_merged_village_ends_and_its_households_move_with_their_past_kept(asks, monitoring):
    officer = asks()
    await load(officer)
    body = CHEN | {"region": "610999101204", "valid_from": "2024-01-01"}
    moved = (await officer.post("/households", json=body)).json()
    stayed = (await officer.post("/households", json=household(valid_from="2024-01-01"))).json()
    result = await officer.post("/regions/successions", json=merger())
    assert result.status_code == 200, result.text
    assert result.json() == {
        "on": "2024-06-01",
        "divisions_ended": 1,
        "divisions_opened": 0,
        "households_moved": 1,
        "persons_moved": 2,
        "undecided": [],
    }
    now = (await officer.get(f"/households/{moved['id']}")).json()
    assert (now["region"], now["registration_region"], now["version"]) == (str(VILLAGE), str(VILLAGE), 2)
    assert now["members"][0]["identity_number_masked"] == moved["members"][0]["identity_number_masked"]
    then = (await officer.get(f"/households/{moved['id']}", params={"on": "2024-05-31"})).json()
    assert (then["region"], len(then["members"])) == ("610999101204", 2)
    assert (await officer.get(f"/households/{stayed['id']}")).json()["version"] == 1
    ended = await officer.get("/regions/610999101204", params={"on": "2024-05-31"})
    assert (ended.json()["valid_to"], ended.json()["successor"]) == ("2024-05-31", str(VILLAGE))
    assert (await officer.get("/regions/610999101204")).status_code == 404
    history = (await officer.get("/regions/610999101204/history")).json()
    assert history["successions"] == [
        {
            "predecessor": "610999101204",
            "successor": str(VILLAGE),
            "kind": "merged",
            "on": "2024-06-01",
            "reason": "云政发〔2024〕9号",
        }
    ]


async def test_a_succession_is_entered_once_and_nothing_else_becomes_of_the_division(asks):
    officer = asks()
    await load(officer)
    assert (await officer.post("/regions/successions", json=merger())).status_code == 200
    elsewhere = {"predecessor": "610999101204", "successor": "610999102201", "kind": "merged"}
    for again in (merger(), merger(successions=[elsewhere]), merger(on="2024-01-01")):
        refused = await officer.post("/regions/successions", json=again)
        assert (refused.status_code, [fault["code"] for fault in refused.json()["errors"]]) == (
            422,
            ["succession_recorded"],
        )
    history = (await officer.get("/regions/610999101204/history")).json()
    assert [(row["valid_to"], row["successor"]) for row in history["items"]] == [("2024-05-31", str(VILLAGE))]
    assert len(history["successions"]) == 1


async def test_two_who_enter_one_succession_at_once_enter_it_once(asks):
    await load(asks())
    answers = await asyncio.gather(*(asks().post("/regions/successions", json=merger()) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]


async def test_an_older_file_sent_again_does_not_open_a_merged_village(asks):
    officer = asks()
    await load(officer)
    await officer.post("/regions/successions", json=merger())
    result = await load(officer)
    assert (result["updated"], result["unchanged"], result["rejected"]) == (0, 5, 1)
    assert [(error["row"], error["column"], error["code"]) for error in result["errors"]] == [
        (5, "valid_to", "region_followed")
    ]
    assert (await officer.get("/regions/610999101204")).status_code == 404
    # Another spelling of its name may still be put right, with the end that it has.
    told = COUNTY_FILE.replace("柳湾村,村,2020-01-01,,", f"柳弯村,村,2020-01-01,2024-05-31,{VILLAGE}")
    assert (await load(officer, told))["updated"] == 1


async def test_no_household_goes_to_a_division_that_is_over_by_now(asks):
    officer = asks()
    await load(officer)
    onwards = {"predecessor": str(VILLAGE), "successor": "610999102201", "kind": "merged"}
    assert (await officer.post("/regions/successions", json=merger(successions=[onwards]))).status_code == 200
    # Nobody lives there: what was long ago may be written down.
    assert (await officer.post("/regions/successions", json=merger(on="2023-01-01"))).status_code == 200
    await officer.post("/households", json=household(region="610999102201"))
    late = {"predecessor": "610999102201", "successor": str(VILLAGE), "kind": "merged"}
    refused = await officer.post("/regions/successions", json=merger(on="2024-05-01", successions=[late]))
    assert (refused.status_code, [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]]) == (
        422,
        [("/successions/0/successor", "succession_successor_over")],
    )


async def test_a_split_village_whose_code_stays_holds_on_under_it(asks):
    officer = asks()
    await load(officer)
    parts = [
        {"predecessor": str(VILLAGE), "successor": str(VILLAGE), "kind": "split"},
        {"predecessor": str(VILLAGE), "successor": "610999101205", "kind": "split", "successor_name": "上松坪村"},
    ]
    result = await officer.post("/regions/successions", json=merger(successions=parts))
    assert (result.status_code, result.json()["divisions_ended"], result.json()["divisions_opened"]) == (200, 0, 1)
    assert (await officer.get(f"/regions/{VILLAGE}")).json()["name"] == "松坪村"


async def test_a_merger_tells_every_household_and_person_and_leaves_tombstones(asks, monitoring):
    officer = asks()
    await load(officer)
    moved = (await officer.post("/households", json=CHEN | {"region": "610999101204"})).json()
    assert (await officer.post("/regions/successions", json=merger())).status_code == 200
    households, people = await said(monitoring, "household"), await said(monitoring, "person")
    assert [(row.aggregate_version, row.data["region"]) for row in households] == [(1, 610999101204), (2, VILLAGE)]
    assert len(people) == 4
    indexes = {row.subject: row.data["identity_indexes"] for row in people if row.aggregate_version == 1}
    assert all(row.data["identity_indexes"] == indexes[row.subject] for row in people if row.aggregate_version == 2)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        feed = (await connection.execute(select(change).where(change.c.kind == "household"))).all()
        audit = (await connection.execute(select(audit_entry).where(audit_entry.c.action.like("%.recode")))).all()
    assert {(row.region, row.deleted, row.version) for row in feed} == {
        (610999101204, True, 2),
        (VILLAGE, False, 2),
    }
    assert {(entry.action, entry.reason) for entry in audit} == {
        ("household.recode", "云政发〔2024〕9号"),
        ("person.recode", "云政发〔2024〕9号"),
    }
    assert str(moved["id"]) in {str(entry.entity_id) for entry in audit}


async def test_a_recoded_town_takes_its_villages_and_households_along(asks):
    officer = asks()
    await load(officer)
    made = (await officer.post("/households", json=household())).json()
    row = {"predecessor": str(TOWN), "successor": "610999111000", "kind": "recoded", "successor_name": "清溪街道"}
    result = await officer.post("/regions/successions", json=merger(successions=[row]))
    assert result.status_code == 200, result.text
    assert (result.json()["divisions_ended"], result.json()["divisions_opened"]) == (3, 3)
    assert (await officer.get(f"/households/{made['id']}")).json()["region"] == "610999111203"
    below = (await officer.get("/regions", params={"parent": "610999111000"})).json()["items"]
    assert [row["name"] for row in below] == ["松坪村", "柳湾村"]
    assert (await officer.get("/regions/610999111000")).json()["name"] == "清溪街道"


async def test_households_of_a_split_village_wait_to_be_told_apart(asks):
    officer = asks()
    await load(officer)
    await officer.post("/households", json=household())
    parts = [
        {"predecessor": str(VILLAGE), "successor": code, "kind": "split", "successor_name": name}
        for code, name in (("610999101205", "上松坪村"), ("610999101206", "下松坪村"))
    ]
    result = (await officer.post("/regions/successions", json=merger(successions=parts))).json()
    assert (result["households_moved"], result["divisions_opened"]) == (0, 2)
    assert result["undecided"] == [
        {"code": str(VILLAGE), "may_go_to": ["610999101205", "610999101206"], "households": 1}
    ]


async def test_a_renamed_village_keeps_its_code_and_both_names(asks):
    officer = asks()
    await load(officer)
    row = {"predecessor": str(VILLAGE), "successor": str(VILLAGE), "kind": "renamed", "successor_name": "新松坪村"}
    assert (await officer.post("/regions/successions", json=merger(successions=[row]))).status_code == 200
    names = [
        (row["name"], row["valid_from"]) for row in (await officer.get(f"/regions/{VILLAGE}/history")).json()["items"]
    ]
    assert names == [("松坪村", "2020-01-01"), ("新松坪村", "2024-06-01")]


async def test_every_fault_of_a_succession_is_listed(asks):
    officer = asks()
    await load(officer)
    rows = [
        {"predecessor": "610999103000", "successor": str(TOWN), "kind": "merged"},
        {"predecessor": str(VILLAGE), "successor": str(VILLAGE), "kind": "renamed"},
        {"predecessor": str(TOWN), "successor": str(OTHER_TOWN), "kind": "merged", "successor_name": "石门镇"},
    ]
    answer = await officer.post("/regions/successions", json=merger(on="2024-06-04", successions=rows))
    assert answer.status_code == 422
    assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
        ("/successions/0", "succession_predecessor_unknown"),
        ("/successions/1/successor_name", "succession_name_missing"),
        ("/successions/2/successor_name", "succession_name_known"),
        ("/on", "succession_after_today"),
    }
