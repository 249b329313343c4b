"""低收入人口, 兜底, 参保缴费 and 雨露计划: classes as dated facts, who is due what of a year, and what is missing."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY
from tests.personas import number, person
from tests.services.monitoring.registers.classes import of_class
from tests.services.monitoring.screening import county_data

MAY = date(2024, 5, 10)
LIFTED = {"is_lifted": True, "lifted_year": 2019}


async def changed(county, home, aid_change: str, on: date, aid_kind: str = "subsistence"):
    return await county.says("civil.aid_change", home["members"][0], home, on, aid_kind=aid_kind, aid_change=aid_change)


async def test_the_roll_and_the_changes_of_aid_make_spells_of_a_class(county):
    home, other = [await county.family() for _ in range(2)]
    await of_class(county, home, "subsistence", is_single=True)
    await changed(county, home, "raised", date(2023, 6, 1))
    await changed(county, home, "stopped", date(2023, 9, 1))
    await changed(county, home, "granted", date(2024, 2, 1))
    await of_class(county, other, "emergency", date(2024, 3, 1), ends_on="2024-05-31")
    await county.feed("civil.low_income")
    spells = [
        (one["low_income_class"], one["holds_from"], one["holds_to"], one["is_single"])
        for one in await county.facts("low_income")
    ]
    assert spells == [
        ("subsistence", "2023-01-01", "2023-08-31", True),
        ("subsistence", "2024-02-01", None, None),
        ("emergency", "2024-03-01", "2024-05-31", None),
    ]
    assert await county.facts("low_income", on="2023-12-31") == []


@pytest.mark.parametrize(
    ("again", "spells"),
    [
        (date(2024, 3, 1), [("2024-01-01", None)]),
        (date(2024, 5, 31), [("2024-01-01", None)]),
        (date(2024, 6, 1), [("2024-01-01", "2024-05-31"), ("2024-06-01", None)]),
    ],
)
async def test_a_later_row_of_the_roll_says_how_long_the_class_goes_on(county, again, spells):
    """Approved to the end of May, and again before that was over: nothing ended in May."""
    home = await county.family()
    await of_class(county, home, "subsistence", date(2024, 1, 1), ends_on="2024-05-31")
    await of_class(county, home, "subsistence", again)
    await county.feed("civil.low_income")
    assert [(one["holds_from"], one["holds_to"]) for one in await county.facts("low_income")] == spells


async def test_a_stop_that_was_withdrawn_never_ended_the_class(county):
    home = await county.family()
    await of_class(county, home, "destitute")
    stop = await changed(county, home, "stopped", date(2024, 1, 1), "destitute")
    await county.feed("civil.aid_change")
    [ended] = await county.facts("low_income")
    await county_data.withdraw(county.program, stop)
    await county.feed("civil.aid_change")
    [fact] = await county.facts("low_income")
    assert (ended["holds_to"], fact["holds_to"], fact["id"]) == ("2023-12-31", None, ended["id"])


async def test_whoever_should_be_covered_and_is_not_is_a_finding_of_civil_affairs(county, asks):
    ill = await county.family(person(health=["serious"]), **LIFTED)
    disabled = await county.family(person(), **LIFTED)
    await county.says(
        "disability.certificates", disabled["members"][0], disabled, MAY, certificate_no="1", disability_level=2
    )
    lost = await county.family(person(labour_skill="lost"), **LIFTED)
    unknown = await county.family(person(labour_skill="lost"), person(relation="20", labour_skill=None), **LIFTED)
    marginal = await county.family(person(health=["serious"]))
    await of_class(county, marginal, "marginal")
    for covered in (
        await county.family(person(health=["serious"]), **LIFTED),
        await county.family(person(health=["serious"])),
    ):
        await of_class(county, covered, "subsistence")
    await county.feed("disability.certificates")
    await county.feed("civil.low_income")
    found = {
        (one["code"], one["household_id"])
        for one in await county.findings(register_code="guarantee_need", duty="civil")
    }
    assert found == {
        ("not_covered_singly", ill["id"]), ("not_covered_singly", disabled["id"]),
        ("not_covered_singly", marginal["id"]), ("no_labour_not_covered", lost["id"]),
    }  # fmt: skip
    assert unknown["id"] not in {one["household_id"] for one in await county.facts("guarantee_need")}
    assert (await asks(Role.AUDITOR, COUNTY).get("/registers/guarantee_need/facts")).status_code == 403


async def test_a_need_ends_when_it_is_there_no_longer_and_its_past_stays(county, asks, monitoring):
    home = await county.family(person(labour_skill="lost"), **LIFTED)
    await county.sweep()
    [need] = await county.facts("guarantee_need")
    assert (need["basis"], need["holds_from"], need["findings"]) == (
        "no_labour",
        "2024-06-03",
        ["no_labour_not_covered"],
    )
    monitoring.clock.move(days=10)
    someone = home["members"][0]
    answer = await asks().patch(
        f"/persons/{someone['id']}", json={"labour_skill": "weak"}, headers={"If-Match": f'"{someone["version"]}"'}
    )
    assert answer.status_code == 200, answer.text
    await county.sweep()
    [ended] = await county.facts("guarantee_need")
    assert (ended["id"], ended["holds_from"], ended["holds_to"], ended["findings"]) == (
        need["id"], "2024-06-03", "2024-06-12", []
    )  # fmt: skip
    await county.sweep()
    assert await county.facts("guarantee_need") == [ended]


async def test_the_destitute_get_all_of_their_insurance_contribution_and_others_their_classs_amount(county):
    destitute, poor, both, plain = [await county.family() for _ in range(4)]
    await of_class(county, destitute, "destitute")
    await of_class(county, poor, "subsistence")
    await of_class(county, both, "marginal")
    await of_class(county, both, "subsistence", date(2024, 4, 1))
    for home, fen in ((destitute, 38_000), (poor, 18_999)):
        await county.says(
            "medical.contribution_aid", home["members"][0], home, date(2024, 1, 5), payment_no="1", insured_year=2024,
            paid_fen=fen,
        )  # fmt: skip
    await county.feed("civil.low_income")
    now = {one["household_id"]: one for one in await county.facts("insurance_aid", on="2024-06-03")}
    told = {home: (one["kind"], one["due_fen"], one["received_fen"], one["findings"]) for home, one in now.items()}
    assert told == {
        destitute["id"]: ("destitute", "380.00", "380.00", []),
        poor["id"]: ("subsistence", "190.00", "189.99", ["insurance_gap"]),
        both["id"]: ("subsistence", "190.00", "0.00", ["insurance_gap"]),
    }
    assert plain["id"] not in now
    last_year = await county.facts("insurance_aid", on="2023-12-31", household_id=both["id"])
    assert [(one["kind"], one["due_fen"]) for one in last_year] == [("marginal", "100.00")]


async def test_pension_contributions_are_due_to_insured_ages_and_keep_the_lowest_tier(county, monitoring):
    old = person(identity_number=number("19640101"), labour_skill=None)
    pupil = person(identity_number=number("20070101"), labour_skill=None, school_stage="senior_high_1")
    young = person(identity_number=number("20080101"), labour_skill=None)
    poor = [await county.family(member) for member in (person(), person(), old, pupil, young)]
    for home in poor:
        await of_class(county, home, "subsistence", date(2024, 1, 1))
    for home, tier in zip(poor[:2], (10_000, 20_000), strict=True):
        await county.says(
            "work.pension_contributions", home["members"][0], home, MAY, payment_no="1", pension_year=2024,
            tier_fen=tier, paid_fen=10_000,
        )  # fmt: skip
    await county.feed("civil.low_income")
    due = {one["household_id"]: one for one in await county.facts("pension_contribution")}
    assert set(due) == {poor[0]["id"], poor[1]["id"], poor[4]["id"]}
    assert (due[poor[0]["id"]]["findings"], due[poor[1]["id"]]["findings"]) == ([], ["tier_not_kept"])
    monitoring.clock.move(days=180)
    await county.sweep()
    found = {(one["code"], one["household_id"]) for one in await county.findings(duty="labour")}
    assert found == {("tier_not_kept", poor[1]["id"]), ("pension_gap", poor[4]["id"])}


async def test_somebody_in_low_income_support_is_tilted_to_by_serious_illness_insurance(county):
    poor, plain = [await county.family() for _ in range(2)]
    await of_class(county, poor, "subsistence", date(2024, 3, 1))
    for home in (poor, plain):
        await county.says(
            "medical.settlements", home["members"][0], home, MAY, stay_no="1", in_policy_fen=6_000_000,
            basic_paid_fen=4_000_000, serious_paid_fen=0, aid_paid_fen=0,
        )  # fmt: skip
    await county.feed("medical.settlements")
    await county.feed("civil.low_income")
    told = {one["household_id"]: one["serious_due_fen"] for one in await county.facts("medical_year")}
    assert told == {poor["id"]: "9100.00", plain["id"]: "0.00"}


async def test_a_yulu_grant_holds_to_the_end_of_its_school_year(county):
    home = await county.family()
    await county.says(
        "agriculture.yulu", home["members"][0], home, date(2023, 11, 1), payment_no="1", school_year=2023,
        paid_fen=150_000,
    )  # fmt: skip
    await county.feed("agriculture.yulu")
    [grant] = await county.facts("yulu")
    assert (grant["holds_from"], grant["holds_to"], grant["paid_fen"]) == ("2023-11-01", "2024-08-31", "1500.00")


async def test_support_that_contradicts_the_registry_is_a_doubt_of_the_household_until_it_ends(county, asks):
    able, pupil = await county.family(person(health=["healthy"])), await county.family()
    for home, low_income_class in ((able, "destitute"), (pupil, "subsistence")):
        await of_class(county, home, low_income_class)
    await county.says(
        "agriculture.yulu", pupil["members"][0], pupil, date(2023, 11, 1), payment_no="1", school_year=2023, paid_fen=1
    )
    await county.feed("agriculture.yulu")
    await county.feed("civil.low_income")

    async def doubts() -> set[tuple[str, str]]:
        listed = (await asks().get("/findings", params={"limit": 100})).json()["items"]
        turned_on = ("destitute_looks_able", "yulu_without_vocational_stage")
        return {(one["code"], one["household_id"]) for one in listed if one["code"] in turned_on}

    assert await doubts() == {("destitute_looks_able", able["id"]), ("yulu_without_vocational_stage", pupil["id"])}
    [someone] = able["members"]
    patched = await asks().patch(
        f"/persons/{someone['id']}", json={"marriage": "10"}, headers={"If-Match": f'"{someone["version"]}"'}
    )
    assert patched.status_code == 200, patched.text
    assert len(await doubts()) == 2, "another change of the household leaves the doubt"
    await changed(county, able, "stopped", date(2024, 6, 1), "destitute")
    await county.feed("civil.aid_change")
    assert await doubts() == {("yulu_without_vocational_stage", pupil["id"])}
