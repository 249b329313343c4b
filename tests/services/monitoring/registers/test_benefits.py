"""按月福利: more allowance within 低保, benefits and services of the disabled, children's allowances and guardians."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.scope import Role
from chassis.testing.programs import TOWN
from services.monitoring.registers.rules import contribution_aid, extra_due
from services.monitoring.registers.thresholds import LIVING_CLASSES
from tests.personas import number, person
from tests.services.monitoring.registers.classes import of_class
from tests.services.monitoring.registers.conftest import decreed
from tests.services.monitoring.registers.rows import certified

_FEN = st.integers(0, 10**9)


@given(_FEN, st.integers(0, 100))
def test_the_addition_is_the_least_whole_fen_that_reaches_its_share(standard, percent):
    due = extra_due(standard, percent)
    assert due * 100 >= standard * percent > (due - 1) * 100


@given(_FEN, _FEN, _FEN)
def test_aid_is_never_more_than_the_contribution_and_grows_with_both(contribution, amount, more):
    aid = contribution_aid(contribution, amount)
    assert 0 <= aid <= min(contribution, amount)
    assert contribution_aid(contribution, None) == contribution
    assert contribution_aid(contribution, amount + more) >= aid <= contribution_aid(contribution + more, amount)


async def paid(county, home, benefit: str, fen: int, month: date = date(2024, 3, 1), *, member: int = 0):
    return await county.says(
        "civil.benefits", home["members"][member], home, month, payment_no=f"{benefit}{month}", benefit=benefit,
        paid_fen=fen,
    )  # fmt: skip


async def test_more_is_due_to_the_old_minors_disabled_and_ill_of_low_income_households(county):
    """The month's standard of 560.00 at 20 % is 112.00, and one 分 less is a gap."""
    old = person(identity_number=number("19600101"), labour_skill=None)
    child = person(identity_number=number("20130412"), labour_skill=None)
    members = [person(health=["serious"]), old, child, person()]
    homes = [await county.family(one) for one in members]
    for home in homes:
        await of_class(county, home, "subsistence", date(2024, 3, 1))
    await certified(county, homes[0], 1, on=date(2024, 4, 1))
    await paid(county, homes[0], "subsistence_extra", 11_200)
    await paid(county, homes[1], "subsistence_extra", 11_199)
    await county.feed("disability.certificates")
    await county.feed("civil.low_income")
    march = {one["household_id"]: one for one in await county.facts("subsistence_extra", on="2024-03-31")}
    told = {
        home: (one["kind"], one["standard_fen"], one["due_fen"], one["received_fen"], one["findings"])
        for home, one in march.items()
    }
    assert told == {
        homes[0]["id"]: ("seriously_ill", "560.00", "112.00", "112.00", []),
        homes[1]["id"]: ("old", "560.00", "112.00", "111.99", ["extra_gap"]),
        homes[2]["id"]: ("minor", "560.00", "112.00", "0.00", ["extra_gap"]),
    }
    april = await county.facts("subsistence_extra", on="2024-04-30", household_id=homes[0]["id"])
    assert [one["kind"] for one in april] == ["severely_disabled"]
    assert await county.facts("subsistence_extra", on="2024-02-28") == []


async def test_the_disabled_get_a_living_allowance_by_class_and_nursing_by_level(county):
    severe, light, poor_light = [await county.family() for _ in range(3)]
    for home, level in ((severe, 2), (light, 3), (poor_light, 3)):
        await certified(county, home, level)
    await of_class(county, severe, "subsistence", date(2024, 3, 31))
    await of_class(county, poor_light, "subsistence", date(2023, 1, 1), ends_on="2024-03-01")
    await paid(county, severe, "nursing", 8_000)
    await county.feed("disability.certificates")
    await county.feed("civil.low_income")
    march = await county.facts("disability_benefit", on="2024-03-31")
    told = {(one["household_id"], one["kind"]): (one["due_fen"], one["received_fen"]) for one in march}
    assert told == {
        (severe["id"], "living"): ("80.00", "0.00"),
        (severe["id"], "nursing"): ("80.00", "80.00"),
        (poor_light["id"], "living"): ("80.00", "0.00"),
    }
    found = await county.findings(register_code="disability_benefit", code="benefit_gap", duty="civil")
    assert {one["household_id"] for one in found} == {severe["id"], poor_light["id"]}
    await county.feed("civil.benefits")
    assert len(await county.findings(register_code="disability_benefit")) == len(found)


async def test_an_area_may_give_the_living_allowance_to_the_severely_disabled_of_lifted_households(county, asks):
    """建档立卡的重度残疾人 (H-12): the list of classes names their households."""
    lifted = {"is_lifted": True, "lifted_year": 2018}
    severe, light, other = [await county.family(**fields) for fields in (lifted, lifted, {})]
    for home, level in ((severe, 2), (light, 3), (other, 2)):
        await certified(county, home, level)
    await county.feed("disability.certificates")
    assert {one["kind"] for one in await county.facts("disability_benefit", on="2024-05-31")} == {"nursing"}
    await decreed(asks, LIVING_CLASSES, {"type": "list", "value": ["subsistence", "lifted"]})
    await county.sweep()
    may = await county.facts("disability_benefit", on="2024-05-31")
    assert [one["household_id"] for one in may if one["kind"] == "living"] == [severe["id"]]


@pytest.mark.parametrize(("birth", "codes"), [("20170604", ["no_rehabilitation"]), ("20170603", [])])
async def test_a_young_disabled_child_without_rehabilitation_is_a_finding(county, birth, codes):
    home = await county.family(person(identity_number=number(birth, 5), labour_skill=None))
    await certified(county, home, 3)
    await county.feed("disability.certificates")
    assert await county.codes(register_code="disability") == codes
    await county.says(
        "disability.services", home["members"][0], home, date(2024, 5, 1), service_kind="rehabilitation",
        provider="县康复中心", subsidy_fen=100_000,
    )  # fmt: skip
    await county.feed("disability.services")
    assert await county.codes(register_code="disability") == []
    [service] = await county.facts("disability_service")
    assert (service["provider"], service["subsidy_fen"], service["holds_to"]) == ("县康复中心", "1000.00", None)


async def orphan(county, **payload):
    home = await county.family(
        person(), person(name="王小雨", identity_number=number("20130412"), relation="20", labour_skill=None)
    )
    place = next(place for place, one in enumerate(home["members"]) if one["name"] == "王小雨")
    home["child"] = home["members"][place]["id"]
    said = {"child_kind": "orphan"} | payload
    await county.says("civil.children", home["members"][place], home, date(2024, 3, 15), **said)
    return home, place


async def test_an_orphan_without_a_guardian_or_an_allowance_is_a_finding_of_civil_affairs(county):
    home, place = await orphan(county)
    await paid(county, home, "orphan", 100_000, member=place)
    await county.feed("civil.children")
    assert set(await county.codes(duty="civil")) == {"no_guardian", "allowance_gap"}
    march, april = (await county.facts("child_allowance"))[:2]
    assert (march["holds_from"], march["received_fen"], march["findings"]) == ("2024-03-01", "1000.00", [])
    assert (april["holds_from"], april["due_fen"], april["received_fen"]) == ("2024-04-01", "1000.00", "0.00")
    assert april["findings"] == ["allowance_gap"]


async def test_a_child_under_fourteen_is_named_to_nobody_without_a_guardians_consent(county, asks):
    home, _place = await orphan(county, guardian="李建国")
    await county.feed("civil.children")
    town = asks(Role.TOWN_OFFICER, TOWN)

    async def names() -> list[tuple[str, str]]:
        listed = (await town.get("/registers/child/facts")).json()["items"]
        file = await asks().get("/registers/child/export", params={"format": "csv"})
        assert ("李建国" in file.text) is (listed[0]["guardian"] == "李建国")
        return [(one["person_name"], one["guardian"]) for one in listed]

    assert await names() == [("王**", "李**")]
    head = next(one["id"] for one in home["members"] if one["id"] != home["child"])
    body = {
        "kind": "authorisation", "purposes": ["help"], "covers": [home["child"]], "signed_by": head,
        "signed_on": "2024-06-01", "given_by": "electronic",
    }  # fmt: skip
    given = await asks().post(f"/households/{home['id']}/consents", json=body)
    assert given.status_code == 201, given.text
    assert await names() == [("王小雨", "李建国")]


async def treated(county, home, fen: int | None, on: date, **payload):
    said = {"service_kind": "rehabilitation", "provider": "县康复中心", "subsidy_fen": fen} | payload
    return await county.says("disability.services", home["members"][0], home, on, **said)


async def test_a_years_aid_to_a_disabled_child_is_due_with_a_certificate_or_in_training(county):
    """12,000 元 a year; one 分 less is a gap once the area's 330 days of the year are over."""
    young, older = (date(2017, 6, 4), date(2015, 1, 1))
    born = [young, young, young, young, older]
    children = [
        person(identity_number=number(f"{day:%Y%m%d}", 10 + place), labour_skill=None) for place, day in enumerate(born)
    ]
    whole, short, diagnosed, healthy, grown = [await county.family(one) for one in children]
    for home in (whole, short, grown):
        await certified(county, home, 3)
    await treated(county, whole, 700_000, date(2023, 3, 1))
    await treated(county, whole, 500_000, date(2023, 9, 1))
    await treated(county, short, 1_199_999, date(2023, 3, 1), ends_on="2023-12-31")
    await treated(county, diagnosed, None, date(2023, 5, 1), ends_on="2023-11-30")
    await treated(county, healthy, 100, date(2023, 5, 1), service_kind="care")
    await county.feed("disability.certificates")
    await county.feed("disability.services")
    last_year = {one["household_id"]: one for one in await county.facts("rehabilitation_aid", on="2023-12-31")}
    told = {
        home: (one["due_fen"], one["received_fen"], one["payments"], one["findings"]) for home, one in last_year.items()
    }
    assert told == {
        whole["id"]: ("12000.00", "12000.00", 2, []),
        short["id"]: ("12000.00", "11999.99", 1, ["rehabilitation_gap"]),
        diagnosed["id"]: ("12000.00", "0.00", 0, ["rehabilitation_gap"]),
    }
    this_year = await county.facts("rehabilitation_aid", on="2024-06-03")
    assert {one["household_id"]: one["findings"] for one in this_year} == {whole["id"]: [], short["id"]: []}
    found = await county.findings(code="rehabilitation_gap", duty="disability")
    assert {one["household_id"] for one in found} == {short["id"], diagnosed["id"]}


async def test_what_was_due_and_paid_to_somebody_who_died_stays_up_to_that_day(county, asks, monitoring):
    old = person(relation="51", identity_number=number("19600101"), labour_skill=None)
    home = await county.family(person(), old, valid_from="2024-01-01")
    [place] = [place for place, one in enumerate(home["members"]) if one["relation"] == "51"]
    await of_class(county, home, "subsistence", date(2024, 1, 1), member=place)
    await certified(county, home, 1, member=place)
    await paid(county, home, "nursing", 8_000, date(2024, 5, 1), member=place)
    aid = {"payment_no": "1", "insured_year": 2024, "paid_fen": 19_000}
    await county.says("medical.contribution_aid", home["members"][place], home, date(2024, 1, 5), **aid)
    await county.feed("disability.certificates")
    await county.feed("civil.low_income")
    someone, version = home["members"][place]["id"], home["members"][place]["version"]
    died = await asks().post(
        f"/persons/{someone}/record-death", json={"on": "2024-06-02"}, headers={"If-Match": f'"{version}"'}
    )
    assert died.status_code == 200, died.text
    monitoring.clock.move(days=40)  # 13 July
    await county.sweep()
    nursing = [one for one in await county.facts("disability_benefit", person_id=someone) if one["kind"] == "nursing"]
    assert [(one["holds_from"], one["received_fen"]) for one in nursing][-2:] == [
        ("2024-05-01", "80.00"), ("2024-06-01", "0.00"),
    ]  # fmt: skip
    [this_year] = await county.facts("insurance_aid", person_id=someone, on="2024-06-01")
    assert (this_year["kind"], this_year["received_fen"]) == ("subsistence", "190.00")
    assert await county.findings() == []


@pytest.mark.parametrize("alone", [False, True], ids=["with family", "alone"])
@pytest.mark.parametrize(("left", "last_month"), [("2024-06-01", "2024-05-01"), ("2024-06-02", "2024-06-01")])
async def test_what_was_due_and_paid_to_somebody_who_moved_out_stays_up_to_that_day(
    county, asks, monitoring, left, last_month, alone
):
    mover = person(identity_number=number("19600101"), labour_skill=None)
    family = [] if alone else [person(relation="51")]
    home = await county.family(mover, *family, valid_from="2024-01-01")
    someone = home["members"][0]
    await of_class(county, home, "subsistence", date(2024, 1, 1))
    await certified(county, home, 1)
    await paid(county, home, "nursing", 8_000, date(2024, 5, 1))
    aid = {"payment_no": "1", "insured_year": 2024, "paid_fen": 19_000}
    await county.says("medical.contribution_aid", someone, home, date(2024, 1, 5), **aid)
    await county.feed("disability.certificates")
    await county.feed("civil.low_income")
    monitoring.clock.move(days=1)  # 4 June
    going = {"on": left, "outcome": "moved_out", "reason": "随子女迁居"}
    if not alone:
        going["staying"] = [{"person_id": home["members"][1]["id"], "relation": "02"}]
    gone = await asks().post(
        f"/persons/{someone['id']}/remove", json=going, headers={"If-Match": f'"{someone["version"]}"'}
    )
    assert gone.status_code == 200, gone.text
    monitoring.clock.move(days=40)  # 14 July
    await county.sweep()
    facts = await county.facts("disability_benefit", person_id=someone["id"])
    nursing = {one["holds_from"]: one["received_fen"] for one in facts if one["kind"] == "nursing"}
    assert (max(nursing), nursing["2024-05-01"]) == (last_month, "80.00")
    [this_year] = await county.facts("insurance_aid", person_id=someone["id"], on="2024-06-01")
    assert (this_year["kind"], this_year["received_fen"]) == ("subsistence", "190.00")
    assert await county.findings() == []
