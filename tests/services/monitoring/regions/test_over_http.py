"""Divisions are recorded from a file, read as of a day, and follow one another with everybody who lives there."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.events.tables import outbox
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.regions.writing import division_id
from tests.personas import CHEN, household
from tests.services.monitoring.regions.loading import COUNTY_FILE, CSV, OTHER_TOWN, load, merger


async def said(program, event="region"):
    statement = select(outbox).where(outbox.c.type == f"cn.xianjie.monitoring.{event}.recorded.v1")
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(statement.order_by(outbox.c.subject, outbox.c.aggregate_version))).all()


async def test_a_countys_divisions_are_recorded_listed_below_a_town_and_read(asks):
    officer = asks()
    result = await load(officer)
    assert {name: result[name] for name in ("created", "updated", "unchanged", "rejected", "total")} == {
        "created": 6,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "total": 6,
    }
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    below = (await cadre.get("/regions", params={"parent": str(TOWN)})).json()
    assert [(row["code"], row["name"], row["kind"]) for row in below["items"]] == [
        ("610999101203", "松坪村", "villagers_committee"),
        ("610999101204", "柳湾村", "villagers_committee"),
    ]
    read = await cadre.get(f"/regions/{VILLAGE}")
    assert (read.json()["parent"], read.json()["level"]) == (str(TOWN), 12)
    again = await cadre.get(f"/regions/{VILLAGE}", headers={"If-None-Match": read.headers["ETag"]})
    assert again.status_code == 304


async def test_the_list_pages_by_code(asks):
    officer = asks()
    await load(officer)
    seen, cursor = [], None
    while True:
        page = (await officer.get("/regions", params={"limit": 4} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [row["code"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == 6


async def test_the_same_file_again_changes_nothing_and_a_new_name_is_told_once(asks, monitoring):
    officer = asks()
    await load(officer)
    assert (await load(officer))["unchanged"] == 6
    result = await load(officer, COUNTY_FILE.replace("柳湾村", "新柳湾村"))
    assert (result["updated"], result["unchanged"]) == (1, 5)
    told = [row for row in await said(monitoring) if row.subject == division_id(610999101204)]
    assert [(row.aggregate_version, row.data["name"]) for row in told] == [(1, "柳湾村"), (2, "新柳湾村")]


async def test_each_bad_row_is_reported_and_good_rows_are_kept(asks):
    officer = asks()
    file = """区划代码,名称,层级,启用日期,停用日期,后续区划代码
610999000000,云岭县,县,2020-01-01,,
610999101000,清溪镇,村,2020-01-01,,
6109991,短码,,2020-01-01,,
610998101203,外县村,,2020-01-01,,
610999102000,石门镇,乡镇,2020-01-01,2019-01-01,
610999103000,甲镇,乡镇,2020-01-01,,610999104000
610999105201,孤村,村,2020-01-01,,
610999106000,乙镇,乡镇,2020-01-01,,
610999106000,乙镇,乡镇,2021-01-01,,
610999107000,,乡镇,,,
"""
    result = await load(officer, file)
    assert {(error["row"], error["column"], error["code"]) for error in result["errors"]} == {
        (3, "level", "region_level_differs"),
        (4, "code", "region_code"),
        (5, "code", "region_outside_area"),
        (6, "valid_to", "region_period_order"),
        (7, "valid_to", "region_successor_without_end"),
        (8, "code", "region_parent_unknown"),
        (10, "valid_from", "region_overlap"),
        (11, "name", "required"),
        (11, "valid_from", "required"),
    }
    assert (result["created"], result["rejected"], result["total"]) == (2, 8, 10)
    names = [row["name"] for row in (await officer.get("/regions")).json()["items"]]
    assert names == ["云岭县", "乙镇"]


async def test_a_county_records_only_its_own_area_and_a_town_records_nothing(asks):
    answer = await asks(Role.TOWN_OFFICER, TOWN).post("/regions/import", content=COUNTY_FILE.encode(), headers=CSV)
    assert answer.status_code == 403
    stranger = asks(Role.COUNTY_OFFICER, 610998000000)
    result = await load(stranger)
    assert (result["created"], {error["code"] for error in result["errors"]}) == (0, {"region_outside_area"})
    answer = await stranger.post("/regions/successions", json=merger())
    assert answer.status_code == 404


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


@pytest.mark.budget(60)  # about 8 s alone: what keeps one name at a time looks at each row
async def test_a_provinces_divisions_are_read_along_an_index(asks, monitoring):
    async with monitoring.database.transaction(Area.of(COUNTY)) as connection:
        for first in range(20_000, 50_000, 2_500):  # as one statement it may last longer than any is let run
            await connection.execute(
                text(
                    "INSERT INTO division (code, valid_from, name, level, kind, parent, version)"
                    " SELECT 610999000000 + n / 200 * 1000 + 200 + n % 200, DATE '2020-01-01', '村', 12,"
                    " 'villagers_committee', 610999000000 + n / 200 * 1000, 1"
                    " FROM generate_series(:first, :first + 2499) AS s(n)"
                ),
                {"first": first},
            )
        for where in ("parent = 610999101000", "code = 610999101203"):
            plan = await connection.execute(
                text(
                    f"EXPLAIN SELECT * FROM division WHERE {where} AND valid_from <= DATE '2024-06-03'"
                    " AND (valid_to IS NULL OR valid_to >= DATE '2024-06-03') ORDER BY code LIMIT 51"
                )
            )
            assert "Seq Scan" not in "\n".join(plan.scalars()), where
