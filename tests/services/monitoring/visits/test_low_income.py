"""Who is destitute or of low income is visited as the area says, once a household, from the night that heard of it."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.jobs.sweeps import SweepRun
from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.screening.seeding import seed_screening
from services.monitoring.visits.actions.refresh import DUES
from tests.personas import household, number, person
from tests.services.monitoring.answers import match, member
from tests.services.monitoring.visits.visiting import dues, visited


@pytest.fixture
async def home(asks, monitoring):
    await seed_screening(monitoring)
    wife = person(name="李秀兰", relation="10", identity_number=number("19500101"))
    body = household(valid_from="2020-01-01", members=[person(name="陈大山"), wife])
    return (await asks().post("/households", json=body)).json()


async def of_class(asks, one, kind, holds_from="2021-01-01", **more):
    fact = {"register_code": "low_income", "person_id": one["id"], "holds_from": holds_from, "low_income_class": kind}
    answer = await asks(Role.TOWN_OFFICER, TOWN).post("/register-facts", json=fact | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def night(monitoring, *days):
    for day in days:
        await DUES.run(SweepRun(monitoring, DUES.name, COUNTY, date.fromisoformat(day)))


async def told(client):
    return [(one["reason"], one["begins_on"], one["due_on"], one["person_id"]) for one in await dues(client)]


async def test_a_household_of_several_is_visited_once_by_each_class(asks, monitoring, cadre, home):
    await of_class(asks, member(home, "陈大山"), "subsistence")
    await of_class(asks, member(home, "李秀兰"), "subsistence", "2022-01-01")
    await night(monitoring, "2024-06-03")
    assert await told(cadre) == [("low_income", "2024-06-03", "2024-09-30", None)], "no clock for years not known here"
    await of_class(asks, member(home, "李秀兰"), "destitute", "2024-06-01")
    await night(monitoring, "2024-06-04", "2024-06-05")
    assert await told(cadre) == [
        ("destitute", "2024-06-04", "2024-07-31", None),
        ("low_income", "2024-06-03", "2024-09-30", None),
    ]


async def test_one_visit_meets_them_and_the_next_is_due_a_period_later(asks, monitoring, cadre, home):
    await of_class(asks, member(home, "陈大山"), "destitute")
    await night(monitoring, "2024-06-03")
    visit = await visited(cadre, home)
    assert [one["reason"] for one in visit["met"]] == ["destitute"]
    assert await told(cadre) == [("destitute", "2024-06-03", "2024-07-31", None)]
    await night(monitoring, "2024-08-01")
    monitoring.clock.move(days=59)
    [late] = await dues(cadre)
    assert (late["due_on"], late["late_since"], late["last_visited_on"]) == ("2024-07-31", "2024-08-01", "2024-06-03")


async def test_it_ends_with_the_class_and_with_the_last_who_was_of_it(asks, monitoring, cadre, home):
    await of_class(asks, member(home, "陈大山"), "marginal", holds_to="2024-06-10")
    await of_class(asks, member(home, "李秀兰"), "destitute")
    await night(monitoring, "2024-06-03", "2024-06-10")
    assert [one[0] for one in await told(cadre)] == ["destitute", "low_income"]
    monitoring.clock.move(days=8)
    await night(monitoring, "2024-06-11")
    assert [one[0] for one in await told(cadre)] == ["destitute"]
    body = {"on": "2024-06-02"}
    wife = (await cadre.get(f"/persons/{member(home, '李秀兰')['id']}")).json()
    gone = await cadre.post(f"/persons/{wife['id']}/record-death", json=body, headers=match(wife))
    assert gone.status_code == 200, gone.text
    assert await told(cadre) == [], "not first by the next night"


async def test_who_leaves_the_household_takes_the_class_along_at_once(asks, monitoring, cadre, home):
    wife = member(home, "李秀兰")
    await of_class(asks, wife, "destitute")
    await night(monitoring, "2024-06-03")
    body = {"region": str(VILLAGE), "on": "2024-06-03", "leaving": [{"person_id": wife["id"], "relation": "02"}]}
    answer = await asks().post(f"/households/{home['id']}/split", json=body, headers=match(home))
    assert answer.status_code == 201, answer.text
    [due] = await dues(cadre)
    assert (due["household_id"], due["reason"]) == (answer.json()["other"]["id"], "destitute"), "not by the next night"


async def test_how_often_is_the_areas_to_say_with_its_source(asks, monitoring, cadre, home):
    listed = {one["reason"]: one for one in (await cadre.get("/visit-duties")).json()["items"]}
    assert [(listed[one]["rhythm"], listed[one]["form"]) for one in ("destitute", "low_income")] == [
        ("month", "general"),
        ("quarter", "general"),
    ]
    assert "L-14" in listed["destitute"]["source"]
    body = {"key": "visits.rhythm.low_income", "scope": str(COUNTY), "value": {"type": "text", "value": "off"},
            "source": "县方案", "effective_from": "2024-06-01"}  # fmt: skip
    proposed = (await asks().post("/parameters", json=body)).json()
    assert (await asks().post(f"/parameters/{proposed['id']}/approve", headers=match(proposed))).status_code == 200
    await of_class(asks, member(home, "陈大山"), "subsistence")
    await night(monitoring, "2024-06-03")
    assert await told(cadre) == []
