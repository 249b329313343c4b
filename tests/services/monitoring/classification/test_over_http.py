"""A household's type is computed from what is on record and shown number by number (clause B5, G)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE, officer
from services.monitoring.classification.queries.decide import classify_household
from services.monitoring.codes.monitoring import ClassificationBasis, MonitoringType
from tests.personas import household, number, person
from tests.services.monitoring.income.statements import ENTRY, FIVE, recorded, registered
from tests.services.monitoring.lines.county_lines import (
    BASE_2024,
    INCOME_2023,
    PROVINCE,
    RULE_60,
    acceptance_lines,
    hold,
)

DECIDED = "2024-06-03"


@pytest.fixture
def pairs(asks):
    return (asks(Role.PROVINCE_OFFICER, PROVINCE), asks(Role.PROVINCE_OFFICER, PROVINCE)), (asks(), asks())


@pytest.fixture
async def lines(pairs):
    await acceptance_lines(*pairs)


@pytest.fixture
def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


def home(members, **changes):
    people = [person(relation="02"), *(person(relation="20") for _ in range(members - 1))]
    return household(valid_from="2023-01-01", members=people, **changes)


async def classified(client, household_id, **query):
    answer = await client.get(f"/households/{household_id}/classification", params={"on": DECIDED} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def household_b(cadre):
    b = await registered(cadre, home(4))
    await recorded(cadre, b, ("wage.outside_work", "30800.00", "2024-01"))
    return b


def meaning(found):
    return found["monitoring_type"], found["basis"], found["watched"]


async def test_household_a_is_type_3_by_a_shock_and_every_number_is_shown(cadre, lines):
    a = await registered(cadre, FIVE)
    used = await recorded(cadre, a, *ENTRY)
    found = await classified(cadre, a)
    assert meaning(found) == ("3", "shock", False)
    assert found["conclusion"] == "突发严重困难户：刚性支出或收入突变"
    assert {one["compared"]: (one["amount"], one["threshold"], one["is_below"]) for one in found["comparisons"]} == {
        "net_with_base_line": ("40000.00", "37500.00", False),
        "net_with_county_line": ("40000.00", "39600.00", False),
        "net_with_line": ("40000.00", "39600.00", False),
        "ref_with_line": ("20000.00", "39600.00", True),
    }
    assert found["comparisons"][3]["sentence"] == (
        "扣除合规自付后的收入 20000.00 元低于执行的监测线 7920.00 元 × 5 人 = 39600.00 元"
    )
    assert (found["income"]["pc_net"]["rounded"], found["income"]["pc_ref"]["rounded"]) == ("8000.00", "4000.00")
    assert {line["id"] for line in found["income"]["lines"]} == {line["id"] for line in used}
    assert (found["line"]["line"], found["line"]["basis"], found["line"]["rule_60"]) == (
        "7920.00",
        "county_60",
        "register",
    )
    assert [used["source"] for used in found["line"]["used"]] == [
        BASE_2024["source"],
        RULE_60["source"],
        INCOME_2023["source"],
    ]


async def test_household_b_is_type_2_by_the_countys_line(cadre, lines):
    found = await classified(cadre, await household_b(cadre))
    assert meaning(found) == ("2", "county_60", False)
    assert found["income"]["pc_net"]["rounded"] == "7700.00"


@pytest.mark.parametrize(("mode", "watched"), [("off", False), ("watch", True)])
async def test_household_b_is_out_of_range_where_the_county_does_not_register(cadre, pairs, mode, watched):
    province, county = pairs
    for pair, body in ((province, BASE_2024), (county, INCOME_2023), (county, RULE_60 | {"mode": mode})):
        assert (await hold(*pair, body)).status_code == 200
    found = await classified(cadre, await household_b(cadre))
    assert meaning(found) == (None, None, watched)
    assert found["line"]["line"] == "7500.00"


async def test_household_c_is_type_1_by_the_provinces_line(cadre, lines):
    old = [
        person(relation="02", identity_number=number("19520101"), labour_skill="none"),
        person(relation="10", identity_number=number("19500101"), labour_skill="none"),
    ]
    c = await registered(cadre, household(valid_from="2023-01-01", is_lifted=True, lifted_year=2018, members=old))
    await recorded(cadre, c, ("transfer.pension", "13800.00", "2024-01"))
    found = await classified(cadre, c)
    assert meaning(found) == ("1", "province_line", False)
    assert (found["is_lifted"], found["income"]["pc_net"]["rounded"]) == (True, "6900.00")


async def test_at_the_line_exactly_nobody_is_in_range_and_one_fen_less_is(cadre, lines):
    at, below = await registered(cadre, home(4)), await registered(cadre, home(4))
    await recorded(cadre, at, ("wage.outside_work", "31680.00", "2024-01"))
    await recorded(cadre, below, ("wage.outside_work", "31679.99", "2024-01"))
    assert meaning(await classified(cadre, at)) == (None, None, False)
    assert meaning(await classified(cadre, below)) == ("2", "county_60", False)


async def test_an_unsolved_guarantee_alone_is_type_3_until_it_is_solved(cadre, lines):
    rich = await registered(cadre, home(1))
    await recorded(cadre, rich, ("wage.outside_work", "60000.00", "2024-01"))
    for day, answer in (("2024-05-01", "no"), ("2024-06-03", "yes")):
        check = {"item": "housing", "answer": answer, "checked_on": day, "source": "住建", "evidence": "D级唯一住房"}
        made = await cadre.post(f"/households/{rich}/guarantee-checks", json={"checks": [check]})
        assert made.status_code == 201, made.text
    before = await classified(cadre, rich, on="2024-06-02")
    assert meaning(before) == ("3", "guarantee", False)
    assert (before["guarantees_failed"], len(before["guarantees_missing"])) == (["housing"], 5)
    assert meaning(await classified(cadre, rich)) == (None, None, False)


async def test_an_action_asks_with_what_a_case_verified_and_by_another_days_line(cadre, lines, pairs, monitoring):
    rich = await registered(cadre, home(1))
    await recorded(cadre, rich, ("wage.outside_work", "7950.00", "2024-01"))
    ended = {"valid_from": "2023-01-01", "valid_to": "2023-12-31"}
    for pair, body in zip(pairs, (BASE_2024 | {"amount": "8000.00"}, INCOME_2023 | {"year": 2022}), strict=True):
        assert (await hold(*pair, body | ended)).status_code == 200
    decided = date(2024, 6, 3)
    async with monitoring.unit(officer(), area=Area.of(COUNTY)) as unit:
        plain = await classify_household(unit, UUID(rich), decided_on=decided)
        shock = await classify_household(unit, UUID(rich), decided_on=decided, shock_verified=True)
        other = await classify_household(unit, UUID(rich), decided_on=decided, line_on=date(2023, 12, 31))
    assert (plain.monitoring_type, plain.basis) == (None, None)
    assert (shock.monitoring_type, shock.basis) == (MonitoringType.SUDDEN_HARDSHIP, ClassificationBasis.SHOCK)
    assert (other.monitoring_type, other.line.line_fen) == (MonitoringType.MARGINAL, 8_000_00)
    assert other.income.window == plain.income.window


async def test_without_a_line_everything_that_has_to_be_entered_is_named(cadre):
    b = await household_b(cadre)
    answer = await cadre.get(f"/households/{b}/classification", params={"on": DECIDED})
    assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (409, ["base_line_missing"])
    later = await cadre.get(f"/households/{b}/classification", params={"on": "2024-06-04"})
    assert (later.status_code, later.json()["errors"][0]["code"]) == (422, "day_not_come")


async def test_strangers_are_shown_nothing(asks, cadre, lines):
    b = await household_b(cadre)
    assert (await asks(Role.TOWN_OFFICER, 610999102000).get(f"/households/{b}/classification")).status_code == 404
