"""What is due by a policy is compared with what was received; a gap is a to-do of the department that owes it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from chassis.jobs.sweeps import SweepRun
from chassis.jobs.tables import job
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.entitlements.jobs import COMPUTE, SCHEDULE
from services.monitoring.screening.jobs import TRIAL
from services.monitoring.screening.seeding import seed_screening
from tests.personas import CHEN, number, person
from tests.services.monitoring.answers import match, member
from tests.services.monitoring.screening import county_data as county

NEXT_VILLAGE = "610999101204"
CERTIFICATE = "disability.certificates"
POLICY = {
    "grain": "person",
    "subject": "person",
    "severity": "L",
    "expression": "age_years >= 70 AND is_lifted",
    "label": {"zh": "县级高龄补助", "en": "county old-age aid"},
    "clause": {"zh": "七十周岁以上脱贫老人每年补助一次", "en": "Lifted people of 70 years or more, once a year"},
    "source": "县政府2024年第3次会议",
    "policy": {
        "policy_class": "pension",
        "department": "civil",
        "benefit": {"zh": "每年300元", "en": "300 yuan a year"},
        "received": [{"source": "income", "code": "transfer.old_age", "months": 12}],
    },
}


@pytest.fixture
async def chen(asks, monitoring):
    """A lifted household whose father is 85 and severely disabled."""
    await seed_screening(monitoring)
    father = person(name="陈老汉", relation="51", identity_number=number("19390101"), labour_skill="none")
    body = CHEN | {"valid_from": "2024-01-01", "members": [*CHEN["members"], father]}
    made = (await asks().post("/households", json=body)).json()
    day = date(2023, 5, 1)
    await county.record(monitoring, CERTIFICATE, member(made, "陈老汉"), made["id"], day, disability_level=1)
    return made


@pytest.fixture
def father(chen):
    return member(chen, "陈老汉")


async def looked(asks, monitoring):
    answer = await asks().post("/entitlement-runs", json={})
    assert answer.status_code == 202, answer.text
    async with county.working(monitoring, [COMPUTE]):
        done = await county.ended(monitoring, answer.json()["job_id"])
    assert done.state == "succeeded", (done.error_code, done.error)
    return done.result


async def sheet(client, person_id, **query):
    answer = await client.get(f"/persons/{person_id}/entitlements", params=query)
    assert answer.status_code == 200, answer.text
    return {one["policy_id"]: one for one in answer.json()["items"]}


async def paid(asks, chen, kind, on, **line):
    body = {"lines": [{"kind": kind, "amount": "1200.00", "on": on, "source": "打卡明细", **line}]}
    assert (await asks().post(f"/households/{chen['id']}/income-statements", json=body)).status_code == 201


async def test_a_person_s_sheet_says_what_is_due_received_and_missing(asks, monitoring, chen, father):
    await paid(asks, chen, "transfer.old_age", "2024-02-01", person_id=father["id"])
    await paid(asks, chen, "transfer.pension", "2022-02-01", person_id=father["id"])
    assert (await looked(asks, monitoring))["made"] == 3
    items = await sheet(asks(Role.VILLAGE_CADRE, VILLAGE), father["id"])
    assert {name: (one["state"], one["department"]) for name, one in items.items()} == {
        "E-DISABILITY-CARE": ("missing", "civil"),
        "E-OLD-AGE": ("received", "civil"),
        "E-PENSION": ("missing", "labour"),
    }
    old = items["E-OLD-AGE"]
    assert (old["received_on"], old["received_from"], old["label"]) == ("2024-02-01", "income", "高龄津贴")
    assert items["E-DISABILITY-CARE"]["inputs"] == {"disability_level": 1}
    # Looked at again, nothing changes; paid, the gap closes; its condition gone, it is over and stays on record.
    again = await looked(asks, monitoring)
    assert (again["made"], again["changed"], again["ended"]) == (0, 0, 0)
    await paid(asks, chen, "transfer.disability", "2024-06-01")
    assert (await looked(asks, monitoring))["changed"] == 1
    assert (await sheet(asks(), father["id"]))["E-DISABILITY-CARE"]["state"] == "received"


async def test_a_gap_is_the_departments_and_it_may_say_why_nothing_is_owed(asks, monitoring, chen, father):
    await looked(asks, monitoring)
    civil = asks(Role.DEPARTMENT_CLERK, department="civil")
    labour = asks(Role.DEPARTMENT_CLERK, department="labour")
    gaps = (await civil.get("/entitlement-gaps")).json()["items"]
    assert sorted(one["policy_id"] for one in gaps) == ["E-DISABILITY-CARE", "E-OLD-AGE"]
    assert {(one["person_id"], one["person_name"]) for one in gaps} == {(father["id"], "陈**")}
    [owed] = (await labour.get("/entitlement-gaps?department=labour")).json()["items"]
    assert (await labour.get("/entitlement-gaps?department=civil")).json()["items"] == []
    assert list(await sheet(labour, father["id"])) == ["E-PENSION"]

    path, body = f"/entitlements/{owed['id']}/explain", {"explanation": "未参保，正在动员补缴"}
    assert (await civil.post(path, json=body, headers=match(owed))).status_code == 404
    assert (await asks(Role.VILLAGE_CADRE, VILLAGE).post(path, json=body, headers=match(owed))).status_code == 403
    explained = await labour.post(path, json=body, headers=match(owed))
    assert (explained.status_code, explained.json()["state"]) == (200, "explained")
    twice = await labour.post(path, json=body, headers=match(explained.json()))
    assert [fault["code"] for fault in twice.json()["errors"]] == ["no_gap"]
    await looked(asks, monitoring)
    assert (await labour.get("/entitlement-gaps")).json()["items"] == []
    assert len((await labour.get("/entitlement-gaps?state=explained")).json()["items"]) == 1
    pages, cursor = [], None
    while cursor is not None or not pages:
        page = (
            await asks().get("/entitlement-gaps", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        ).json()
        pages, cursor = [*pages, page["items"]], page["next_cursor"]
    assert [len(one) for one in pages] == [1, 1]


async def test_what_tells_of_health_is_for_case_roles_only(asks, monitoring, chen, father):
    await looked(asks, monitoring)
    assert "E-DISABILITY-CARE" in await sheet(asks(Role.TOWN_OFFICER, TOWN), father["id"])
    assert sorted(await sheet(asks(Role.AUDITOR), father["id"])) == ["E-OLD-AGE", "E-PENSION"]


async def test_a_county_s_own_policy_takes_two_persons_and_a_trial(asks, monitoring, chen, father):
    author, second = asks(), asks()
    wrong = POLICY | {"policy": POLICY["policy"] | {"department": "nobody"}}
    refused = await author.post("/rules/E-COUNTY-AGE/drafts", json=wrong)
    assert [fault["code"] for fault in refused.json()["errors"]] == ["department_unknown"]
    mixed = await author.post("/rules/R01/drafts", json=POLICY)
    assert [fault["code"] for fault in mixed.json()["errors"]] == ["other_kind"]
    draft = (await author.post("/rules/E-COUNTY-AGE/drafts", json=POLICY)).json()
    path, headers = f"/rules/E-COUNTY-AGE/drafts/{draft['version']}", {"If-Match": f'"{draft["revision"]}"'}
    early = await author.post(f"{path}/activate", headers=headers)
    assert {fault["code"] for fault in early.json()["errors"]} == {"not_tried", "second_person"}
    trial = (await author.post(f"{path}/try", json={})).json()
    async with county.working(monitoring, [TRIAL]):
        await county.ended(monitoring, trial["job_id"])
    assert (await author.get(f"/rule-trials/{trial['id']}")).json()["counts"]["hits"] == 1
    assert (await second.post(f"{path}/activate", headers=headers)).status_code == 200
    listed = (await author.get("/rules?purpose=entitlement&state=active")).json()["items"]
    assert "E-COUNTY-AGE" in [one["rule_id"] for one in listed]
    assert "E-COUNTY-AGE" not in [one["rule_id"] for one in (await author.get("/rules?limit=200")).json()["items"]]
    await looked(asks, monitoring)
    due = (await sheet(author, father["id"]))["E-COUNTY-AGE"]
    assert (due["state"], due["benefit"], due["policy_version"]) == ("missing", "每年300元", draft["version"])
    # A policy raises no clue.
    await county.screen(monitoring)
    assert (await author.get("/clues")).json()["items"] == []


async def test_a_father_who_moves_takes_what_is_due_to_him_along(asks, monitoring, chen, father):
    await looked(asks, monitoring)
    body = {"region": NEXT_VILLAGE, "on": "2024-06-01", "leaving": [{"person_id": father["id"], "relation": "02"}]}
    answer = await asks().post(f"/households/{chen['id']}/split", json=body, headers=match(chen))
    assert answer.status_code == 201, answer.text
    items = await sheet(asks(Role.VILLAGE_CADRE, int(NEXT_VILLAGE)), father["id"])
    assert {one["household_id"] for one in items.values()} == {answer.json()["other"]["id"]}
    assert {one["region"] for one in items.values()} == {NEXT_VILLAGE}
    death = {"on": "2024-06-02", "staying": []}
    now = answer.json()["other"]["members"][0]
    assert (
        await asks().post(f"/persons/{father['id']}/record-death", json=death, headers=match(now))
    ).status_code == 200
    past = await sheet(asks(Role.VILLAGE_CADRE, int(NEXT_VILLAGE)), father["id"], past=True)
    assert [one["state"] for one in past.values()] == ["over"] * 3
    assert (await looked(asks, monitoring))["ended"] == 0


async def test_nothing_is_owed_to_the_dead_or_to_who_moved_away_from_the_day_it_is_told(asks, monitoring, chen, father):
    await looked(asks, monitoring)
    cadre, clerk = asks(Role.VILLAGE_CADRE, VILLAGE), asks(Role.DEPARTMENT_CLERK, COUNTY, department="civil")
    before = (await clerk.get("/entitlement-gaps")).json()["items"]
    assert {one["person_id"] for one in before} == {father["id"]}
    path = f"/persons/{father['id']}/record-death"
    answer = await cadre.post(path, json={"on": "2024-06-01"}, headers=match(father))
    assert answer.status_code == 200, answer.text
    assert (await clerk.get("/entitlement-gaps")).json()["items"] == []
    assert (await clerk.get("/todos")).json()["items"] == []
    assert await sheet(cadre, father["id"]) == {}
    past = await sheet(cadre, father["id"], past=True)
    assert {(one["state"], one["ended_on"]) for one in past.values()} == {("over", "2024-06-03")}
    assert (await looked(asks, monitoring))["ended"] == 0


async def test_the_rhythm_of_the_area_asks_for_a_look(monitoring, chen):
    day = date.fromordinal(date(2024, 6, 3).toordinal() // 10 * 10)
    for on in (day, date.fromordinal(day.toordinal() + 1)):
        await SCHEDULE.run(SweepRun(monitoring, SCHEDULE.name, COUNTY, on))
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        asked = await connection.execute(select(func.count()).where(job.c.kind == COMPUTE.name))
    assert asked.scalar_one() == 1


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


async def test_a_receipt_names_only_what_its_contract_offers(asks):
    for choice in (
        {"column": "benefit", "value": "winnings"},
        {"column": "colour", "value": "nursing"},
    ):
        received = [{"source": "dataset", "code": "civil.benefits", "months": 3, "choice": choice}]
        body = POLICY | {"policy": POLICY["policy"] | {"received": received}}
        refused = await asks().post("/rules/E-COUNTY-AGE/drafts", json=body)
        assert [fault["code"] for fault in refused.json()["errors"]] == ["choice_unknown"], refused.text
    received = [{"source": "income", "code": "transfer.old_age", "months": 3, "choice": choice}]
    body = POLICY | {"policy": POLICY["policy"] | {"received": received}}
    refused = await asks().post("/rules/E-COUNTY-AGE/drafts", json=body)
    assert [fault["code"] for fault in refused.json()["errors"]] == ["choice_unknown"]
