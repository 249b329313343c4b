"""A patch changes only what differs, keeps the state before, and past questions keep their answers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.security.scope import Area, Role
from chassis.testing.programs import VILLAGE
from services.monitoring.households.tables import Finding, PersonHistory
from tests.personas import CHEN, household
from tests.services.monitoring.answers import match


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    return (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()


async def rows_of(program, statement):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(statement)).all()


async def test_a_patch_changes_what_differs_and_says_so_once(cadre, chen, monitoring):
    body = {"address": "松坪村二组", "is_resettled": False, "phone": "13900005678", "valid_from": "2024-05-01"}
    answer = await cadre.patch(f"/households/{chen['id']}", json=body, headers=match(chen))
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert answer.headers["ETag"] == '"2"'
    assert (changed["address"], changed["phone_masked"], changed["valid_from"]) == (
        "松坪村二组",
        "139****5678",
        "2024-05-01",
    )
    assert changed["members"] == chen["members"]
    [entry] = await rows_of(monitoring, select(audit_entry).where(audit_entry.c.action == "household.patch"))
    assert (entry.version, entry.fields) == (2, ["address", "phone"])
    [fed] = await rows_of(monitoring, select(change).where(change.c.kind == "household"))
    assert fed.version == 2
    told = await rows_of(
        monitoring, select(outbox.c.aggregate_version).where(outbox.c.type.like("%household.recorded%"))
    )
    assert [event.aggregate_version for event in told] == [1, 2]


async def test_a_patch_without_a_difference_keeps_the_version(cadre, chen, monitoring):
    head = chen["members"][0]
    same = {"name": "陈大山", "phone": "13800001234", "health": []}
    answer = await cadre.patch(f"/persons/{head['id']}", json=same, headers=match(head))
    assert answer.json() == head
    assert answer.headers["ETag"] == '"1"'
    assert await rows_of(monitoring, select(audit_entry).where(audit_entry.c.action == "person.patch")) == []


async def test_who_has_not_read_the_present_version_changes_nothing(cadre, chen):
    where = f"/households/{chen['id']}"
    assert (await cadre.patch(where, json={"address": "甲"})).status_code == 428
    assert (await cadre.patch(where, json={"address": "甲"}, headers=match(chen))).status_code == 200
    stale = await cadre.patch(where, json={"address": "乙"}, headers=match(chen))
    assert (stale.status_code, stale.json()["current_version"], stale.headers["ETag"]) == (412, 2, '"2"')
    assert (await cadre.get(where)).json()["address"] == "甲"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"name": "陈山", "valid_from": "2024-06-04"}, "/valid_from", "change_after_today"),
        ({"name": "陈山", "valid_from": "2023-12-31"}, "/valid_from", "change_before_the_last"),
        ({"name": None}, "/name", "null_not_allowed"),
        ({"nmae": "陈山"}, "/nmae", "extra_forbidden"),
    ],
)
async def test_a_patch_that_cannot_be_is_refused_with_its_reason(cadre, chen, body, pointer, code):
    head = chen["members"][0]
    answer = await cadre.patch(f"/persons/{head['id']}", json=body, headers=match(head))
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert (await cadre.get(f"/persons/{head['id']}")).json() == head


async def test_an_area_changes_only_its_own_and_a_reader_nothing(asks, chen):
    stranger = asks(Role.TOWN_OFFICER, 610999102000)
    assert (
        await stranger.patch(f"/households/{chen['id']}", json={"address": "甲"}, headers=match(chen))
    ).status_code == 404
    auditor = asks(Role.AUDITOR)
    assert (
        await auditor.patch(f"/households/{chen['id']}", json={"address": "甲"}, headers=match(chen))
    ).status_code == 403


async def test_a_doubt_ends_when_its_reason_is_gone_and_a_new_one_opens(cadre, chen, monitoring):
    head = chen["members"][0]
    doubts = select(Finding.code, Finding.state).where(Finding.person_id == head["id"])
    before = dict(tuple(row) for row in await rows_of(monitoring, doubts))
    assert before["insured_blank"] == before["education_and_stage"] == "open"
    body = {"is_insured": True, "education": "70", "school_stage": None, "health": ["healthy", "serious"]}
    answer = await cadre.patch(f"/persons/{head['id']}", json=body, headers=match(head))
    assert answer.status_code == 200, answer.text
    after = dict(tuple(row) for row in await rows_of(monitoring, doubts))
    assert (after["insured_blank"], after["education_and_stage"]) == ("corrected", "corrected")
    assert set(after) - set(before) == {"healthy_and_ill"}


async def test_the_state_of_any_day_as_known_at_any_instant_stays_the_same(cadre, chen):
    where, head = f"/households/{chen['id']}", chen["members"][0]
    first = (await cadre.patch(where, json={"address": "甲", "valid_from": "2024-03-01"}, headers=match(chen))).json()
    renamed = await cadre.patch(
        f"/persons/{head['id']}", json={"name": "陈山", "valid_from": "2024-04-01"}, headers=match(head)
    )
    known_at = renamed.json()["recorded_at"]
    questions = [
        {"on": "2024-02-29"},
        {"on": "2024-03-01"},
        {"on": "2024-04-01"},
        {"on": "2024-04-01", "known_at": first["recorded_at"]},
        {"on": "2024-06-03", "known_at": chen["recorded_at"]},
    ]

    async def answered():
        return [(await cadre.get(where, params={"known_at": known_at, **question})).json() for question in questions]

    answers = await answered()
    assert [(answer["address"], answer["members"][0]["name"]) for answer in answers] == [
        (None, "陈大山"),
        ("甲", "陈大山"),
        ("甲", "陈山"),
        ("甲", "陈大山"),
        (None, "陈大山"),
    ]
    await cadre.patch(where, json={"address": "乙", "valid_from": "2024-03-01"}, headers=match(first))
    assert await answered() == answers
    assert (await cadre.get(where, params={"on": "2024-03-01"})).json()["address"] == "乙"
    person = await cadre.get(f"/persons/{head['id']}", params={"on": "2024-03-31"})
    assert (person.json()["name"], person.json()["identity_number_masked"], person.json()["phone_masked"]) == (
        "陈大山",
        "610999********3010",
        "138****1234",
    )


async def test_there_is_no_state_before_the_first_or_after_today(cadre, chen):
    where = f"/households/{chen['id']}"
    assert (await cadre.get(where, params={"on": "2023-12-31"})).status_code == 404
    ahead = (datetime.fromisoformat(chen["recorded_at"]) + timedelta(days=1)).isoformat()
    answer = await cadre.get(where, params={"on": "2024-06-04", "known_at": ahead})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["on", "known_at"]


async def test_the_versions_name_what_they_changed_page_by_page(asks, cadre, chen):
    where, version = f"/households/{chen['id']}", chen
    for body in ({"address": "甲"}, {"phone": "13900005678", "address": "乙"}, {"land_mu_hundredths": 250}):
        version = (await cadre.patch(where, json=body, headers=match(version))).json()
    page = (await cadre.get(where + "/history", params={"limit": 3})).json()
    rest = (await cadre.get(where + "/history", params={"limit": 3, "cursor": page["next_cursor"]})).json()
    assert [(row["version"], row["fields"]) for row in page["items"] + rest["items"]] == [
        (1, []),
        (2, ["address"]),
        (3, ["address", "phone"]),
        (4, ["land_mu_hundredths"]),
    ]
    assert rest["next_cursor"] is None
    assert (await asks(Role.TOWN_OFFICER, 610999102000).get(where + "/history")).status_code == 404


async def test_a_kept_state_holds_no_number_in_its_document(cadre, chen, monitoring):
    head = chen["members"][0]
    await cadre.patch(f"/persons/{head['id']}", json={"name": "陈山"}, headers=match(head))
    [kept] = await rows_of(monitoring, select(rows(PersonHistory)))
    assert {"identity_number", "disability_number", "phone"}.isdisjoint(kept.document)
    assert kept.document["name"] == "陈大山"
    assert kept.identity_number


async def test_birth_date_and_sex_follow_the_number_and_are_free_without_one(cadre, chen):
    head = chen["members"][0]
    refused = await cadre.patch(f"/persons/{head['id']}", json={"birth_date": "1975-01-01"}, headers=match(head))
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
        ("/birth_date", "follows_number")
    ]
    unnumbered = {
        "name": "王宝",
        "no_number_reason": "新生儿",
        "birth_date": "2024-01-01",
        "sex": "1",
        "relation": "02",
    }
    [child] = (await cadre.post("/households", json=household(members=[unnumbered]))).json()["members"]
    body = {"birth_date": "2024-01-02", "sex": "2"}
    answer = await cadre.patch(f"/persons/{child['id']}", json=body, headers=match(child))
    assert (answer.json()["birth_date"], answer.json()["sex"], answer.json()["version"]) == ("2024-01-02", "2", 2)


async def test_a_disability_number_says_class_and_level_and_stays_hidden(cadre, chen, monitoring):
    head = chen["members"][0]
    body = {"disability_number": CHEN["members"][0]["identity_number"] + "43", "health": ["disabled"]}
    answer = await cadre.patch(f"/persons/{head['id']}", json=body, headers=match(head))
    assert (answer.json()["disability_class"], answer.json()["disability_level"]) == ("4", "3")
    assert body["disability_number"] not in answer.text
    [entry] = await rows_of(monitoring, select(audit_entry).where(audit_entry.c.action == "person.patch"))
    assert entry.fields == ["disability_number", "health"]
    again = await cadre.patch(f"/persons/{head['id']}", json=body, headers=match(answer.json()))
    assert again.headers["ETag"] == '"2"'
