"""学生资助 and 易地搬迁就业: what is worked out of the registry and several rows, each with its finding."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import insert

from chassis.database.metadata import rows
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.work.tables import WorkSpell
from tests.personas import person
from tests.services.monitoring.registers.rows import aid_of, pupil
from tests.services.monitoring.registers.rows import paid_aid as paid


async def test_a_pupil_is_due_the_stages_amount_and_a_gap_is_educations_finding(county):
    home = await pupil(county)
    await paid(county, home, 300, "a")
    await county.feed("education.aid")
    fact = await aid_of(county, home)
    assert (fact["school_year"], fact["stage"], fact["due_fen"], fact["received_fen"]) == (
        2023, "junior", "625.00", "300.00"
    )  # fmt: skip
    assert (fact["source"], fact["holds_from"], fact["holds_to"]) == ("computed", "2023-09-01", "2024-08-31")
    assert await county.codes(duty="education") == ["aid_gap"]
    await paid(county, home, 325, "b")
    await county.feed("education.aid")
    fact = await aid_of(county, home)
    assert (fact["received_fen"], fact["payments"], fact["version"]) == ("625.00", 2, 2)
    assert await county.codes() == []


async def test_a_student_in_another_county_is_due_as_well_and_that_countys_payment_counts(county):
    home = await pupil(county)
    await county.says("education.status", home["pupil"], home, date(2023, 9, 5), school_status="enrolled_elsewhere")
    await county.feed("education.status")
    assert (await aid_of(county, home))["is_cross_county"] is True
    assert await county.codes() == ["aid_gap"]
    await paid(county, home, 625, "c", paying_county="邻县")
    await county.feed("education.aid")
    assert await county.codes() == []


async def test_an_ordinary_household_and_a_stage_without_an_amount_are_due_nothing(county):
    await pupil(county, is_lifted=False, lifted_year=None)
    await pupil(county, "bachelor_1")
    await county.sweep()
    assert await county.facts("student_aid") == []


async def test_the_gap_waits_until_the_aid_of_the_school_year_must_have_come(county, monitoring):
    home = await pupil(county)
    await paid(county, home, 625, "d")
    monitoring.clock.move(days=100)  # 11 September: the next school year has begun
    await county.sweep()
    assert await county.codes() == []
    monitoring.clock.move(days=180)
    await county.sweep()
    [found] = await county.findings()
    assert (found["code"], found["person_id"]) == ("aid_gap", home["pupil"]["id"])


async def at_work(county, home, someone, *months: tuple[int, bool]):
    for month, working in months:
        await county.says("work.status", someone, home, date(2024, month, 28), is_working=working)


async def test_a_resettled_household_needs_one_member_in_steady_work(county):
    steady, lately, nobody = [await county.family(is_resettled=True) for _ in range(3)]
    old = await county.family(person(labour_skill="none"), is_resettled=True)
    ordinary = await county.family()
    await at_work(county, steady, steady["members"][0], (3, True), (4, True), (5, True))
    await at_work(county, lately, lately["members"][0], (3, False), (4, True), (5, True))
    await county.feed("work.status")
    found = {one["household_id"] for one in await county.findings(code="nobody_works", duty="labour")}
    assert found == {lately["id"], nobody["id"]}
    facts = {one["household_id"]: one for one in await county.facts("resettled")}
    assert set(facts) == {home["id"] for home in (steady, lately, nobody, old)}
    assert ordinary["id"] not in facts
    counts = [(one["labour_count"], one["working_count"], one["stable_count"]) for one in (
        facts[steady["id"]], facts[lately["id"]], facts[nobody["id"]], facts[old["id"]]
    )]  # fmt: skip
    assert counts == [(1, 1, 1), (1, 1, 0), (1, 0, 0), (0, 0, 0)]


@pytest.mark.parametrize(
    ("months", "steady"),
    [((3, 4, 5), 1), ((4, 5, 6), 1), ((3, 4, 5, 6), 1), ((3, 5, 6), 0), ((3, 4, 6), 0), ((4, 5), 0)],
)
async def test_the_months_of_steady_work_are_in_a_row_with_the_present_one_or_without(county, months, steady):
    home = await county.family(is_resettled=True)
    for month in months:
        on = date(2024, month, 1)
        await county.says("work.status", home["members"][0], home, on, is_working=True)
    await county.feed("work.status")
    [fact] = await county.facts("resettled")
    assert (fact["working_count"], fact["stable_count"]) == (1, steady)


async def test_last_months_count_stays_when_the_next_month_begins(county, monitoring):
    await county.family(is_resettled=True)
    await county.sweep()
    monitoring.clock.move(days=30)
    await county.sweep()
    assert [one["holds_from"] for one in await county.facts("resettled")] == ["2024-06-01", "2024-07-01"]
    [found] = await county.findings(code="nobody_works")
    assert found["found_on"] == "2024-07-03"
    [may] = await county.facts("resettled", on="2024-06-15")
    assert may["holds_to"] == "2024-06-30"


async def test_a_spell_of_work_counts_once_it_has_gone_on_for_the_areas_months(county, monitoring):
    """The employment service tells of spells; the labour office's file need not."""
    long, short, over = [await county.family(is_resettled=True) for _ in range(3)]
    spells = (
        (long, date(2024, 3, 3), None),
        (short, date(2024, 3, 4), None),
        (over, date(2023, 1, 1), date(2024, 6, 2)),
    )
    async with monitoring.database.transaction(Area.of(COUNTY)) as connection:
        for home, started_on, ended_on in spells:
            told = {"id": new_id(), "region": VILLAGE, "person_id": UUID(home["members"][0]["id"]), "kind": "work"}
            told |= {"started_on": started_on, "ended_on": ended_on, "version": 1}
            await connection.execute(insert(rows(WorkSpell)).values(**told))
    await county.sweep()
    facts = {
        one["household_id"]: (one["working_count"], one["stable_count"]) for one in await county.facts("resettled")
    }
    assert facts == {long["id"]: (1, 1), short["id"]: (1, 0), over["id"]: (0, 0)}
