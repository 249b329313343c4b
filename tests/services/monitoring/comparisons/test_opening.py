"""Departments are asked about a household of a case once, as its area wants and its authorisation covers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chassis.errors import StateRefused
from chassis.identifiers import new_id
from chassis.testing.programs import COUNTY, officer
from services.monitoring.comparisons.queries.requests import outstanding
from tests.personas import household
from tests.services.monitoring.comparisons.asking import INSURANCE, SELF_PAY, item_of, read_request, waiting
from tests.services.monitoring.comparisons.conftest import DUE
from tests.services.monitoring.screening import county_data as county
from tests.services.monitoring.signed import consented


async def test_each_department_is_asked_once_about_what_its_area_wants_to_know(chen, opened, asks):
    case = new_id()
    made = await opened(chen, case)
    departments = {row.department for row in made}
    assert {"medical", "civil", "housing", "traffic"} <= departments
    assert "water" not in departments, "the default list does not ask about it"
    assert {row.id for row in await opened(chen, case)} == {row.id for row in made}, "asked again, none is added"
    shown = await waiting(asks(), case_id=str(case))
    assert {one["department"] for one in shown} == departments
    only = await opened(chen, departments={"civil"})
    assert [row.department for row in only] == ["civil"]


async def test_a_request_is_prefilled_from_the_latest_records_of_the_departments_own_files(
    chen, head, wife, opened, clerk, monitoring
):
    for month, amount in ((4, 1_000_000), (5, 2_000_000)):
        await county.record(monitoring, SELF_PAY, wife, chen["id"], date(2024, month, 1), self_pay_fen=amount)
    gone = await county.record(monitoring, INSURANCE, head, chen["id"], date(2024, 1, 5), insurance_status="insured")
    await county.withdraw(monitoring, gone)
    await opened(chen)
    [row] = await waiting(clerk())
    read = await read_request(clerk(), row["id"])
    told = item_of(read, SELF_PAY, wife)
    assert (told["known_on"], [(one["column"], one["value"]) for one in told["known"]]) == (
        "2024-05-01",
        [("self_pay_fen", "20000.00")],
    )
    assert item_of(read, INSURANCE, head)["known"] is None, "what was withdrawn says nothing"
    assert [one["name"] for one in read["persons"]] == ["陈**", "李**"]
    assert read["persons"][1]["identity_number_masked"] == "610999********3028"


async def test_without_a_valid_authorisation_nobody_is_asked(cadre, opened, monitoring):
    bare = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    with pytest.raises(StateRefused) as refused:
        await opened(bare, due_at=DUE - timedelta(days=30), departments={"stars"})
    assert [one.code for one in refused.value.faults] == ["authorisation_missing", "due_past", "department_not_asked"]
    await consented(cadre, bare, purposes=["publicity"])
    with pytest.raises(StateRefused):
        await opened(bare)


async def test_only_persons_whom_the_authorisation_covers_are_asked_about(cadre, opened, clerk, chen, wife):
    [given] = (await cadre.get(f"/households/{chen['id']}/consents")).json()["items"]
    await cadre.post(f"/consents/{given['id']}/withdraw", json={"reason": "更正"}, headers={"If-Match": '"1"'})
    await consented(cadre, chen, covers=[wife["id"]])
    await opened(chen)
    [row] = await waiting(clerk())
    assert [one["person_id"] for one in (await read_request(clerk(), row["id"]))["persons"]] == [wife["id"]]


async def test_who_holds_low_income_aid_was_compared_by_civil_affairs_and_is_not_compared_again(
    chen, head, opened, asks, monitoring
):
    aid = await county.record(
        monitoring, "civil.aid_change", head, chen["id"], date(2024, 2, 1), aid_kind="subsistence", aid_change="granted"
    )
    case = new_id()
    made = await opened(chen, case)
    assert {row.state for row in made} == {"already_compared"}
    async with monitoring.unit(officer()) as unit:
        assert await outstanding(unit, [case]) == {case: []}
    read = await read_request(asks(), made[0].id)
    assert read["basis"] == {"record_id": str(aid), "aid_kind": "subsistence", "since": "2024-02-01"}
    assert read["items"] == []
    assert await opened(chen, case) == [], "said once"
    await county.record(
        monitoring, "civil.aid_change", head, chen["id"], date(2024, 5, 1), aid_kind="subsistence", aid_change="stopped"
    )
    assert {row.state for row in await opened(chen, case)} == {"open"}


async def test_an_area_sets_whom_it_asks_about_what_with_its_source(chen, opened, asks, monitoring):
    officers = asks(), asks()
    proposal = {
        "scope": str(COUNTY),
        "key": "comparisons.facts",
        "value": {"type": "list", "value": ["traffic.vehicles", "water.supply"]},
        "effective_from": "2024-06-03",
        "source": "县发〔2024〕7号",
    }
    made = await officers[0].post("/parameters", json=proposal)
    assert made.status_code == 201, made.text
    done = await officers[1].post(f"/parameters/{made.json()['id']}/approve", headers={"If-Match": '"1"'})
    assert done.status_code == 200, done.text
    assert {row.department for row in await opened(chen)} == {"traffic", "water"}
