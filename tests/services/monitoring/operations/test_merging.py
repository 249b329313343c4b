"""Edits of several people merge field by field; where they meet, both values are shown and nothing is half done."""

from __future__ import annotations

import asyncio

from chassis.database.metadata import rows
from chassis.identifiers import new_id
from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from services.monitoring.clues.tables import Hit
from tests.personas import household
from tests.services.monitoring.operations.phone import counted, made, moved, outcomes, push, report


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
