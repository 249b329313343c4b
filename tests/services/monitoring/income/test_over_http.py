"""A household's income is recorded line by line, corrected with its past kept, and worked out to the 分 (clause G)."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.security.scope import Area, Role, program
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.income.actions.follow import lines_follow
from services.monitoring.income.tables import IncomeLineRow
from tests.personas import CHEN, household
from tests.services.monitoring.income.statements import ENTRY, EXIT, lines, recorded, registered

OTHER_TOWN = 610999102000
OUTSIDE = [("wage.outside_work", "900.00", "2023-05"), ("transfer.relief", "6000.00", "2024-06")]


async def window(client, household_id, **query):
    answer = await client.get(f"/households/{household_id}/income", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_household_a_at_entry_has_8000_net_and_4000_reference_income_a_person(asks):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre)
    used = await recorded(cadre, home, *ENTRY)
    await recorded(cadre, home, *OUTSIDE[:1])
    income = await window(cadre, home, window="entry", on="2024-06-03")
    assert income["window"] == {"kind": "entry", "first": "2023-06-01", "last": "2024-05-31"}
    assert (income["net"], income["ref"], income["members"]) == ("40000.00", "20000.00", 5)
    assert income["pc_net"] == {
        "numerator": "40000.00",
        "members": 5,
        "rounded": "8000.00",
        "unit": "元/人",
        "on": "2024-05-31",
    }
    assert income["pc_ref"]["rounded"] == "4000.00"
    assert {total["group"]: total["amount"] for total in income["totals"]} == {
        "wage": "25200.00",
        "operating_income": "12800.00",
        "property": "1200.00",
        "transfer": "6400.00",
        "operating_expense": "5600.00",
        "claims": "0.00",
        "self_pay": "20000.00",
    }
    assert {line["id"] for line in income["lines"]} == {line["id"] for line in used}


async def test_household_a_at_exit_has_11246_net_and_10600_reference_income_a_person(asks, monitoring):
    monitoring.clock.move(days=410)  # 2025-07-18
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre)
    await recorded(cadre, home, *EXIT, OUTSIDE[1])
    income = await window(cadre, home, on="2025-07-18")
    assert (income["net"], income["pc_net"]["rounded"]) == ("56230.00", "11246.00")
    assert (income["ref"], income["pc_ref"]["rounded"]) == ("53000.00", "10600.00")
    assert len(income["lines"]) == len(EXIT)


async def test_the_annual_window_runs_from_october_to_september(asks):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre)
    await recorded(cadre, home, ("wage.outside_work", "100.00", "2023-09"), ("wage.outside_work", "7.01", "2023-10"))
    income = await window(cadre, home, window="annual", year=2024)
    assert income["window"] == {"kind": "annual", "first": "2023-10-01", "last": "2024-09-30"}
    assert income["net"] == "7.01"
    assert (await window(cadre, home, window="annual"))["window"]["last"] == "2023-09-30"
    for query in ({"window": "annual", "on": "2024-06-03"}, {"window": "entry", "year": 2024}, {"window": "month"}):
        assert (await cadre.get(f"/households/{home}/income", params=query)).status_code == 422


async def test_members_are_those_of_the_decisions_day(asks):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre, CHEN | {"valid_from": "2024-06-01"})
    early = await window(cadre, home, on="2024-05-15")
    assert (early["members"], early["members_on"]) == (2, "2024-06-01")


async def test_every_bad_line_is_named_and_none_is_kept(asks, monitoring):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre)
    other = (await cadre.post("/households", json=household())).json()["members"][0]["id"]
    body = lines(*ENTRY[:3])
    body["lines"][0]["month"] = "2024-07"
    body["lines"][2]["person_id"] = other
    answer = await cadre.post(f"/households/{home}/income-statements", json=body)
    assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
        ("/lines/0/month", "line_after_today"),
        ("/lines/2/person_id", "not_a_member"),
    }
    for wrong in (
        {"amount": "-1.00"},
        {"amount": 5},
        {"kind": "wage.nothing"},
        {"on": "2024-01-01"},
        {"month": "2024"},
    ):
        body = lines(ENTRY[0])
        body["lines"][0] |= wrong
        assert (await cadre.post(f"/households/{home}/income-statements", json=body)).status_code == 422, wrong
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        assert (await connection.execute(select(func.count()).select_from(IncomeLineRow))).scalar_one() == 0


async def test_a_correction_needs_the_version_and_keeps_what_stood_before(asks, monitoring):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre)
    [line] = await recorded(cadre, home, ENTRY[0])
    url = f"/income-lines/{line['id']}"
    body = {"amount": "25300.00", "reason": "工资条核对"}
    assert (await cadre.patch(url, json=body)).status_code == 428
    changed = await cadre.patch(url, json=body, headers={"If-Match": '"1"'})
    assert (changed.json()["amount"], changed.headers["ETag"]) == ("25300.00", '"2"')
    assert (await cadre.patch(url, json=body, headers={"If-Match": '"1"'})).status_code == 412
    [before] = (await cadre.get(f"{url}/history")).json()["items"]
    assert (before["version"], before["amount"], before["reason"]) == (1, "25200.00", "工资条核对")
    assert (await window(cadre, home, on="2024-06-03"))["net"] == "25300.00"
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        found = await connection.execute(select(audit_entry).where(audit_entry.c.action == "income.correct"))
        [entry] = found.all()
    assert (entry.fields, entry.reason) == (["amount"], "工资条核对")


async def test_a_withdrawn_line_counts_no_more_and_stays_on_record(asks):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre)
    [line] = await recorded(cadre, home, ENTRY[0])
    url, match = f"/income-lines/{line['id']}", {"If-Match": '"1"'}
    assert (await cadre.post(f"{url}/withdraw", json={"reason": "重复"}, headers=match)).json()["state"] == "withdrawn"
    assert (await window(cadre, home))["net"] == "0.00"
    again = await cadre.patch(url, json={"amount": "1.00", "reason": "x"}, headers={"If-Match": '"2"'})
    assert [error["code"] for error in again.json()["errors"]] == ["line_withdrawn"]
    listed = (await cadre.get(f"/households/{home}/income-lines", params={"state": "withdrawn"})).json()["items"]
    assert [row["id"] for row in listed] == [line["id"]]


async def test_lines_follow_a_household_that_moved(asks, monitoring):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre)
    [line] = await recorded(cadre, home, ENTRY[0])
    async with monitoring.unit(program("move", COUNTY)) as unit:
        await unit.connection.execute(text("UPDATE household SET region = 610999102201"))
        assert await lines_follow(unit, [UUID(home)]) == 1
        assert await lines_follow(unit, [UUID(home)]) == 0
    assert (await cadre.get(f"/income-lines/{line['id']}")).status_code == 404
    there = await asks(Role.TOWN_OFFICER, OTHER_TOWN).get(f"/income-lines/{line['id']}")
    assert (there.json()["region"], there.json()["version"]) == ("610999102201", 2)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        feed = (await connection.execute(select(change).where(change.c.kind == "income_line"))).all()
    assert {(row.region, row.deleted) for row in feed} == {(VILLAGE, True), (610999102201, False)}


async def test_another_town_and_a_department_see_nothing(asks):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    home = await registered(cadre)
    [line] = await recorded(cadre, home, ENTRY[0])
    stranger = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    for url in (f"/households/{home}/income", f"/households/{home}/income-lines", f"/income-lines/{line['id']}"):
        assert (await stranger.get(url)).status_code == 404
    assert (await stranger.post(f"/households/{home}/income-statements", json=lines(ENTRY[0]))).status_code == 404
    clerk = asks(Role.DEPARTMENT_CLERK, COUNTY, department="medical_insurance")
    assert (await clerk.get(f"/households/{home}/income")).status_code == 403
    assert (await asks(Role.AUDITOR).post(f"/households/{home}/income-statements", json={})).status_code == 403


@pytest.fixture
async def a_full_county(monitoring):
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        await connection.execute(
            text(
                "INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count,"
                " state, origin, version, valid_from) SELECT gen_random_uuid(), r, r, false, false, '{}', 3, 'active',"
                " 'registered', 1, DATE '2024-01-01' FROM (SELECT 610900000000 + n % 500 * 1000000 + n % 9 * 1000 + 201"
                " AS r FROM generate_series(1, 10000) AS s(n)) AS made"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO income_line (id, region, household_id, kind, amount_fen, counts_on, source, state,"
                " version, recorded_by) SELECT gen_random_uuid(), region, id, 'wage.outside_work', 100,"
                " DATE '2023-01-01' + n, 'x', 'active', 1, 'x' FROM household, generate_series(0, 500, 50) AS s(n)"
            )
        )


async def test_a_households_lines_are_read_along_an_index(a_full_county, monitoring):
    area = Area.of(610999000000 - 100 * 1000000)
    async with monitoring.database.transaction(area) as connection:
        await connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        one = await connection.execute(
            text(
                "EXPLAIN SELECT * FROM income_line WHERE household_id = '0190b7c2-0000-7000-8000-000000000009'"
                f" AND region BETWEEN {area.lo} AND {area.hi} AND state = 'active' ORDER BY counts_on, id LIMIT 51"
            )
        )
        shown = "\n".join(one.scalars())
    assert "Seq Scan on income_line" not in shown
