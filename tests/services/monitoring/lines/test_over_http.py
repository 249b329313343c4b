"""Lines are proposed by one and confirmed by another, never overlap, and make one line a county and day (clause G)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from chassis.audit.tables import audit_entry
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN
from services.monitoring.lines.tables import LineRow
from tests.services.monitoring.lines.county_lines import (
    BASE_2024,
    INCOME_2023,
    PROVINCE,
    RULE_60,
    acceptance_lines,
    hold,
)


@pytest.fixture
def province(asks):
    return asks(Role.PROVINCE_OFFICER, PROVINCE), asks(Role.PROVINCE_OFFICER, PROVINCE)


@pytest.fixture
def county(asks):
    return asks(), asks()


async def test_the_acceptance_countys_line_is_7920_in_2024_and_8580_in_2025(asks, province, county):
    await acceptance_lines(province, county)
    cadre = asks(Role.TOWN_OFFICER, TOWN)
    line = (await cadre.get("/lines/effective", params={"region": str(COUNTY), "on": "2024-06-03"})).json()
    assert (line["line"], line["basis"], line["base_line"], line["county_line"]) == (
        "7920.00",
        "county_60",
        "7500.00",
        "7920.00",
    )
    assert [row["source"] for row in line["used"]] == [
        "省乡振发〔2024〕1号",
        "云岭县发〔2021〕7号",
        "云岭县统计公报2023",
    ]
    await hold(*province, BASE_2024 | {"amount": "8000.00", "valid_from": "2025-01-01"})
    await hold(*county, INCOME_2023 | {"amount": "14300.00", "year": 2024, "valid_from": "2025-01-01"})
    later = (await cadre.get("/lines/effective", params={"region": str(COUNTY), "on": "2025-07-01"})).json()
    assert (later["line"], later["base_line"]) == ("8580.00", "8000.00")
    still = (await cadre.get("/lines/effective", params={"region": str(COUNTY), "on": "2024-12-31"})).json()
    assert still["line"] == "7920.00"


async def test_a_line_is_asked_for_the_own_county_and_today_by_default(asks, province, county):
    await acceptance_lines(province, county)
    line = (await asks(Role.TOWN_OFFICER, TOWN).get("/lines/effective")).json()
    assert (line["county"], line["on"], line["rule_60"]) == (str(COUNTY), "2024-06-03", "register")


async def test_what_is_missing_for_a_line_is_named(asks, county):
    await hold(*county, RULE_60)
    answer = await county[0].get("/lines/effective")
    assert (answer.status_code, answer.json()["code"]) == (409, "line_missing")
    assert [error["code"] for error in answer.json()["errors"]] == ["base_line_missing", "county_income_missing"]
    answer = await county[0].get("/lines/effective", params={"region": str(TOWN)})
    assert [error["code"] for error in answer.json()["errors"]] == ["region_not_a_county"]
    assert (await county[0].get("/lines/effective", params={"region": "610998000000"})).status_code == 404


async def test_nobody_confirms_what_he_proposed_and_a_proposal_holds_nowhere(county):
    made = await county[0].post("/lines", json=RULE_60)
    match = {"If-Match": made.headers["ETag"]}
    refused = await county[0].post(f"/lines/{made.json()['id']}/confirm", headers=match)
    assert [error["code"] for error in refused.json()["errors"]] == ["self_approval"]
    assert (await county[1].post(f"/lines/{made.json()['id']}/confirm")).status_code == 428
    confirmed = await county[1].post(f"/lines/{made.json()['id']}/confirm", headers=match)
    assert (confirmed.json()["state"], confirmed.json()["version"]) == ("active", 2)
    again = await county[1].post(f"/lines/{made.json()['id']}/confirm", headers=match)
    assert (again.status_code, again.json()["current_version"]) == (412, 2)


async def test_overlaps_are_refused_with_each_row_that_stands_in_the_way(county):
    for first, last in (("2024-01-01", "2024-06-30"), ("2024-07-01", "2024-12-31")):
        body = INCOME_2023 | {"valid_from": first, "valid_to": last}
        assert (await hold(*county, body)).status_code == 200
    answer = await hold(*county, INCOME_2023 | {"valid_from": "2024-03-01"})
    assert (answer.status_code, answer.json()["code"]) == (409, "line_overlaps")
    assert len(answer.json()["errors"]) == 2


async def test_an_open_row_ends_the_one_before_it_which_holds_on_once_it_is_withdrawn(county, monitoring):
    former = (await hold(*county, INCOME_2023)).json()
    made = await hold(*county, INCOME_2023 | {"amount": "14300.00", "year": 2024, "valid_from": "2025-01-01"})
    rows = {row["id"]: row for row in (await county[0].get("/lines", params={"kind": "county_income"})).json()["items"]}
    assert rows[former["id"]]["valid_to"] == "2024-12-31"
    taken = await county[0].post(
        f"/lines/{made.json()['id']}/withdraw", json={"reason": "公报更正"}, headers={"If-Match": made.headers["ETag"]}
    )
    assert taken.json()["state"] == "withdrawn"
    rows = {row["id"]: row for row in (await county[0].get("/lines", params={"state": "active"})).json()["items"]}
    assert (list(rows), rows[former["id"]]["valid_to"]) == ([former["id"]], None)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        found = await connection.execute(select(audit_entry.c.action).order_by(audit_entry.c.id))
    assert found.scalars().all()[-3:] == ["line.confirm", "line.withdraw", "line.resume"]


async def test_every_fault_of_a_proposal_is_listed(county):
    body = INCOME_2023 | {"scope": "610998101000", "year": 2024, "valid_to": "2023-12-31"}
    answer = await county[0].post("/lines", json=body)
    assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
        ("/scope", "outside_area"),
        ("/scope", "scope_not_a_county"),
        ("/valid_to", "period_order"),
        ("/year", "year_not_over"),
    }


async def test_a_county_reads_its_provinces_line_and_cannot_touch_it(asks, province, county):
    made = await hold(*province, BASE_2024)
    seen = (await county[0].get("/lines")).json()["items"]
    assert [row["amount"] for row in seen] == ["7500.00"]
    answer = await county[0].post(
        f"/lines/{made.json()['id']}/withdraw", json={"reason": "x"}, headers={"If-Match": made.headers["ETag"]}
    )
    assert answer.status_code == 403
    assert (await asks(Role.TOWN_OFFICER, TOWN).post("/lines", json=RULE_60)).status_code == 403
    stranger = asks(Role.COUNTY_OFFICER, 620102000000)
    assert (await stranger.get("/lines")).json()["items"] == []


async def test_the_database_itself_refuses_two_active_rows_of_one_day(monitoring):
    row = LineRow.__table__.insert().values(
        scope=COUNTY, kind="base_line", amount_fen=1, valid_from=date(2024, 1, 1), source="x", state="active",
        proposed_by="a", confirmed_by="b",
    )  # fmt: skip
    with pytest.raises(Exception, match="ex_line_row_one_at_a_time"):
        async with monitoring.database.transaction(Area.everywhere()) as connection:
            for _ in range(2):
                await connection.execute(row.values(id=text("gen_random_uuid()")))
