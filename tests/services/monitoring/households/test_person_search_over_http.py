"""A person is found by any number they bore, or by name and year, and every search leaves a trace."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry, audit_read
from chassis.security.scope import Area, Role
from chassis.testing.programs import VILLAGE
from tests.personas import CHEN, household, number, person


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    return (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()


async def search(client, **body):
    return await client.post("/persons/search", json={"purpose": "入户核对"} | body)


async def test_a_person_is_found_by_the_current_the_corrected_and_a_former_number(cadre, chen):
    head = chen["members"][0]
    wrong, right, old = CHEN["members"][0]["identity_number"], number("19740321"), number("19740322")
    body = {"identity_number": right, "reason": "typing_error", "on": "2024-06-01"}
    corrected = await cadre.post(
        f"/persons/{head['id']}/correct-number", json=body, headers={"If-Match": f'"{head["version"]}"'}
    )
    assert corrected.status_code == 200, corrected.text
    await cadre.post(f"/persons/{head['id']}/former-numbers", json={"identity_number": old, "reason": "旧证"})
    for wanted, matched_by in ((right, "current"), (wrong, "corrected"), (old, "former")):
        answer = await search(cadre, identity_number=wanted)
        assert [(one["matched_by"], one["person"]["id"]) for one in answer.json()["items"]] == [
            (matched_by, head["id"])
        ]
        assert right not in answer.text
    assert (await search(cadre, identity_number=number())).json() == {"items": [], "is_complete": True}


async def test_a_name_prefix_and_a_year_of_birth_find_whom_they_mean(cadre, chen, asks):
    await cadre.post("/households", json=household(members=[person(name="陈大海", identity_number=number("19800101"))]))
    found = (await search(cadre, name="陈大", birth_year=1974)).json()["items"]
    assert [(one["matched_by"], one["person"]["name"]) for one in found] == [("name", "陈大山")]
    assert (await search(cadre, name="大", birth_year=1974)).json()["items"] == []
    masked = await search(asks(Role.AUDITOR), name="陈", birth_year=1980)
    assert [one["person"]["name"] for one in masked.json()["items"]] == ["陈**"]


async def test_an_area_finds_only_its_own(asks, chen):
    stranger = asks(Role.TOWN_OFFICER, 610999102000)
    for body in ({"identity_number": CHEN["members"][0]["identity_number"]}, {"name": "陈", "birth_year": 1974}):
        assert (await search(stranger, **body)).json()["items"] == []
    assert (
        await search(asks(Role.DEPARTMENT_CLERK, department="civil_affairs"), name="陈", birth_year=1974)
    ).status_code == 403


async def test_every_search_is_kept_with_its_purpose_and_whom_it_found(cadre, chen, monitoring):
    await search(cadre, identity_number=CHEN["members"][0]["identity_number"])
    await search(cadre, name="无此人", birth_year=1974)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        entries = (
            await connection.execute(
                select(audit_entry).where(audit_entry.c.action == "person.search").order_by(audit_entry.c.id)
            )
        ).all()
        reads = (await connection.execute(select(audit_read.c.entity_id))).all()
    head = chen["members"][0]["id"]
    assert [(entry.reason, entry.fields, [str(one) for one in entry.read_ids]) for entry in entries] == [
        ("入户核对", ["identity_number"], [head]),
        ("入户核对", ["birth_date", "name"], []),
    ]
    assert [str(row.entity_id) for row in reads] == [head]
    assert "197403123010" not in str(entries)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "陈"},
        {"birth_year": 1974},
        {"identity_number": "610999197403123010", "name": "陈"},
        {"identity_number": "610999197403123010", "name": "陈", "birth_year": 1974},
        {"identity_number": "610999197403123011"},
        {"identity_number": "610999197403123010", "purpose": ""},
    ],
)
async def test_a_search_says_exactly_one_thing_and_why(cadre, body):
    answer = await search(cadre, **body)
    assert answer.status_code == 422
    assert "19740312" not in answer.text


async def test_a_list_by_name_is_kept_with_whom_it_found_and_the_daily_list_is_not(asks, cadre, chen, monitoring):
    await cadre.get("/households")
    await cadre.get("/households", params={"name": "陈大", "purpose": "入户核对"})
    await asks(Role.AUDITOR).get("/households", params={"name": "无此人"})
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        entries = (
            await connection.execute(
                select(audit_entry).where(audit_entry.c.kind == "household", audit_entry.c.read_ids.is_not(None))
            )
        ).all()
    assert [(one.action, one.reason, [str(read) for read in one.read_ids]) for one in entries] == [
        ("household.search", "入户核对", [chen["id"]]),
        ("household.search", "按姓名查找", []),
    ]
    assert "陈大" not in str(entries)
