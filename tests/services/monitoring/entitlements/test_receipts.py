"""What was received for a policy: our own measures, departments' payments, and for which year it is due."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import TOWN
from tests.personas import number, person
from tests.services.monitoring.answers import match, member
from tests.services.monitoring.entitlements.asking import looked, sheet
from tests.services.monitoring.screening import county_data as county


@pytest.fixture
async def student(asks, monitoring, chen):
    """The same household's son at a vocational school."""
    son = person(name="陈小虎", relation="20", identity_number=number("20060918"))
    body = {"person": son, "reason": "found", "on": "2024-06-01"}
    answer = await asks().post(f"/households/{chen['id']}/members", json=body, headers=match(chen))
    assert answer.status_code == 201, answer.text
    now = answer.json()
    son = member(now, "陈小虎")
    cost = {"study_stage": "secondary_vocational", "school_net_cost_fen": 200_000}
    await county.record(monitoring, "education.costs", son, chen["id"], date(2023, 9, 1), **cost)
    return son


async def test_a_grant_is_due_for_the_school_year_that_a_row_is_about(asks, monitoring, chen, student):
    """The row of 2023-09-01 says nothing of the September after it; a further one does."""
    assert await yulu(asks, monitoring, student) == ("missing", None, None)
    monitoring.clock.move(days=89)  # 2024-08-31
    await looked(asks, monitoring)
    assert (await sheet(asks(), student["id"]))["E-YULU"]["due_since"] == "2024-06-03"
    monitoring.clock.move(days=1)
    await looked(asks, monitoring)
    assert "E-YULU" not in await sheet(asks(), student["id"])
    assert (await sheet(asks(), student["id"], past=True))["E-YULU"]["ended_on"] == "2024-09-01"
    cost = {"study_stage": "higher_vocational", "school_net_cost_fen": 200_000}
    await county.record(monitoring, "education.costs", student, chen["id"], date(2024, 9, 1), **cost)
    assert await yulu(asks, monitoring, student) == ("missing", None, None)


async def helped(asks, home, **body):
    said = {"kind": "other_education", "description": "雨露计划", "risks": ["02"], "source": "帮扶手册"} | body
    answer = await asks().post(f"/households/{home['id']}/measures", json=said)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def yulu(asks, monitoring, son):
    await looked(asks, monitoring)
    found = (await sheet(asks(), son["id"]))["E-YULU"]
    return found["state"], found["received_from"], found["received_on"]


async def test_our_own_measure_is_a_receipt_while_it_runs_and_for_whom_it_is(asks, monitoring, chen, father, student):
    assert await yulu(asks, monitoring, student) == ("missing", None, None)
    await helped(asks, chen, person_id=father["id"], started_on="2024-03-01")
    assert await yulu(asks, monitoring, student) == ("missing", None, None), "another member's help is not his"
    given = await helped(asks, chen, person_id=student["id"], started_on="2022-09-10")
    assert await yulu(asks, monitoring, student) == ("received", "measure", "2022-09-10")
    path = f"/measures/{given['id']}"
    ended = {"ended_on": "2023-05-01", "reason": "completed"}
    over = await asks().post(f"{path}/end", json=ended, headers=match(given))
    assert over.status_code == 200, over.text
    assert await yulu(asks, monitoring, student) == ("missing", None, None), "it ended more than twelve months ago"
    await helped(asks, chen, started_on="2024-02-01")
    assert await yulu(asks, monitoring, student) == ("received", "measure", "2024-02-01"), "it may be his"


async def test_a_department_s_payments_are_receipts_and_only_those_of_the_benefit(
    asks, monitoring, chen, father, student
):
    paid_on = date(2023, 10, 20)
    grant = {"payment_no": "YL1", "school_year": 2023, "paid_fen": 150_000}
    await county.record(monitoring, "agriculture.yulu", student, chen["id"], paid_on, **grant)
    assert await yulu(asks, monitoring, student) == ("received", "dataset", "2023-10-20")
    month = {"payment_no": "FL1", "benefit": "living", "paid_fen": 10_000}
    await county.record(monitoring, "civil.benefits", father, chen["id"], date(2024, 5, 1), **month)
    await looked(asks, monitoring)
    assert (await sheet(asks(), father["id"]))["E-DISABILITY-CARE"]["state"] == "missing"
    month |= {"payment_no": "FL2", "benefit": "nursing"}
    await county.record(monitoring, "civil.benefits", father, chen["id"], date(2024, 5, 1), **month)
    await looked(asks, monitoring)
    care = (await sheet(asks(), father["id"]))["E-DISABILITY-CARE"]
    assert (care["state"], care["received_from"], care["received_on"]) == ("received", "dataset", "2024-05-01")


async def test_a_class_of_low_income_and_a_grant_decide_about_policies(asks, monitoring, chen, father, student):
    fact = {"register_code": "low_income", "person_id": father["id"], "holds_from": "2024-01-01",
            "low_income_class": "subsistence"}  # fmt: skip
    made = await asks(Role.TOWN_OFFICER, TOWN).post("/register-facts", json=fact)
    assert made.status_code == 201, made.text
    await looked(asks, monitoring)
    assert (await sheet(asks(), father["id"]))["E-DISABILITY-LIVING"]["state"] == "missing"
    ended = {"reason": "停保", "fact": fact | {"holds_to": "2024-05-31"}}
    path = f"/registers/low_income/facts/{made.json()['id']}/correct"
    corrected = await asks(Role.TOWN_OFFICER, TOWN).post(path, json=ended, headers=match(made.json()))
    assert corrected.status_code == 200, corrected.text
    await looked(asks, monitoring)
    assert (await sheet(asks(), father["id"])).get("E-DISABILITY-LIVING", {"state": "over"})["state"] == "over"
