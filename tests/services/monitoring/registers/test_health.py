"""慢病签约 and 三重保障: contracts, settlements by stay and year, the tilt; and who is shown none of it."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY
from tests.services.monitoring.registers.rows import MAY, stay
from tests.services.monitoring.screening import county_data


async def ill(county, **contract):
    home = await county.family(is_lifted=True, lifted_year=2019)
    await county.says("health.chronic_contract", home["members"][0], home, MAY, chronic_kind="diabetes", **contract)
    return home


async def test_an_illness_without_a_contract_or_with_one_that_ended_is_a_finding_of_health(county):
    without, ended = await ill(county), await ill(county, signed_on="2023-05-01", ends_on="2024-06-02")
    await ill(county, signed_on="2023-06-03", ends_on="2024-06-03")
    await county.feed("health.chronic_contract")
    found = {one["household_id"] for one in await county.findings(code="no_contract", duty="health")}
    assert found == {without["id"], ended["id"]}


async def test_another_illness_than_the_four_is_not_on_the_register(county):
    home = await county.family()
    await county.says("health.chronic_contract", home["members"][0], home, MAY, chronic_kind="other")
    await county.feed("health.chronic_contract")
    assert await county.facts("chronic") == []


async def test_a_years_stays_add_up_and_the_tilt_is_held_against_what_was_paid(county):
    """In policy 60,000, basic paid 40,000: (20,000 less half of 12,000) at 65 % is 9,100.00."""
    home = await county.family(is_lifted=True, lifted_year=2019)
    await stay(county, home, "a", 42_000, 28_000, 5_000, 3_000)
    row = await stay(county, home, "b", 18_000, 12_000, 4_099, 5_000, date(2024, 5, 28))
    await county.feed("medical.settlements")
    [year] = await county.facts("medical_year")
    shown = {name: year[name] for name in ("year", "stays", "in_policy_fen", "basic_fen", "serious_fen", "aid_fen")}
    assert shown == {
        "year": 2024, "stays": 2, "in_policy_fen": "60000.00", "basic_fen": "40000.00", "serious_fen": "9099.00",
        "aid_fen": "8000.00",
    }  # fmt: skip
    assert (year["self_pay_fen"], year["serious_due_fen"], year["aid_cap_fen"]) == ("2901.00", "9100.00", "50000.00")
    assert await county.codes(duty="medical") == ["tilt_not_applied"]
    assert [one["stay_no"] for one in await county.facts("medical_stay")] == ["a", "b"]
    await county_data.withdraw(county.program, row)
    await stay(county, home, "b", 18_000, 12_000, 4_100, 5_000, date(2024, 5, 28))
    await county.feed("medical.settlements")
    assert await county.codes() == []


async def test_an_ordinary_household_is_tilted_to_in_nothing(county):
    home = await county.family()
    await stay(county, home, "a", 60_000, 20_000, 0, 0)
    await county.feed("medical.settlements")
    [year] = await county.facts("medical_year")
    assert (year["is_favoured"], year["serious_due_fen"], year["findings"]) == (False, "0.00", [])


async def test_a_great_share_of_self_pay_is_a_finding_while_aid_is_below_its_cap(county):
    home, at_cap = [await county.family(is_lifted=True, lifted_year=2019) for _ in range(2)]
    await stay(county, home, "a", 10_000, 6_999, 0, 0)
    await stay(county, at_cap, "c", 200_000, 60_000, 80_000, 50_000)
    await county.feed("medical.settlements")
    found = {(one["code"], one["household_id"]) for one in await county.findings(code="self_pay_share")}
    assert found == {("self_pay_share", home["id"])}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CITY_OFFICER, Role.PROVINCE_OFFICER])
async def test_who_has_no_case_to_work_on_is_shown_no_register_of_health(county, asks, role):
    home = await ill(county)
    await county.feed("health.chronic_contract")
    stranger = asks(role, COUNTY if role is Role.AUDITOR else COUNTY // 10**8 * 10**8)
    for path in ("/registers/chronic/facts", "/registers/medical_year/export"):
        assert (await stranger.get(path)).status_code == 403
    assert (await stranger.get("/register-findings")).json()["items"] == []
    assert (await stranger.get(f"/households/{home['id']}/register-facts")).json()["items"] == []
    listed = {one["code"] for one in (await stranger.get("/registers")).json()["items"]}
    assert not {"chronic", "medical_stay", "medical_year"} & listed
    assert "dropout" in listed


async def test_a_departments_clerk_sees_what_the_department_owes_and_nothing_else(county, asks):
    await ill(county)
    home = await county.family()
    await county.says("water.supply", home["members"][0], home, MAY, water_quality="fail")
    await county.feed("health.chronic_contract")
    await county.feed("water.supply")
    health = asks(Role.DEPARTMENT_CLERK, COUNTY, department="health")
    assert [one["code"] for one in (await health.get("/register-findings")).json()["items"]] == ["no_contract"]
    assert (await health.get("/registers/chronic/facts")).status_code == 403
