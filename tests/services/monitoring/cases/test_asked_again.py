"""What was asked once is told as it was then, whatever became of the household: figures, their lists, and durations."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY
from tests.services.monitoring.cases.leaving import measure
from tests.services.monitoring.cases.merging import merged, neighbour
from tests.services.monitoring.cases.moving import NEXT_COUNTY, NEXT_VILLAGE, THERE, changed, moved
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.regions.loading import load, merger
from tests.services.monitoring.statistics.asked_again import Asked


@pytest.fixture
def asked(them):
    """``asked()``: everything that is told now of the village and its county."""

    async def ask(**on: str) -> list[Asked]:
        clients = ((them.village, them.cadre), (COUNTY, them.county))
        return [await Asked(client, region).now(**on) for region, client in clients]

    return ask


async def the_same(*before: list[Asked]) -> None:
    for one in (one for asked in before for one in asked):
        await one.again()


async def helped(them, home: dict[str, Any]) -> dict[str, Any]:
    """The case, registered five days after its clue and helped on the day after."""
    case: dict[str, Any] = await them.registered(home)
    them.program.clock.move(days=1)
    await measure(them, home, "health", "01")
    return case


async def test_a_county_tells_the_same_of_then_after_a_household_has_moved_to_another_one(
    asked, asks, them, chen, lines
):
    case = await helped(them, chen)
    before = await asked()
    earlier = await asked(on="2024-06-08")
    assert [one.groups("basis") for one in before] == [{"shock": (1, 5)}] * 2
    assert [one.reached()["first_measure"] for one in before] == [(1, 6)] * 2
    there = asks(Role.COUNTY_OFFICER, NEXT_COUNTY)
    them.program.clock.move(days=1)
    await moved(them, chen, there, NEXT_COUNTY, THERE)
    await the_same(before, earlier)
    assert [one.groups("basis") for one in await asked()] == [{}] * 2
    assert [one.groups("basis") for one in await asked(on="2024-06-09")] == [{"shock": (1, 5)}] * 2
    came = await Asked(there, NEXT_COUNTY).now()
    assert (came.groups("basis"), came.reached()["first_measure"]) == ({"shock": (1, 5)}, (1, 6))
    assert (await Asked(there, NEXT_COUNTY).now(on="2024-06-09")).groups("basis") == {}
    case = made(await there.get(f"/cases/{case['id']}"))
    made(await them.do(there, case, "amend", risks=["02"], reason="病已治愈"))
    case = made(await there.get(f"/cases/{case['id']}"))
    made(await them.do(there, case, "remove", reason="concealed", note="隐瞒商品房"))
    await came.again()
    await the_same(before, earlier)


async def test_a_village_tells_the_same_of_then_after_a_household_has_moved_to_the_next_one(
    asked, asks, them, chen, lines
):
    await helped(them, chen)
    before = await asked()
    them.program.clock.move(days=1)
    await moved(them, chen, asks(Role.COUNTY_OFFICER), NEXT_VILLAGE, NEXT_VILLAGE)
    await the_same(before)
    village, county = await asked()
    assert (village.groups("basis"), village.reached()["registered"]) == ({}, (0, None))
    assert (county.groups("basis"), county.reached()["registered"]) == ({"shock": (1, 5)}, (1, 5))


async def test_the_same_is_told_of_then_after_households_merged_and_split(asked, them, chen, lines):
    target = await neighbour(them)
    await helped(them, chen)
    await them.dispatched(target)
    before = await asked()
    them.program.clock.move(days=2)
    await merged(them, chen, target)
    await the_same(before)
    between = await asked()
    assert [one.groups("basis") for one in between] == [{"shock": (1, 6)}] * 2
    whole = made(await them.cadre.get(f"/households/{target['id']}"))
    leaving = [{"person_id": whole["members"][-1]["id"], "relation": "02"}]
    split = {"region": str(them.village), "on": str(them.program.clock.today()), "leaving": leaving}
    await changed(them, target, "split", **split)
    await the_same(before, between)


async def test_the_help_of_a_member_who_splits_off_was_the_first_of_the_case_as_known_then(asked, them, chen, lines):
    await them.registered(chen)
    them.program.clock.move(days=1)
    whole = made(await them.cadre.get(f"/households/{chen['id']}"))
    member = whole["members"][-1]["id"]
    await measure(them, chen, "health", "01", person_id=member)
    before = await asked()
    them.program.clock.move(days=1)
    split = {"region": str(them.village), "on": "2024-06-10", "leaving": [{"person_id": member, "relation": "02"}]}
    await changed(them, chen, "split", **split)
    await the_same(before)
    assert [one.reached()["first_measure"] for one in await asked()] == [(0, None)] * 2


async def test_the_same_is_told_of_then_after_a_case_was_removed_and_the_household_registered_anew(
    asked, them, chen, lines
):
    case = await helped(them, chen)
    before = await asked()
    case = await them.read(case)
    case = made(await them.do(them.county, case, "amend", risks=["02"], reason="病已治愈"))
    amended = await asked()
    made(await them.do(them.county, await them.read(case), "remove", reason="concealed", note="隐瞒商品房"))
    removed = await asked()
    await the_same(before, amended)
    assert [one.groups("basis") for one in removed] == [{}] * 2
    them.program.clock.move(days=1)
    await them.registered(chen, risks=["08"])
    await the_same(before, amended, removed)
    assert [one.groups("basis") for one in await asked()] == [{"shock": (1, 5)}] * 2


async def test_a_village_that_was_merged_into_the_next_one_tells_the_same_of_then(asked, asks, them, chen, lines):
    await load(them.county)
    await helped(them, chen)
    before = await asked()
    them.program.clock.move(days=1)
    step = {"predecessor": str(them.village), "successor": str(NEXT_VILLAGE), "kind": "merged"}
    made(await them.county.post("/regions/successions", json=merger(on="2024-06-10", successions=[step])))
    await the_same(before)
    village, county = await asked()
    assert (village.groups("basis"), village.reached()["registered"]) == ({}, (0, None))
    assert (county.groups("basis"), county.reached()["registered"]) == ({"shock": (1, 5)}, (1, 5))
    assert (await Asked(them.county, NEXT_VILLAGE).now()).groups("basis") == {"shock": (1, 5)}
