"""What was done without a network takes effect once, as its route would do it, and loses nothing beside it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change_fields
from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.identifiers import new_id
from chassis.operations.tables import operation
from chassis.security.scope import Area, Role
from services.monitoring.clues.tables import Clue, Hit
from services.monitoring.households.tables import Household
from tests.personas import household
from tests.services.monitoring.operations.phone import OTHER_VILLAGE, counted, made, moved, outcomes, push, report


async def test_an_operation_does_what_its_route_does_with_audit_event_and_change(cadre, chen, monitoring):
    [done] = await push(cadre, moved(chen, address="松坪村二组", phone="13900005678"))
    assert (done["outcome"], done["entity_id"], done["version"]) == ("applied", chen["id"], 2)
    now = (await cadre.get(f"/households/{chen['id']}")).json()
    assert (now["address"], now["phone_masked"], now["version"]) == ("松坪村二组", "139****5678", 2)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        [entry] = await connection.execute(select(audit_entry).where(audit_entry.c.action == "household.patch"))
        told = await connection.scalars(
            select(outbox.c.aggregate_version).where(outbox.c.type.like("%household.recorded%"))
        )
        [fields] = await connection.scalars(
            select(change_fields.c.fields).where(change_fields.c.kind == "household", change_fields.c.version == 2)
        )
    assert (entry.version, entry.fields) == (2, ["address", "phone"])
    assert list(told) == [1, 2]
    assert fields == ["address", "phone"]


async def test_a_push_that_is_handed_in_again_gives_the_same_results_and_no_second_effect(cadre, chen, monitoring):
    handed_in = [
        report(chen),
        moved(chen, address="松坪村二组"),
        moved(chen, valid_from="2031-01-01"),
        made("person.patch", chen["members"][0], {"is_insured": True}),
    ]
    first = await push(cadre, *handed_in)
    assert outcomes(first) == ["applied", "applied", "rejected", "applied"]
    for _ in range(2):
        again = await push(cadre, *handed_in)
        assert outcomes(again) == ["duplicate"] * 4
        assert [one | {"outcome": one["first"], "first": None} for one in again] == first
    assert await counted(monitoring, rows(Hit)) == 1
    assert await counted(monitoring, audit_entry, audit_entry.c.action == "household.patch") == 1


async def test_after_half_an_answer_was_lost_the_rest_is_done_and_the_first_half_is_not_done_again(
    cadre, chen, monitoring
):
    handed_in = [moved(chen, address=f"松坪村{number}组") for number in range(1, 4)] + [report(chen)]
    await push(cadre, *handed_in[:2])
    rest = await push(cadre, *handed_in)
    assert outcomes(rest) == ["duplicate", "duplicate", "applied", "applied"]
    now = (await cadre.get(f"/households/{chen['id']}")).json()
    assert (now["address"], now["version"]) == ("松坪村3组", 4)
    assert await counted(monitoring, rows(Hit)) == 1


async def test_bad_operations_lose_nothing_of_the_others(cadre, chen, monitoring):
    empty = {"register_code": "water_access", "household_id": chen["id"], "holds_from": "2024-06-01"}
    bad = [
        moved(chen, no_such_field=1),
        moved(chen) | {"kind": "household.burn"},
        moved(chen) | {"payload": "陈大山"},
        moved(chen) | {"base_version": None},
        moved(chen) | {"entity_id": "x"},
        made("household.patch", {"id": str(new_id()), "version": 1}, {"address": "无"}),
        moved(chen, is_resettled=None),
        report(chen) | {"entity_id": str(new_id())},
        made("register.water_access.record", chen, empty, base_version=None),
    ]
    results = await push(cadre, bad[0], report(chen), *bad[1:], moved(chen, address="松坪村二组"))
    assert outcomes(results) == ["rejected", "applied", *["rejected"] * 8, "applied"]
    told = [[fault["pointer"] for fault in one["problem"]["errors"]] for one in results if one["problem"]]
    assert told == [
        ["/payload/no_such_field"],
        ["/kind"],
        ["/payload"],
        ["/base_version"],
        ["/entity_id"],
        [],
        ["/payload/is_resettled"],
        ["/payload/household_id"],
        ["/payload/distance_metres"],
    ]
    assert "陈大山" not in str(results)
    assert await counted(monitoring, rows(Hit)) == 1
    assert await counted(monitoring, rows(Clue)) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/operations"),
        ({"operations": []}, "/operations"),
        ({"operations": [{"op_id": "x"}]}, "/operations/0/op_id"),
        ({"operations": ["x"]}, "/operations/0/op_id"),
        ({"operations": [{"op_id": "0190b0a0-0000-7000-8000-00000000000a"}] * 501}, "/operations"),
    ],
)
async def test_a_push_that_cannot_be_answered_one_by_one_is_refused_as_a_whole(cadre, body, pointer):
    answer = await cadre.post("/operations", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text


async def test_a_household_outside_the_area_is_not_found_and_not_touched(asks, cadre, chen):
    stranger = asks(Role.VILLAGE_CADRE, OTHER_VILLAGE)
    head = chen["members"][0]
    results = await push(
        stranger, moved(chen, address="外村"), report(chen), made("person.patch", head, {"is_insured": True})
    )
    assert outcomes(results) == ["rejected"] * 3
    assert {one["problem"]["code"] for one in results} == {"not_found"}
    assert {(one["version"], one["entity_id"]) for one in results} == {(None, None)}
    assert (await cadre.get(f"/households/{chen['id']}")).json()["version"] == 1
    foreign = moved(chen, address="外村")
    await push(stranger, foreign)
    assert outcomes(await push(cadre, foreign)) == ["applied"], "an id belongs to who handed it in"


async def test_an_id_used_for_another_operation_is_refused(cadre, chen):
    first = moved(chen, address="松坪村二组")
    other = {**moved(chen, address="松坪村三组"), "op_id": first["op_id"]}
    results = await push(cadre, first, other, first)
    assert outcomes(results) == ["applied", "rejected", "duplicate"]
    assert results[1]["problem"]["code"] == "operation_reused"


@pytest.mark.budget(60)
async def test_five_hundred_operations_are_done_in_one_push(cadre, chen, monitoring):
    things = [
        (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json() for _number in range(20)
    ]
    handed_in = [
        moved(things[number % 20], address=f"松坪村{number}号") if number % 2 else report(things[number % 20])
        for number in range(500)
    ]
    begun = asyncio.get_running_loop().time()
    results = await push(cadre, *handed_in)
    took = asyncio.get_running_loop().time() - begun
    assert set(outcomes(results)) == {"applied"}
    assert took < 30, "a gateway gives up after 60 s"
    assert set(outcomes(await push(cadre, *handed_in))) == {"duplicate"}
    assert await counted(monitoring, rows(Hit)) == 250
    assert await counted(monitoring, audit_entry, audit_entry.c.action == "household.patch") == 250


async def test_a_fault_of_ours_in_one_operation_is_told_and_kept_from_the_others(cadre, chen, monitoring, monkeypatch):
    async def broken(*_args, **_kwargs):
        async with monitoring.database.transaction(Area.everywhere()) as connection:
            await connection.execute(update(rows(Household)).values(no_such_column=1))

    monkeypatch.setattr("services.monitoring.households.operations.patch_household", broken)
    handed_in = [moved(chen, address="松坪村二组"), report(chen)]
    results = await push(cadre, *handed_in)
    assert outcomes(results) == ["rejected", "applied"]
    assert (results[0]["problem"]["code"], results[0]["again"]) == ("internal", True)
    monkeypatch.undo()
    assert outcomes(await push(cadre, *handed_in)) == ["applied", "duplicate"]


async def test_answers_are_kept_encrypted(cadre, chen, monitoring):
    await push(cadre, moved(chen, address="松坪村特别地址"))
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        [row] = await connection.execute(select(operation))
    assert "松坪村特别地址".encode() not in bytes(row.answer)
    assert row.made_version == 2
