"""Whose registration ended naturally is over: who comes back is counted as ended, and looked at afresh."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.security.scope import program
from chassis.testing.programs import COUNTY
from services.monitoring.visits.actions.refresh import refresh_dues
from tests.services.monitoring.cases.moving import changed
from tests.services.monitoring.cases.village import made

LEFT, BACK = "2024-06-09", "2024-06-11"
AWAY = [("registered", 1, 0), ("active", 0, 0), ("eliminated", 0, 0), ("ended", 1, 0)]
HERE = [("registered", 1, 5), ("active", 0, 0), ("eliminated", 0, 0), ("ended", 1, 5)]


@pytest.fixture
async def back(them, chen, lines) -> dict[str, Any]:
    """Household A, registered on 2024-06-08, gone on the 9th, its case ended, and back on the 11th."""
    case = await them.registered(chen)
    them.program.clock.move(days=1)
    await changed(them, chen, "move-out", on=LEFT, reason="外迁")
    case = made(await them.do(them.county, case, "end-naturally", reason="all_moved"))
    them.program.clock.move(days=2)
    await changed(them, chen, "move-back", on=BACK)
    return await them.read(case)


async def held_by(them, holder: str) -> list[str]:
    return [one["id"] for one in made(await them.county.get("/cases", params={"holder": holder}))["items"]]


async def counted(them, **on: Any) -> list[tuple[str, int, int]]:
    [group] = made(await them.county.get("/statistics/figures", params=on))["groups"]
    return [(one["figure"], one["households"], one["persons"]) for one in group["figures"]]


async def test_a_case_is_the_countys_while_nobody_is_left_and_the_villages_again_once_somebody_is(them, chen, lines):
    case = await them.dispatched(chen)
    assert (await held_by(them, "village"), await held_by(them, "county")) == ([case["id"]], [])
    await changed(them, chen, "move-out", on="2024-06-01", reason="外迁")
    assert (await held_by(them, "village"), await held_by(them, "county")) == ([], [case["id"]])
    assert ((await them.read(case))["holder"], (await them.read(case))["due_on"]) == ("county", case["due_on"])
    them.program.clock.move(days=2)
    await changed(them, chen, "move-back", on="2024-06-03")
    assert (await held_by(them, "village"), await held_by(them, "county")) == ([case["id"]], [])
    assert (await them.read(case))["holder"] == "village"


async def test_who_came_back_after_a_natural_end_is_counted_as_ended_and_shows_no_registration(them, chen, back):
    shown = made(await them.cadre.get(f"/households/{chen['id']}"))
    assert (shown["state"], shown["monitoring_type"], shown["risks"], shown["registered_on"]) == (
        "active", None, [], None,
    )  # fmt: skip
    assert await counted(them) == HERE
    assert await counted(them, on=LEFT) == AWAY
    [group] = made(await them.county.get("/statistics/figures", params={"by": "risk"}))["groups"][:1]
    assert (group["key"], group["figures"][-1]["figure"], group["figures"][-1]["households"]) == ("01", "ended", 1)
    [listed] = made(await them.county.get("/statistics/households", params={"figure": "ended"}))["items"]
    assert (listed["id"], listed["monitoring_type"], listed["registered_on"]) == (chen["id"], "3", "2024-06-08")
    facts = made(await them.cadre.get(f"/households/{chen['id']}/monitoring"))["facts"]
    assert [one["ended_as"] for one in facts] == [None, "natural_end"]


async def test_nothing_is_due_to_who_came_back_as_if_it_were_registered(them, chen, back):
    them.program.clock.move(days=200)
    async with them.program.unit(program("visits.dues", COUNTY)) as unit:
        await refresh_dues(unit, COUNTY)
    due = made(await them.cadre.get("/visit-dues"))["items"]
    assert [one for one in due if one["reason"] == "monitored"] == []
    assert made(await them.cadre.get("/missing-measures"))["items"] == []
    waiting = made(await them.cadre.get("/todos"))["items"]
    assert {one["kind"] for one in waiting} & {"measure", "help_plan"} == set()


async def test_who_came_back_is_looked_at_afresh_and_a_case_that_is_warranted_names_the_one_before(them, chen, back):
    [clue] = made(await them.county.get("/clues", params={"state": "open"}))["items"]
    assert (clue["household_id"], clue["severity"]) == (chen["id"], "M")
    case = made(await them.dispatch(clue))
    assert (case["previous_case_id"], case["state"]) == (back["id"], "dispatched")
    assert await counted(them) == HERE, "a case that runs is no registration"


async def test_a_household_registered_anew_after_it_came_back_is_counted_once_and_its_past_stays(them, chen, back):
    before = made(await them.county.get("/statistics/figures"))
    [clue] = made(await them.county.get("/clues", params={"state": "open"}))["items"]
    case = await them.verified(made(await them.dispatch(clue)))
    [case] = await them.met(*await them.compared(case))
    shown = await them.published(case)
    them.program.clock.move(days=5)
    made(await them.let_pass(shown))
    [case] = made(await them.at_town(await them.read(case)))["items"]
    [case] = made(await them.at_county(case))["items"]
    case = made(await them.do(them.cadre, case, "register"))
    assert (case["registered_on"], case["previous_case_id"]) == ("2024-06-16", back["id"])
    assert await counted(them) == [("registered", 1, 5), ("active", 1, 5), ("eliminated", 0, 0), ("ended", 0, 0)]
    again = await counted(them, on=before["on"], known_at=before["known_at"])
    assert again == HERE, "asked again as known then, the figures are those of then"


async def test_a_household_that_comes_back_before_its_case_ended_goes_on_with_it(them, chen, lines):
    case = await them.registered(chen)
    them.program.clock.move(days=1)
    await changed(them, chen, "move-out", on=LEFT, reason="外迁")
    await changed(them, chen, "move-back", on=LEFT)
    assert (await them.read(case))["state"] == "registered"
    assert await counted(them) == [("registered", 1, 5), ("active", 1, 5), ("eliminated", 0, 0), ("ended", 0, 0)]
    assert made(await them.county.get("/clues", params={"state": "open"}))["items"] == []


async def test_figures_of_a_county_that_a_returned_household_leaves_stay_as_they_were(them, chen, back):
    """Its versions and its facts stay, which say that its registration had ended."""
    asked = {"region": str(them.village), "on": BACK}
    assert await counted(them, **asked) == HERE
    there = str(them.village + 1)
    now = made(await them.county.get(f"/households/{chen['id']}"))
    them.program.clock.move(days=1)
    offer = {"to_region": there, "effective_on": "2024-06-12", "reason": "搬迁"}
    headers = {"If-Match": f'"{now["version"]}"'}
    offered = made(await them.county.post(f"/households/{chen['id']}/transfers", json=offer, headers=headers))
    accept = {"region": there}
    headers = {"If-Match": f'"{offered["version"]}"'}
    made(await them.other_county.post(f"/transfers/{offered['id']}/accept", json=accept, headers=headers))
    assert await counted(them, **asked) == HERE
