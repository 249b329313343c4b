"""People join and leave households: births, deaths, mistakes, numbers; nobody is lost or found twice."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.security.scope import Area, Role
from chassis.testing.programs import VILLAGE
from services.monitoring.households.tables import ClashTask, Finding, PersonNumber
from tests.personas import CHEN, household, number, person
from tests.services.monitoring.answers import codes, match


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    return (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()


async def rows_of(program, statement):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(statement)).all()


NEWBORN = {
    "name": "陈小宝",
    "no_number_reason": "新生儿",
    "birth_date": "2024-05-01",
    "sex": "1",
    "relation": "20",
    "is_insured": True,
    "school_stage": "before_school",
}


async def test_a_newborn_joins_and_later_gets_a_number(cadre, chen, monitoring):
    body = {"person": NEWBORN, "reason": "birth", "on": "2024-05-01"}
    answer = await cadre.post(f"/households/{chen['id']}/members", json=body, headers=match(chen))
    assert answer.status_code == 201, answer.text
    grown = answer.json()
    assert (grown["member_count"], grown["version"], grown["valid_from"]) == (3, 2, "2024-05-01")
    [child] = [one for one in grown["members"] if one["name"] == "陈小宝"]
    assert (await cadre.get(f"/households/{chen['id']}", params={"on": "2024-04-30"})).json()["members"] == chen[
        "members"
    ]

    mine = number("20240501")
    first = {"identity_number": mine, "reason": "first", "on": "2024-06-01"}
    given = await cadre.post(f"/persons/{child['id']}/correct-number", json=first, headers=match(child))
    assert given.status_code == 200, given.text
    assert given.json()["identity_number_masked"].endswith(mine[-4:])
    assert given.json()["no_number_reason"] is None
    told = await rows_of(monitoring, select(outbox.c.data).where(outbox.c.subject == child["id"]))
    assert [set(event.data["identity_indexes"]) for event in told] == [set(), {"assets", "employment", "funds"}]
    again = await cadre.post("/households", json=household(members=[person(identity_number=mine)]))
    assert again.json()["code"] == "person_already_registered"


async def test_a_newcomer_who_stands_elsewhere_is_refused_and_guards_are_listed(asks, cadre, chen):
    other = await cadre.post("/households", json=household(members=[person(identity_number=number(serial=400))]))
    assert other.status_code == 201
    body = {
        "person": person(identity_number=number(serial=400), relation="20"),
        "reason": "marriage",
        "on": "2024-06-01",
    }
    where = f"/households/{chen['id']}/members"
    known = await cadre.post(where, json=body, headers=match(chen))
    assert (known.status_code, known.json()["code"]) == (409, "person_already_registered")
    assert known.json()["errors"][0]["pointer"] == "/person/identity_number"
    body = {"person": person(relation="02"), "reason": "found", "on": "2024-06-04"}
    refused = await cadre.post(where, json=body, headers=match(chen))
    assert (refused.status_code, codes(refused)) == (409, {"one_head_needed", "change_after_today"})
    assert (await cadre.post(where, json=body)).status_code == 428


async def test_a_death_takes_a_new_head_and_the_last_one_ends_the_household(cadre, chen, monitoring):
    head, wife = chen["members"]
    where = f"/persons/{head['id']}/record-death"
    refused = await cadre.post(where, json={"on": "2024-05-20"}, headers=match(head))
    assert (refused.status_code, codes(refused)) == (409, {"one_head_needed"})
    early = {"on": "2023-12-31", "staying": [{"person_id": wife["id"], "relation": "02"}]}
    assert codes(await cadre.post(where, json=early, headers=match(head))) == {"death_before_joining"}
    body = early | {"on": "2024-05-20"}
    answer = await cadre.post(where, json=body, headers=match(head))
    assert answer.status_code == 200, answer.text
    left, dead = answer.json()["members"]
    assert (left["id"], left["relation"], left["version"]) == (wife["id"], "02", 2)
    assert (dead["state"], dead["died_on"], answer.json()["member_count"]) == ("dead", "2024-05-20", 1)
    assert (await cadre.post(where, json=body, headers=match(dead))).status_code == 409
    open_of_dead = select(Finding.id).where(Finding.person_id == head["id"], Finding.state == "open")
    assert await rows_of(monitoring, open_of_dead) == []

    last = await cadre.post(f"/persons/{wife['id']}/record-death", json={"on": "2024-06-01"}, headers=match(left))
    assert (last.json()["state"], last.json()["member_count"], last.json()["open_findings"]) == ("dissolved", 0, 0)
    told = await rows_of(
        monitoring, select(outbox.c.data).where(outbox.c.subject == chen["id"]).order_by(outbox.c.aggregate_version)
    )
    assert [event.data["state"] for event in told] == ["active", "active", "dissolved"]


async def test_a_birth_told_after_a_later_change_counts_from_its_day(cadre, chen):
    moved = {"address": "松坪村二组", "valid_from": "2024-05-20"}
    moved = await cadre.patch(f"/households/{chen['id']}", json=moved, headers=match(chen))
    body = {"person": NEWBORN, "reason": "birth", "on": "2024-05-01"}
    answer = await cadre.post(f"/households/{chen['id']}/members", json=body, headers=match(moved.json()))
    assert answer.status_code == 201, answer.text
    for day, members in (("2024-04-30", 2), ("2024-05-10", 3), ("2024-05-20", 3)):
        then = (await cadre.get(f"/households/{chen['id']}", params={"on": day})).json()
        assert (then["member_count"], len(then["members"])) == (members, members), day


async def test_a_death_reported_late_counts_from_its_day(cadre, chen):
    wife = chen["members"][1]
    renamed = await cadre.patch(
        f"/persons/{wife['id']}", json={"name": "李兰", "valid_from": "2024-05-30"}, headers=match(wife)
    )
    answer = await cadre.post(
        f"/persons/{wife['id']}/record-death", json={"on": "2024-05-20"}, headers=match(renamed.json())
    )
    assert answer.status_code == 200, answer.text
    for day, state in (("2024-05-19", "active"), ("2024-05-20", "dead"), ("2024-06-01", "dead")):
        assert (await cadre.get(f"/persons/{wife['id']}", params={"on": day})).json()["state"] == state


async def test_who_was_registered_by_mistake_gives_up_the_number(cadre, chen, monitoring):
    wife = chen["members"][1]
    body = {"outcome": "wrongly_registered", "on": "2024-06-01", "reason": "录入错误"}
    answer = await cadre.post(f"/persons/{wife['id']}/remove", json=body, headers=match(wife))
    assert answer.status_code == 200, answer.text
    assert [one["state"] for one in answer.json()["members"]] == ["active", "removed"]
    [entry] = await rows_of(monitoring, select(audit_entry).where(audit_entry.c.action == "person.remove"))
    assert entry.reason == "录入错误"
    real = person(name="李秀兰", identity_number=CHEN["members"][1]["identity_number"])
    assert (await cadre.post("/households", json=household(members=[real]))).status_code == 201


async def test_who_moved_out_alone_comes_back(cadre, chen):
    wife = chen["members"][1]
    body = {"outcome": "moved_out", "on": "2024-03-01", "reason": "外嫁"}
    gone = (await cadre.post(f"/persons/{wife['id']}/remove", json=body, headers=match(wife))).json()
    where = f"/households/{chen['id']}/return-member"
    back = {"person_id": wife["id"], "relation": "12", "on": "2024-06-01"}
    early = await cadre.post(where, json=back | {"on": "2024-02-01"}, headers=match(gone))
    assert codes(early) == {"change_before_the_last"}
    answer = await cadre.post(where, json=back, headers=match(gone))
    assert answer.status_code == 200, answer.text
    assert [one["state"] for one in answer.json()["members"]] == ["active", "active"]
    states = [
        (await cadre.get(f"/persons/{wife['id']}", params={"on": day})).json()["state"]
        for day in ("2024-02-29", "2024-03-01", "2024-06-01")
    ]
    assert states == ["active", "moved_out", "active"]
    assert codes(await cadre.post(where, json=back, headers=match(answer.json()))) >= {"person_not_away"}


async def test_a_corrected_number_still_finds_the_person(cadre, chen, monitoring):
    head = chen["members"][0]
    right = number("19740321", serial=77)
    body = {"identity_number": right, "reason": "typing_error", "on": "2024-06-01"}
    answer = await cadre.post(f"/persons/{head['id']}/correct-number", json=body, headers=match(head))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["birth_date"], answer.json()["sex"]) == ("1974-03-21", "1")
    kinds = await rows_of(monitoring, select(rows(PersonNumber).c.kind).where(PersonNumber.person_id == head["id"]))
    assert sorted(row.kind for row in kinds) == ["corrected", "current"]
    for known in (right, CHEN["members"][0]["identity_number"]):
        again = await cadre.post("/households", json=household(members=[person(identity_number=known)]))
        assert again.json()["code"] == "person_already_registered"
    assert (await cadre.get(f"/persons/{head['id']}", params={"on": "2024-05-31"})).json()["birth_date"] == "1974-03-12"
    entries = await rows_of(monitoring, select(audit_entry).where(audit_entry.c.entity_id == head["id"]))
    assert entries[-1].fields == ["birth_date", "identity_number"]
    assert right not in str(entries)


async def test_a_number_of_somebody_else_is_refused_and_opens_a_task(cadre, chen, monitoring):
    head, wife = chen["members"]
    taken = CHEN["members"][1]["identity_number"]
    body = {"identity_number": taken, "reason": "first", "on": "2024-06-01"}
    answer = await cadre.post(f"/persons/{head['id']}/correct-number", json=body, headers=match(head))
    assert (answer.status_code, codes(answer)) == (
        409,
        {"number_held_by_other", "reason_first_only_without_number"},
    )
    former = await cadre.post(
        f"/persons/{head['id']}/former-numbers", json={"identity_number": taken, "reason": "旧户口簿"}
    )
    assert (former.status_code, codes(former)) == (409, {"number_held_by_other"})
    tasks = await rows_of(monitoring, select(rows(ClashTask)))
    assert [(str(task.person_id), task.state) for task in tasks] == [(wife["id"], "open")]
    opened = await rows_of(monitoring, select(audit_entry).where(audit_entry.c.action == "clash.open"))
    assert [entry.entity_id for entry in opened] == [tasks[0].id]


async def test_a_former_number_finds_the_person_and_changes_nothing_else(cadre, chen, monitoring):
    head = chen["members"][0]
    old = number("19740312", serial=55)
    body = {"identity_number": old, "reason": "旧户口簿"}
    for _ in range(2):
        answer = await cadre.post(f"/persons/{head['id']}/former-numbers", json=body)
        assert answer.json() == head
    entered = await rows_of(monitoring, select(audit_entry).where(audit_entry.c.action == "person.enter_former_number"))
    assert [entry.reason for entry in entered] == ["旧户口簿"]
    again = await cadre.post("/households", json=household(members=[person(identity_number=old)]))
    assert again.json()["code"] == "person_already_registered"


async def test_another_head_is_named_in_one_go(cadre, chen):
    head, wife = chen["members"]
    where = f"/households/{chen['id']}/change-relations"
    body = {"on": "2024-06-01", "relations": [{"person_id": wife["id"], "relation": "02"}]}
    assert codes(await cadre.post(where, json=body, headers=match(chen))) == {"one_head_needed"}
    body["relations"].append({"person_id": head["id"], "relation": "11"})
    answer = await cadre.post(where, json=body, headers=match(chen))
    assert answer.status_code == 200, answer.text
    assert {one["name"]: (one["relation"], one["version"]) for one in answer.json()["members"]} == {
        "李秀兰": ("02", 2),
        "陈大山": ("11", 2),
    }
    same = await cadre.post(where, json=body, headers=match(answer.json()))
    assert same.json() == answer.json()


async def test_of_two_who_change_one_version_at_once_one_wins(cadre, chen):
    head = chen["members"][0]
    answers = await asyncio.gather(
        *(
            cadre.patch(f"/persons/{head['id']}", json={"name": f"陈{sign}"}, headers=match(head))
            for sign in "甲乙丙丁戊己"
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
    history = (await cadre.get(f"/persons/{head['id']}/history")).json()["items"]
    assert [(row["version"], row["fields"]) for row in history] == [(1, []), (2, ["name"])]


async def _dies(cadre, member, on):
    answer = await cadre.post(f"/persons/{member['id']}/record-death", json={"on": on}, headers=match(member))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _back(member, **said):
    return {"person_id": member["id"], "relation": member["relation"]} | said


async def test_who_was_recorded_as_dead_by_mistake_was_never_dead(cadre, chen):
    [wife] = [one for one in chen["members"] if one["name"] == "李秀兰"]
    after = await _dies(cadre, wife, "2024-02-01")
    moved = {"address": "松坪村二组", "valid_from": "2024-03-01"}
    after = (await cadre.patch(f"/households/{chen['id']}", json=moved, headers=match(after))).json()

    where = f"/households/{chen['id']}/return-member"
    early = await cadre.post(where, json=_back(wife, on="2024-03-01"), headers=match(after))
    assert codes(early) == {"not_the_day_of_death", "missing"}
    said = _back(wife, on="2024-02-01", reason="同名误报")
    answer = await cadre.post(where, json=said, headers=match(after))
    assert answer.status_code == 200, answer.text
    assert answer.json()["member_count"] == 2

    alive = (await cadre.get(f"/persons/{wife['id']}")).json()
    assert (alive["state"], alive["died_on"]) == ("active", None)
    for day in ("2024-02-01", "2024-02-15", "2024-03-02"):
        assert (await cadre.get(f"/persons/{wife['id']}", params={"on": day})).json()["state"] == "active", day
    again = await cadre.post(f"/persons/{wife['id']}/record-death", json={"on": "2024-05-01"}, headers=match(alive))
    assert again.status_code == 200, again.text


async def test_a_household_that_ended_with_them_lives_on(cadre, chen):
    head, wife = sorted(chen["members"], key=lambda one: one["relation"])
    assert head["relation"] == "02"
    await _dies(cadre, wife, "2024-02-01")
    ended = await _dies(cadre, head, "2024-02-10")
    assert ended["state"] == "dissolved"

    said = _back(head, on="2024-02-10", reason="误报")
    answer = await cadre.post(f"/households/{chen['id']}/return-member", json=said, headers=match(ended))
    assert answer.status_code == 200, answer.text
    lives = answer.json()
    assert (lives["state"], lives["member_count"]) == ("active", 1)
    then = (await cadre.get(f"/households/{chen['id']}", params={"on": "2024-02-10"})).json()
    assert (then["state"], [one["name"] for one in then["members"] if one["state"] == "active"]) == (
        "active",
        ["陈大山"],
    )
