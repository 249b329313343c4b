"""Months of self-pay and of the nursing benefit mark the chronically ill and disabled elders, until they stop."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, officer
from services.monitoring.registers.catalogue import fed_by
from services.monitoring.registers.jobs import bring_up
from tests.personas import household, number, person
from tests.services.monitoring.answers import match
from tests.services.monitoring.attention.marks import marked, marks, night
from tests.services.monitoring.registers.conftest import decreed
from tests.services.monitoring.screening import county_data as county

HEAVY, LIGHT = 50_000, 49_999
"""Self-pay of a month in 分: what rule R04 asks after, and just less."""


@pytest.fixture
async def elder(asks, home):
    """A man who comes of 60 in May 2024."""
    body = household(members=[person(name="陈老汉", identity_number=number("19640501"))])
    return (await asks().post("/households", json=body)).json()


@pytest.fixture
def told(monitoring):
    """A department's row about somebody, and the registers that it feeds."""

    async def hand_in(dataset, someone, home, day, **said):
        record = await county.record(monitoring, dataset, someone, home["id"], day, **said)
        async with monitoring.unit(officer()) as unit:
            await bring_up(unit, fed_by(dataset), COUNTY, Area.of(TOWN))
        return record

    return hand_in


@pytest.fixture
def ill(told, father, home):
    async def tell(day=date(2023, 1, 10), **said):
        return await told("health.chronic_contract", father, home, day, chronic_kind="diabetes", **said)

    return tell


@pytest.fixture
def pays(told, father, home):
    async def tell(month, fen=HEAVY, someone=father):
        return await told("medical.outpatient", someone, home, month, outpatient_self_pay_fen=fen)

    return tell


async def standing(client, kind="chronic_burden", **query):
    return [
        (one["starts_on"], one["ends_on"]) for one in (await marks(client, **query)).values() if one["kind"] == kind
    ]


async def test_who_is_chronically_ill_and_pays_much_for_it_is_marked(asks, monitoring, cadre, child, father, ill, pays):
    await ill()
    await pays(date(2024, 4, 1), LIGHT)
    await pays(date(2024, 5, 1), HEAVY, child)  # who is not on the register of the chronically ill
    await night(monitoring)
    assert await marks(cadre) == {}
    await pays(date(2024, 5, 1))
    await night(monitoring)
    await night(monitoring)
    [(who, one)] = (await marks(cadre)).items()
    assert who == (father["id"], "chronic_burden")
    assert (one["starts_on"], one["source"], one["version"]) == ("2024-05-01", "卫健、医保：慢病及门诊自付", 1)
    assert [due["reason"] for due in (await cadre.get("/visit-dues")).json()["items"]] == ["chronic_burden"]
    assert await marks(asks(Role.AUDITOR)) == {}, "a mark of health is for who works on cases"


async def test_the_mark_ends_with_the_last_month_that_speaks_and_another_run_is_another_mark(
    monitoring, cadre, ill, pays
):
    await ill()
    for month in (date(2021, 12, 1), date(2023, 2, 1), date(2023, 5, 1)):  # the first speaks before the illness
        await pays(month)
    await night(monitoring, date(2024, 5, 31))
    assert await standing(cadre) == [("2023-02-01", None)], "the last month is twelve months ago"
    await night(monitoring, date(2024, 6, 1))
    assert await standing(cadre) == []
    assert await standing(cadre, on="2024-05-31") == [("2023-02-01", "2024-05-31")]
    await pays(date(2024, 7, 1))
    await night(monitoring, date(2024, 7, 10))
    assert await standing(cadre, on="2024-07-10") == [("2024-07-01", None)]
    assert await standing(cadre, on="2024-05-31") == [("2023-02-01", "2024-05-31")], "June lies between them"


async def test_a_mark_goes_with_the_month_that_was_withdrawn_and_ends_with_a_higher_number_of_the_area(
    asks, monitoring, cadre, ill, pays
):
    await ill()
    wrong = await pays(date(2024, 4, 1))
    await night(monitoring)
    assert await standing(cadre) == [("2024-04-01", None)]
    await county.withdraw(monitoring, wrong)
    await night(monitoring)
    assert (await standing(cadre), await standing(cadre, on="2024-05-01")) == ([], [])
    await pays(date(2024, 5, 1))
    await night(monitoring)
    number_ = {"type": "money", "value": "800.00"}
    await decreed(asks, "screening.outpatient_self_pay_min_fen", number_)
    await night(monitoring)
    assert await standing(cadre) == []
    assert await standing(cadre, on="2024-06-02") == [("2024-05-01", "2024-06-02")]


async def test_what_people_ended_stays_so_and_what_they_marked_is_theirs(monitoring, cadre, father, ill, pays):
    await ill()
    await pays(date(2024, 4, 1))
    await night(monitoring)
    [one] = (await marks(cadre)).values()
    end = {"ends_on": "2024-05-20", "reason": "费用已由救助解决"}
    assert (await cadre.post(f"/attention/{one['id']}/end", json=end, headers=match(one))).status_code == 200
    by_hand = await marked(cadre, father["id"], kind="disabled_elder", starts_on="2024-02-01")
    await pays(date(2024, 5, 1))
    await night(monitoring)
    [(_, still)] = (await marks(cadre)).items()
    assert still == still | by_hand


async def test_an_old_person_with_the_nursing_benefit_is_marked_until_it_stops(
    monitoring, cadre, home, elder, told, father
):
    [old] = elder["members"]
    for someone, where in ((old, elder), (father, home)):
        said = {"certificate_no": "1", "disability_level": 2}
        await told("disability.certificates", someone, where, date(2024, 1, 5), **said)
        for month in (3, 4, 5):
            benefit = {"benefit": "nursing", "paid_month": f"2024-{month:02d}", "paid_fen": 8_000}
            await told("civil.benefits", someone, where, date(2024, month, 1), **benefit)
    await night(monitoring)
    found = await marks(cadre)
    assert {key for key in found if key[1] == "disabled_elder"} == {(old["id"], "disabled_elder")}, "the other is young"
    one = found[old["id"], "disabled_elder"]
    sixty = "2024" + old["birth_date"][4:]
    assert (one["starts_on"], one["source"]) == (sixty, "民政：重度残疾人护理补贴")
    await night(monitoring, date(2024, 7, 30))
    assert await standing(cadre, "disabled_elder", on="2024-07-30") == [("2024-05-01", None)]
    await night(monitoring, date(2024, 7, 31))
    assert await standing(cadre, "disabled_elder", on="2024-07-31") == []
    assert await standing(cadre, "disabled_elder", on="2024-07-30") == [("2024-05-01", "2024-07-30")]
