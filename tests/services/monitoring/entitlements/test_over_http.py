"""What is due by a policy is compared with what was received; a gap is a to-do of the department that owes it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from chassis.jobs.sweeps import SweepRun
from chassis.jobs.tables import job
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.entitlements.jobs import COMPUTE, SCHEDULE
from services.monitoring.screening.jobs import TRIAL
from tests.services.monitoring.answers import match
from tests.services.monitoring.entitlements.asking import looked, sheet
from tests.services.monitoring.screening import county_data as county

NEXT_VILLAGE = "610999101204"
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
