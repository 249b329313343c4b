"""The guardianship form of a visit is the check of guardianship: what it says stands, and goes when the visit does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.identifiers import new_id
from chassis.jobs.sweeps import SweepRun
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.attention.actions.findings import CARERS
from services.monitoring.attention.rules import Guardianship, guardianship_of
from tests.services.monitoring.answers import match, member
from tests.services.monitoring.visits.visiting import dues, visited


def form(child, **answers):
    said = {"guardian_present": True, "guardian_able": True} | answers
    return {"form": "guardianship", "version": 2, "person_id": child["id"], "answers": said}


async def checks(client, child):
    found = (await client.get(f"/persons/{child['id']}/care")).json()["checks"]
    return [(one["checked_on"], one["guardian"], one["is_adequate"], one["visit_id"]) for one in found]


@pytest.fixture
def child(home):
    return member(home, "陈小花")


async def test_one_visit_meets_every_duty_and_its_answers_are_the_check(cadre, home, child):
    visit = await visited(cadre, home, forms=[form(child, guardian="奶奶")])
    assert [one["reason"] for one in visit["met"]] == ["left_behind_child", "left_behind_elder"]
    assert await checks(cadre, child) == [("2024-06-03", "奶奶", True, visit["id"])]
    [row] = (await cadre.get("/attention?kind=left_behind_child")).json()["items"]
    assert (row["guardianship_checked_on"], row["guardianship_is_adequate"]) == ("2024-06-03", True)
    assert await dues(cadre, is_late=True) == []


async def test_sent_twice_by_a_phone_it_is_one_check(cadre, home, child, monitoring):
    operation = {
        "op_id": str(new_id()),
        "kind": "visit.record",
        "entity_id": home["id"],
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": {"household_id": home["id"], "forms": [form(child, guardian_able=False)]},
    }
    for _ in range(2):
        await cadre.post("/operations", json={"operations": [operation]})
    await cadre.post("/visits", json=operation["payload"] | {"id": operation["op_id"]})
    assert await checks(cadre, child) == [("2024-06-03", None, False, operation["op_id"])]
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        fed = await connection.scalars(select(change.c.version).where(change.c.kind == "guardianship_check"))
        assert list(fed) == [1]


async def test_an_amended_visit_says_it_anew_and_a_void_one_says_nothing(cadre, home, child, monitoring):
    visit = await visited(cadre, home, forms=[form(child, guardian="奶奶")])
    path = f"/visits/{visit['id']}"
    same = (await cadre.patch(path, json={"findings": "都好", "reason": "补记"}, headers=match(visit))).json()
    other = [form(child, guardian="奶奶", guardian_able=False)]
    body = {"visited_on": "2024-06-02", "forms": other, "reason": "填错"}
    amended = (await cadre.patch(path, json=body, headers=match(same))).json()
    assert await checks(cadre, child) == [("2024-06-02", "奶奶", False, visit["id"])]
    assert (await cadre.post(f"{path}/void", json={"reason": "走错户"}, headers=match(amended))).status_code == 200
    assert await checks(cadre, child) == []
    [row] = (await cadre.get("/attention?kind=left_behind_child")).json()["items"]
    assert row["guardianship_checked_on"] is None
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        told = select(audit_entry.c.action).where(audit_entry.c.kind == "guardianship_check")
        actions = sorted(await connection.scalars(told))
    assert actions == ["guardianship.check"] * 2 + ["guardianship.withdraw"] * 2


async def test_who_is_known_to_care_for_the_child_is_brought_along_and_kept(asks, cadre, home, child):
    async def told(client):
        sheet = (await client.get(f"/households/{home['id']}/visit-form")).json()
        return [(one["value"], one["source"]) for one in sheet["known"] if one["question"] == "guardian"]

    assert await told(cadre) == []
    earlier = {"checked_on": "2024-05-10", "guardian": "外婆李氏", "is_adequate": True}
    assert (await cadre.post(f"/persons/{child['id']}/guardianship-checks", json=earlier)).status_code == 201
    assert await told(cadre) == [("外婆李氏", "监护核查")]
    assert await told(asks(Role.AUDITOR)) == [("外***", "监护核查")]
    visit = await visited(cadre, home, forms=[form(child)])
    assert (await checks(cadre, child))[-1] == ("2024-06-03", "外婆李氏", True, visit["id"])
    alone = await visited(cadre, home, forms=[form(child, guardian_present=False)])
    assert (await checks(cadre, child))[-1] == ("2024-06-03", None, False, alone["id"])
    assert await told(cadre) == [], "that nobody is there is the last word"


async def test_the_form_is_about_one_child_and_asks_what_the_check_needs(cadre, home, child):
    nobody = form(child) | {"person_id": None}
    half = form(child) | {"answers": {"guardian_present": True}}
    body = {"household_id": home["id"], "forms": [nobody, half, form(child)]}
    refused = (await cadre.post("/visits", json=body)).json()["errors"]
    assert {(one["pointer"], one["code"]) for one in refused} == {
        ("/forms/0/person_id", "person_missing"),
        ("/forms/1/answers/guardian_able", "missing"),
        ("/forms/1", "filled_twice"),
        ("/forms/2", "filled_twice"),
    }


async def test_a_visit_without_the_form_meets_the_duty_and_checks_nothing(cadre, home, child):
    visit = await visited(cadre, home)
    assert "left_behind_child" in [one["reason"] for one in visit["met"]]
    first = {"form": "guardianship", "version": 1, "person_id": child["id"], "answers": {"at_school": True}}
    await visited(cadre, home, forms=[first])
    assert await checks(cadre, child) == []


async def test_a_check_goes_with_the_child_and_is_withdrawn_there_too(asks, cadre, home, child):
    visit = await visited(cadre, home, forms=[form(child)])
    next_village = VILLAGE + 1
    leaving = [{"person_id": child["id"], "relation": "02"}]
    body = {"region": str(next_village), "on": "2024-06-03", "leaving": leaving}
    assert (await asks().post(f"/households/{home['id']}/split", json=body, headers=match(home))).status_code == 201
    neighbour = asks(Role.VILLAGE_CADRE, next_village)
    assert [one[3] for one in await checks(neighbour, child)] == [visit["id"]]
    gone = await asks().post(f"/visits/{visit['id']}/void", json={"reason": "走错户"}, headers=match(visit))
    assert gone.status_code == 200, gone.text
    assert await checks(neighbour, child) == []


@pytest.fixture
def civil(asks):
    """The clerk of civil affairs, who owes what guardianship lacks."""
    return asks(Role.DEPARTMENT_CLERK, COUNTY, department="civil")


async def findings(client, state="open"):
    found = (await client.get("/register-findings", params={"code": "guardianship_inadequate", "state": state})).json()
    return [(one["duty"], one["fact_id"], one["found_on"], one["closed_on"]) for one in found["items"]]


async def waiting(client):
    return [one["kind"] for one in (await client.get("/todos")).json()["items"]]


async def test_guardianship_that_is_not_enough_is_a_to_do_of_civil_affairs_until_it_is(cadre, civil, home, child):
    assert await findings(civil) == []
    visit = await visited(cadre, home, visited_on="2024-06-01", forms=[form(child, guardian_able=False)])
    [check] = (await cadre.get(f"/persons/{child['id']}/care")).json()["checks"]
    assert (await findings(civil), check["visit_id"]) == ([("civil", check["id"], "2024-06-03", None)], visit["id"])
    assert await waiting(civil) == ["register_finding"]
    assert "register_finding" not in await waiting(cadre), "the village looked; it does not owe"
    # The same again is the same finding, which names the last check that says so.
    await visited(cadre, home, visited_on="2024-06-02", forms=[form(child, guardian_present=False)])
    last = (await cadre.get(f"/persons/{child['id']}/care")).json()["checks"][-1]
    assert await findings(civil) == [("civil", last["id"], "2024-06-03", None)]
    await visited(cadre, home, forms=[form(child, guardian="奶奶")])
    assert (await findings(civil), await waiting(civil)) == ([], [])
    assert await findings(civil, "closed") == [("civil", last["id"], "2024-06-03", "2024-06-03")]


async def test_a_check_by_itself_opens_and_closes_it_too(cadre, civil, child):
    for is_adequate, open_ones in ((False, 1), (True, 0), (False, 1)):
        body = {"guardian": "外婆李氏", "is_adequate": is_adequate}
        assert (await cadre.post(f"/persons/{child['id']}/guardianship-checks", json=body)).status_code == 201
        assert len(await findings(civil)) == open_ones
    # What an earlier day says, told late, is not the last word.
    late = {"checked_on": "2024-05-10", "is_adequate": True}
    assert (await cadre.post(f"/persons/{child['id']}/guardianship-checks", json=late)).status_code == 201
    assert len(await findings(civil)) == 1


async def test_a_visit_that_did_not_count_leaves_no_finding(cadre, civil, home, child):
    visit = await visited(cadre, home, forms=[form(child, guardian_able=False)])
    path = f"/visits/{visit['id']}"
    body = {"forms": [form(child, guardian_able=True)], "reason": "填错"}
    amended = (await cadre.patch(path, json=body, headers=match(visit))).json()
    assert await findings(civil) == []
    body = {"forms": [form(child, guardian_able=False)], "reason": "又填错"}
    again = (await cadre.patch(path, json=body, headers=match(amended))).json()
    assert len(await findings(civil)) == 1
    await cadre.post(f"{path}/void", json={"reason": "走错户"}, headers=match(again))
    assert await findings(civil) == []


async def test_it_goes_with_the_child_and_ends_when_the_child_comes_of_age(asks, civil, cadre, home, child, monitoring):
    await visited(cadre, home, forms=[form(child, guardian_able=False)])
    leaving = [{"person_id": child["id"], "relation": "02"}]
    body = {"region": str(VILLAGE + 1), "on": "2024-06-03", "leaving": leaving}
    assert (await asks().post(f"/households/{home['id']}/split", json=body, headers=match(home))).status_code == 201
    born = date.fromisoformat(child["birth_date"])
    of_age = born.replace(year=born.year + 18)
    for today, open_ones in ((of_age - timedelta(days=1), 1), (of_age, 0)):
        await CARERS.run(SweepRun(monitoring, CARERS.name, COUNTY, today))
        assert len(await findings(civil)) == open_ones
    [finding] = (
        await asks().get("/register-findings", params={"register_code": "guardianship", "state": "closed"})
    ).json()["items"]
    assert (finding["region"], finding["label"]) == (str(VILLAGE + 1), "监护缺失或不到位")
    assert finding["person_name"] == "陈**", "a child is named to nobody without a guardian's consent"


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({}, None),
        ({"guardian_present": True}, None),
        ({"guardian_able": True}, None),
        ({"guardian_present": False}, Guardianship(False, False, None)),
        ({"guardian_present": True, "guardian_able": False}, Guardianship(True, False, None)),
        ({"guardian_present": True, "guardian_able": True, "guardian": "奶奶"}, Guardianship(True, True, "奶奶")),
    ],
)
def test_enough_takes_a_guardian_who_is_there_and_able(answers, found):
    assert guardianship_of(answers) == found
