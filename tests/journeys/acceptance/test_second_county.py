"""A county that sets its own order, limit, rule and thresholds lives in the same database without a line of code."""

from __future__ import annotations

import pytest
import pytest_asyncio

from chassis.testing.eventually import eventually
from tests.journeys.acceptance.families import member
from tests.journeys.acceptance.two_counties import FIVE, OTHER_COUNTY, SEVEN, two_counties
from tests.services.monitoring.cases.two_plans import DUES
from tests.services.monitoring.cases.village import made, refused
from tests.services.monitoring.datasets.department_files import csv

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROLL = ["身份证号", "姓名", "状态日期", "就学状态", "就读学段"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counties(world):
    return await two_counties(world)


async def test_dues_are_counted_in_each_countys_own_days(counties):
    first, second = (story.begun["poor"] for story in counties)
    assert (first["limit_days"], first["counted_in"], second["limit_days"], second["counted_in"]) == (
        15, "calendar", 20, "working",
    )  # fmt: skip
    assert {one["step"]: one["due_on"] for one in first["plan"]} == DUES
    # 20 working days from 3 June 2024 end on 2 July: 10 June was 端午.
    assert {one["step"]: one["due_on"] for one in second["plan"]} == {
        "dispatched": "2024-06-04",
        "verified": "2024-06-11",
        "compared": "2024-06-11",
        "village_reviewed": "2024-06-13",
        "town_ok": "2024-06-17",
        "publicity": "2024-06-26",
        "passed": "2024-06-27",
        "county_ok": "2024-07-01",
        "registered": "2024-07-02",
    }


async def test_each_county_goes_in_its_own_order_through_the_same_actions(counties):
    first, second = counties
    assert first.steps == [
        "verified", "compared", "village_reviewed", "publicity", "passed", "town_ok", "county_ok", "registered",
    ]  # fmt: skip
    assert second.steps == [
        "verified", "compared", "village_reviewed", "town_ok", "publicity", "passed", "county_ok", "registered",
    ]  # fmt: skip
    done = [[one["action"] for one in story.ended["poor"]["history"]] for story in counties]
    assert done[0] != done[1]
    assert sorted(set(done[0])) == sorted(set(done[1]))


async def test_each_county_shows_its_list_for_its_own_days(counties):
    assert [story.ended["poor"]["publicity"]["days_shown"] for story in counties] == [5, 7]


async def test_a_household_below_the_provinces_line_is_type_1_in_both(counties):
    found = [(one.ended["poor"]["monitoring_type"], one.ended["poor"]["basis"], one.ended["poor"]["line"])
             for one in counties]  # fmt: skip
    assert found == [("1", "province_line", "7920.00"), ("1", "province_line", "7500.00")]


async def test_between_the_lines_one_county_registers_and_the_other_only_watches(counties):
    first, second = counties
    assert (first.ended["between"]["monitoring_type"], first.ended["between"]["basis"]) == ("2", "county_60")
    assert first.out_of_range is None
    assert refused(second.out_of_range) == ["not_in_range"]
    classified = await second.them.asked(f"/households/{second.homes['between']['id']}/classification")
    assert (classified["monitoring_type"], classified["watched"], classified["line"]["rule_60"]) == (
        None,
        True,
        "watch",
    )


async def test_self_pay_of_4000_is_a_clue_where_the_county_set_3000(counties):
    first, second = counties
    assert first.clues["poor"] == []
    [clue] = second.clues["poor"]
    hits = (await second.them.asked(f"/clues/{clue['id']}"))["hits"]
    [hit] = [hit for hit in hits if hit["rule"] and hit["rule"]["id"] == "R01"]
    assert "3000.00" in str(hit["comparisons"])


@pytest.mark.parametrize(("place", "duties"), [(0, SEVEN), (1, FIVE)], ids=["seven", "five"])
async def test_a_dropout_needs_the_duty_holders_of_its_county(counties, place, duties):
    story = counties[place]
    them, child = story.them, member(story.homes["between"], "郑小树")
    rows = [story.child_number, "郑小树", "2024-05-10", "辍学", "小学"]
    await them.world.office("education", them.county_code).hand_in(
        csv(ROLL, rows), code="education.status", period="2023-2024"
    )

    async def open_findings() -> list[str]:
        return sorted(one["code"] for one in (await them.asked("/register-findings", state="open"))["items"])

    async def both() -> bool:
        return await open_findings() == ["duty_unfilled", "out_of_school"]

    await eventually(both)
    said = {"register_code": "dropout_duty", "person_id": child["id"], "holds_from": "2024-06-03"}
    for line, names in duties.items():
        for name in names:
            assert "duty_unfilled" in await open_findings()
            fact = said | {"line": line, "duty": name, "holder": f"某{name}"}
            made(await them.town.post("/register-facts", json=fact))
    assert await open_findings() == ["out_of_school"]
    other = said | {"line": "school", "duty": "师长" if place else "班主任", "holder": "某人"}
    assert (await them.town.post("/register-facts", json=other)).status_code == 422, "the neighbour's list has it"


async def test_neither_county_sees_the_other(counties):
    first, second = counties
    for one, other in ((first, second), (second, first)):
        ids = {case["id"] for case in (await one.them.asked("/cases", limit=200))["items"]}
        assert ids == {case["id"] for case in one.ended.values()}
        assert (await one.them.county.get(f"/cases/{other.ended['poor']['id']}")).status_code == 404
    assert {row["scope"] for row in (await second.them.asked("/parameters/history", key="cases.plan"))["items"]} >= {
        str(OTHER_COUNTY)
    }


async def test_statistics_of_each_county_are_its_own(counties):
    for one, registered in zip(counties, ((2, 6), (1, 2)), strict=True):
        [group] = (await one.them.asked("/statistics/figures"))["groups"]
        counted = {figure["figure"]: (figure["households"], figure["persons"]) for figure in group["figures"]}
        assert counted["registered"] == registered
