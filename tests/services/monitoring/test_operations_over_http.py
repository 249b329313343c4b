"""What was done without a network takes effect once, merges with what others did, and loses nothing beside it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, update

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change_fields
from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.identifiers import new_id
from chassis.operations.tables import operation
from chassis.security.scope import Area, Role
from chassis.testing.programs import VILLAGE
from services.monitoring.clues.tables import Clue, Hit
from services.monitoring.households.tables import Household
from tests.personas import CHEN, household

OTHER_VILLAGE = 610999101204


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    return (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()


def made(kind, thing, payload, **changes):
    """One operation on ``thing`` as it was read."""
    return {
        "op_id": str(new_id()),
        "kind": kind,
        "entity_id": thing["id"],
        "base_version": thing.get("version"),
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": payload,
    } | changes


def moved(thing, **payload):
    return made("household.patch", thing, payload)


def report(thing, **changes):
    payload = {"household_id": thing["id"], "risk": "01", "description": "妻子住院，自付较多"}
    return made("clue.report", thing, payload, base_version=None) | changes


async def push(client, *operations):
    answer = await client.post("/operations", json={"operations": list(operations)})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [one["op_id"] for one in results] == [one["op_id"] for one in operations]
    return results


def outcomes(results):
    return [one["outcome"] for one in results]


async def counted(program, table, *where):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(func.count()).select_from(table).where(*where))).scalar_one()


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


async def test_edits_of_different_fields_merge(asks, cadre, chen):
    other = asks(Role.TOWN_OFFICER, 610999101000)
    await push(other, moved(chen, phone="13900005678", is_resettled=True))
    [done] = await push(cadre, moved(chen, address="松坪村二组"))
    assert (done["outcome"], done["version"], done["merged"]) == ("applied", 3, ["address"])
    now = (await cadre.get(f"/households/{chen['id']}")).json()
    assert (now["address"], now["phone_masked"], now["is_resettled"]) == ("松坪村二组", "139****5678", True)


async def test_edits_of_the_same_field_are_a_conflict_that_shows_both_values(asks, cadre, chen):
    other = asks(Role.TOWN_OFFICER, 610999101000)
    await push(other, moved(chen, address="松坪村三组", phone="13900005678"))
    mine = moved(chen, address="松坪村二组", phone="13700001111", is_resettled=True)
    [refused] = await push(cadre, mine)
    assert (refused["outcome"], refused["version"]) == ("conflict", 2)
    assert refused["conflicts"] == [
        {"field": "address", "yours": "松坪村二组", "theirs": "松坪村三组"},
        {"field": "phone", "yours": "137****1111", "theirs": "139****5678"},
    ]
    assert refused["problem"]["code"] == "operation_conflict"
    now = (await cadre.get(f"/households/{chen['id']}")).json()
    assert (now["address"], now["is_resettled"], now["version"]) == ("松坪村三组", False, 2), "nothing half done"
    settled = moved(chen | {"version": 2}, address="松坪村二组")
    assert outcomes(await push(cadre, settled, mine)) == ["applied", "duplicate"]


async def test_the_same_value_from_both_is_no_conflict(asks, cadre, chen):
    await push(asks(Role.TOWN_OFFICER, 610999101000), moved(chen, address="松坪村二组", phone="13900005678"))
    [done] = await push(cadre, moved(chen, address="松坪村二组", phone="13900005678"))
    assert (done["outcome"], done["version"]) == ("applied", 2)


async def test_a_phones_own_edits_do_not_collide_with_each_other(asks, cadre, chen):
    first = [moved(chen, address="松坪村二组"), moved(chen, address="松坪村三组")]
    assert [(one["outcome"], one["version"]) for one in await push(cadre, *first)] == [("applied", 2), ("applied", 3)]
    await push(asks(Role.TOWN_OFFICER, 610999101000), moved(chen | {"version": 3}, phone="13900005678"))
    later = moved(chen, address="松坪村四组")
    stranger = {**later, "op_id": str(new_id())}
    builds_on = {**later, "after": first[1]["op_id"]}
    assert outcomes(await push(cadre, stranger)) == ["conflict"], "another phone of the same person never saw them"
    [done] = await push(cadre, builds_on)
    assert (done["outcome"], done["version"], done["merged"]) == ("applied", 5, ["address"])


async def test_an_operation_waits_for_the_one_that_it_builds_on(cadre, chen):
    first = moved(chen, address="松坪村二组")
    second = moved(chen, address="松坪村三组") | {"after": first["op_id"]}
    [waits] = await push(cadre, second)
    assert (waits["outcome"], waits["problem"]["code"], waits["again"]) == ("rejected", "operation_waits", True)
    assert outcomes(await push(cadre, second, first)) == ["applied", "applied"], "in the order in which they build"
    assert (await cadre.get(f"/households/{chen['id']}")).json()["address"] == "松坪村三组"
    ahead = moved(chen | {"version": 9}, address="松坪村四组")
    assert [one["again"] for one in await push(cadre, ahead)] == [True]


async def test_what_builds_on_a_refused_operation_is_refused(cadre, chen):
    bad = moved(chen, valid_from="2031-01-01")
    [_, refused] = await push(cadre, bad, report(chen) | {"after": bad["op_id"]})
    assert (refused["outcome"], refused["problem"]["code"]) == ("rejected", "operation_baseless")


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


async def test_a_finding_is_settled_once_and_the_second_ending_is_a_conflict(asks, cadre, chen):
    finding = (await cadre.get("/findings")).json()["items"][0]
    ends = {"outcome": "explained", "explanation": "已核实"}
    [done] = await push(cadre, made("finding.settle", finding, ends))
    assert (done["outcome"], done["version"]) == ("applied", finding["version"] + 1)
    late = asks(Role.TOWN_OFFICER, 610999101000)
    [refused] = await push(late, made("finding.settle", finding, ends | {"explanation": "另有说明"}))
    assert refused["conflicts"] == [{"field": "explanation", "yours": "另有说明", "theirs": "已核实"}]


async def test_two_phones_at_the_same_time_lose_nothing_and_double_nothing(asks, cadre, chen, monitoring):
    wang = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    phones = [asks(Role.VILLAGE_CADRE, VILLAGE) for _ in range(2)]
    pushes = [
        [moved(chen, address="甲"), report(chen), moved(wang, phone="13900005678"), report(wang)],
        [report(wang), moved(wang, address="乙"), report(chen), moved(chen, phone="13900005678")],
    ]
    twice = [push(phone, *handed_in) for phone, handed_in in zip(phones, pushes, strict=True) for _ in range(2)]
    results = await asyncio.gather(*twice)
    for first, second in (results[:2], results[2:]):
        assert {"applied", "duplicate"} == set(outcomes(first) + outcomes(second))
        assert sorted(outcomes(first) + outcomes(second)) == ["applied"] * 4 + ["duplicate"] * 4
    for thing, address in ((chen, "甲"), (wang, "乙")):
        now = (await cadre.get(f"/households/{thing['id']}")).json()
        assert (now["address"], now["phone_masked"], now["version"]) == (address, "139****5678", 3)
    assert await counted(monitoring, rows(Hit)) == 4


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
