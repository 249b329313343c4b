"""Whom departments list is marked without anybody typing it, until a complete list leaves the person out."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, officer
from services.monitoring.attention.queries.said import ILLNESSES
from services.monitoring.registers.catalogue import fed_by
from services.monitoring.registers.jobs import bring_up
from tests.services.monitoring.answers import match
from tests.services.monitoring.attention.marks import KINDS, marked, marks, missing, night
from tests.services.monitoring.screening import county_data as county


async def test_whom_departments_have_listed_is_marked_without_anybody_typing_it(asks, monitoring, cadre, home, child):
    father = next(one for one in home["members"] if one["name"] == "陈大山")
    listed = {"left_behind_kind": "child", "listed_on": "2024-03-01"}
    for month, dataset in ((4, "civil.left_behind_visits"), (5, "women.left_behind_visits")):
        await county.record(monitoring, dataset, child, home["id"], date(2024, month, 30), **listed)
    certificates = "disability.certificates"
    for someone, level in ((father, 2), (child, 3)):
        said = {"certificate_no": "1", "disability_level": level}
        await county.record(monitoring, certificates, someone, home["id"], date(2024, 1, 5), **said)
    async with monitoring.unit(officer()) as unit:
        await bring_up(unit, fed_by(certificates), COUNTY, Area.of(TOWN))
    await night(monitoring)
    found = await marks(cadre)
    assert found.keys() == {(child["id"], "left_behind_child"), (father["id"], "severe_disability")}
    one = found[child["id"], "left_behind_child"]
    assert (one["starts_on"], one["source"]) == ("2024-03-01", "妇联：三留守名单")
    assert await missing(cadre) == sorted(KINDS), "on the same night"
    dues = (await cadre.get("/visit-dues")).json()["items"]
    assert {due["reason"] for due in dues} == {"left_behind_child", "severe_disability"}
    assert (child["id"], "left_behind_child") in await marks(asks(Role.AUDITOR))
    assert (father["id"], "severe_disability") not in await marks(asks(Role.AUDITOR))


async def test_a_mark_that_people_ended_is_not_made_again_by_the_same_listing(monitoring, cadre, home, child):
    said = {"left_behind_kind": "child", "listed_on": "2024-03-01"}
    dataset = "civil.left_behind_visits"
    await county.record(monitoring, dataset, child, home["id"], date(2024, 4, 30), **said)
    await night(monitoring)
    [one] = (await marks(cadre)).values()
    end = {"ends_on": "2024-05-20", "reason": "父母已返乡"}
    ended = await cadre.post(f"/attention/{one['id']}/end", json=end, headers=match(one))
    assert ended.status_code == 200, ended.text
    await county.record(monitoring, dataset, child, home["id"], date(2024, 5, 31), **said)
    await night(monitoring)
    assert await marks(cadre) == {}
    await county.record(monitoring, dataset, child, home["id"], date(2024, 6, 2), **said | {"listed_on": "2024-06-01"})
    await night(monitoring)
    assert [one["starts_on"] for one in (await marks(cadre)).values()] == ["2024-06-01"]


CIVIL = "civil.left_behind_visits"
SINCE = {"left_behind_kind": "child", "listed_on": "2024-01-10"}
ELDER = {"left_behind_kind": "elder", "listed_on": "2023-01-01"}


async def closed(client, month, dataset=CIVIL):
    """A period that its department closed: its list is complete."""
    path = f"/datasets/{dataset}/periods/{month}"
    made = await client.put(path, json={"opens_on": f"{month}-01", "closes_on": f"{month}-28"})
    assert made.status_code == 200, made.text
    answer = await client.post(f"{path}/close", headers=match(made.json()))
    assert answer.status_code == 200, answer.text


@pytest.fixture
def lists(monitoring, home):
    """Hands a month's list in: who is on it, as left behind of a kind."""

    async def hand_in(person, month, said=SINCE, dataset=CIVIL, day=28):
        year, number = (int(part) for part in month.split("-"))
        return await county.record(
            monitoring, dataset, person, home["id"], date(year, number, day), period=month, **said
        )

    return hand_in


async def test_a_mark_ends_with_the_first_complete_list_that_leaves_the_person_out(
    asks, monitoring, cadre, lists, child, father
):
    await lists(child, "2024-03")
    await lists(father, "2024-03", ELDER)
    await night(monitoring)
    assert {kind for _, kind in await marks(cadre)} == {"left_behind_child", "left_behind_elder"}
    for month in ("2024-04", "2024-05"):
        await lists(father, month, ELDER)
    await night(monitoring)
    assert (child["id"], "left_behind_child") in await marks(cadre), "a list that is not closed may go on"
    for month in ("2024-05", "2024-04", "2024-03"):
        await closed(asks(), month)
    await night(monitoring)
    assert {kind for _, kind in await marks(cadre)} == {"left_behind_elder"}
    [ended] = [one for one in (await marks(cadre, on="2024-04-30")).values() if one["person_id"] == child["id"]]
    assert (ended["starts_on"], ended["ends_on"], ended["end_reason"], ended["version"]) == (
        "2024-01-10", "2024-04-30", "民政：三留守名单（2024-04）", 2,
    )  # fmt: skip
    assert ended["ended_at"] is not None
    assert {due["reason"] for due in (await cadre.get("/visit-dues")).json()["items"]} == {"left_behind_elder"}
    assert await missing(cadre) == []
    await night(monitoring)
    assert [one["version"] for one in (await marks(cadre, on="2024-04-30")).values()] == [2, 1]
    async with monitoring.database.transaction(Area.of(COUNTY)) as connection:
        told = await connection.execute(text("SELECT fields FROM audit_entry WHERE action = 'attention.end'"))
    assert told.scalars().all() == [["end_reason", "ends_on"]]


async def test_a_supplement_to_a_month_ends_no_mark_and_lets_one_go_on_that_it_names(
    asks, monitoring, cadre, lists, child, father
):
    await lists(child, "2024-03")
    await lists(child, "2024-04", day=20)
    await lists(father, "2024-04", ELDER)  # a further file of the month, of those who were forgotten
    await closed(asks(), "2024-04")
    await night(monitoring)
    assert (child["id"], "left_behind_child") in await marks(cadre)
    await lists(father, "2024-05", ELDER)
    await closed(asks(), "2024-05")
    await night(monitoring)
    assert (child["id"], "left_behind_child") not in await marks(cadre)
    await lists(child, "2024-05")  # late, but still of that month
    await night(monitoring)
    one = (await marks(cadre))[child["id"], "left_behind_child"]
    assert (one["starts_on"], one["ends_on"], one["end_reason"]) == ("2024-01-10", None, None)


async def test_a_mark_of_a_cadre_and_one_that_another_department_still_lists_go_on(
    asks, monitoring, cadre, lists, child, father
):
    by_hand = await marked(cadre, father["id"], kind="left_behind_elder", starts_on="2024-02-01")
    await lists(father, "2024-03", ELDER)
    await lists(child, "2024-03")
    await night(monitoring)
    someone = {"left_behind_kind": "woman", "listed_on": "2023-01-01"}
    await lists(father, "2024-04", someone)
    await lists(child, "2024-04", dataset="women.left_behind_visits")
    await closed(asks(), "2024-04")
    await night(monitoring)
    found = await marks(cadre)
    assert found[father["id"], "left_behind_elder"] == found[father["id"], "left_behind_elder"] | by_hand
    assert found[child["id"], "left_behind_child"]["ends_on"] is None


async def test_who_is_listed_again_is_marked_anew_from_that_month(asks, monitoring, cadre, lists, child, father):
    await lists(child, "2024-02")
    for month in ("2024-03", "2024-04"):
        await lists(father, month, ELDER)
    await closed(asks(), "2024-03")
    await night(monitoring)
    for month in ("2024-04", "2024-05"):
        await lists(child, month)
    await night(monitoring)
    assert (await marks(cadre))[child["id"], "left_behind_child"]["starts_on"] == "2024-04-01"
    was = [one for one in (await marks(cadre, on="2024-03-31")).values() if one["person_id"] == child["id"]]
    assert [(one["starts_on"], one["ends_on"]) for one in was] == [("2024-01-10", "2024-03-31")]


async def test_a_mark_of_a_certificate_ends_when_a_new_one_says_less(monitoring, cadre, home, child):
    certificates = "disability.certificates"
    for day, level in ((date(2024, 1, 5), 2), (date(2024, 5, 20), 3)):
        said = {"certificate_no": str(level), "disability_level": level}
        await county.record(monitoring, certificates, child, home["id"], day, **said)
        async with monitoring.unit(officer()) as unit:
            await bring_up(unit, fed_by(certificates), COUNTY, Area.of(TOWN))
        await night(monitoring, max(day, date(2024, 1, 6)))
    assert await marks(cadre) == {}
    [was] = (await marks(cadre, on="2024-05-19")).values()
    assert (was["kind"], was["starts_on"], was["ends_on"]) == ("severe_disability", "2024-01-05", "2024-05-19")


async def test_a_mark_of_a_list_that_was_withdrawn_goes_and_comes_again_with_the_right_one(
    monitoring, cadre, lists, child
):
    wrong = await lists(child, "2024-03")
    await night(monitoring)
    assert (child["id"], "left_behind_child") in await marks(cadre)
    await county.withdraw(monitoring, wrong)
    await night(monitoring)
    assert (await marks(cadre), await marks(cadre, on="2024-02-01")) == ({}, {})
    await lists(child, "2024-04", SINCE | {"listed_on": "2024-04-02"})
    await night(monitoring)
    [again] = (await marks(cadre)).values()
    assert (again["starts_on"], again["ends_on"], again["version"]) == ("2024-04-02", None, 1)


async def certified(monitoring, child, home, level: int, day: date):
    said = {"certificate_no": "1", "disability_level": level}
    record = await county.record(monitoring, "disability.certificates", child, home["id"], day, **said)
    async with monitoring.unit(officer()) as unit:
        await bring_up(unit, fed_by("disability.certificates"), COUNTY, Area.of(TOWN))
    await night(monitoring)
    return record


async def test_a_mark_goes_with_a_certificate_that_was_corrected_down_on_its_own_day(monitoring, cadre, home, child):
    wrong = await certified(monitoring, child, home, 2, date(2024, 1, 5))
    assert (child["id"], "severe_disability") in await marks(cadre)
    await county.withdraw(monitoring, wrong, "superseded")
    right = await certified(monitoring, child, home, 4, date(2024, 1, 5))
    assert (await marks(cadre), await marks(cadre, on="2024-02-01")) == ({}, {}), "it never held"
    assert (await cadre.get("/visit-dues")).json()["items"] == []
    await county.withdraw(monitoring, right, "superseded")
    await certified(monitoring, child, home, 1, date(2024, 1, 5))
    [again] = (await marks(cadre)).values()
    assert (again["kind"], again["starts_on"], again["version"]) == ("severe_disability", "2024-01-05", 1)


ILL = {"disease_code": "C34.1", "disease_name": "肺癌"}


async def test_who_is_seriously_ill_by_the_areas_list_is_marked_for_case_roles(asks, monitoring, cadre, home, child):
    father = next(one for one in home["members"] if one["name"] == "陈大山")
    for month, someone, said in ((2, father, ILL), (4, father, ILL), (3, child, ILL | {"disease_code": "J00"})):
        await county.record(monitoring, ILLNESSES, someone, home["id"], date(2024, month, 10), **said)
    await night(monitoring)
    await night(monitoring)
    [(who, one)] = (await marks(cadre)).items()
    assert who == (father["id"], "serious_illness")
    assert (one["starts_on"], one["source"], one["version"]) == ("2024-02-10", "卫健：新发大病", 1)
    assert [due["reason"] for due in (await cadre.get("/visit-dues")).json()["items"]] == ["serious_illness"]
    assert await marks(asks(Role.AUDITOR)) == {}
    end = {"ends_on": "2024-05-20", "reason": "已康复"}
    assert (await cadre.post(f"/attention/{one['id']}/end", json=end, headers=match(one))).status_code == 200
    await night(monitoring)
    assert await marks(cadre) == {}, "what people ended stays ended"
    await county.record(monitoring, ILLNESSES, father, home["id"], date(2024, 6, 1), **ILL)
    await night(monitoring)
    assert [one["starts_on"] for one in (await marks(cadre)).values()] == ["2024-06-01"]


async def test_the_mark_of_a_diagnosis_that_was_withdrawn_goes(monitoring, cadre, home, child):
    wrong = await county.record(monitoring, ILLNESSES, child, home["id"], date(2024, 2, 10), **ILL)
    await night(monitoring)
    assert (child["id"], "serious_illness") in await marks(cadre)
    await county.withdraw(monitoring, wrong)
    await night(monitoring)
    assert (await marks(cadre), await marks(cadre, on="2024-03-01")) == ({}, {})
