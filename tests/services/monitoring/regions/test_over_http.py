"""Divisions are recorded from a file and read as of a day."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.regions.writing import division_id
from tests.services.monitoring.regions.loading import COUNTY_FILE, CSV, load, merger, said


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
