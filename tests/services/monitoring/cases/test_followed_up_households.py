"""Who is followed up after an elimination goes on being so when the household merges, splits, or comes back in need."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.identifiers import new_id
from chassis.jobs.sweeps import SweepRun
from chassis.security.scope import Area, program
from chassis.testing.programs import COUNTY
from services.monitoring.cases.actions.eliminate import FOLLOW_UPS
from services.monitoring.cases.actions.take_over import take_over_cases
from services.monitoring.codes.monitoring import EliminationMode, MonitoringType, Risk
from services.monitoring.households.actions.monitoring import Source, Told, record_monitoring
from services.monitoring.households.importing.model import Setting
from services.monitoring.households.known_areas import thresholds_at
from services.monitoring.households.rules.facts import IncomeFigures
from services.monitoring.households.rules.monitoring_facts import SaidMonitoring
from services.monitoring.visits.actions.refresh import refresh_dues
from tests.personas import household, person
from tests.services.monitoring.cases.leaving import decreed
from tests.services.monitoring.cases.merging import counted, merged, neighbour
from tests.services.monitoring.cases.village import made

ELIMINATED = [("registered", 1, 6), ("active", 0, 0), ("eliminated", 1, 6), ("ended", 0, 0)]


async def registered_there(them, home: dict[str, Any], registered_on: str, eliminated_on: str | None = None) -> Any:
    """The case of a household that the national system knows, eliminated or helped."""
    export, home_id = new_id(), UUID(home["id"])
    said = SaidMonitoring(
        monitoring_type=MonitoringType("2"),
        registered_on=date.fromisoformat(registered_on),
        risks=(Risk("01"),),
        eliminated_on=eliminated_on and date.fromisoformat(eliminated_on),
        elimination_mode=eliminated_on and EliminationMode.HELPED,
    )
    async with them.program.unit(program("national.import", COUNTY)) as unit:
        today = unit.clock.today()
        setting = Setting(today=today, lo=unit.area.lo, hi=unit.area.hi, thresholds=await thresholds_at(unit, COUNTY))
        told = Told(household_id=home_id, said=said, income_after=IncomeFigures())
        await record_monitoring(unit, [told], Source(kind="national", id=export, on=today), setting, codes=())
        await take_over_cases(unit, [home_id], county=COUNTY, source_id=export, on=today)
        await refresh_dues(unit, COUNTY)
    [case] = made(await them.county.get("/cases", params={"household_id": home["id"]}))["items"]
    return await them.read(case)


async def family(them, members: int) -> dict[str, Any]:
    others = [person(relation="20") for _ in range(members - 1)]
    body = household(members=[person(), *others], valid_from="2024-01-01")
    found: dict[str, Any] = made(await them.cadre.post("/households", json=body))
    return found


async def due(them, home: dict[str, Any]) -> list[str]:
    asked = {"household_id": home["id"]}
    return [one["reason"] for one in made(await them.cadre.get("/visit-dues", params=asked))["items"]]


async def shown(them, home: dict[str, Any]) -> tuple[Any, ...]:
    read = made(await them.cadre.get(f"/households/{home['id']}"))
    return read["monitoring_type"], read["registered_on"], read["eliminated_on"]


@pytest.fixture
async def left(them) -> dict[str, Any]:
    """A household eliminated on 2023-11-20."""
    return await neighbour(them)


@pytest.fixture
async def followed(them, left) -> dict[str, Any]:
    return await registered_there(them, left, "2022-03-01", "2023-11-20")


async def test_an_eliminated_household_that_joins_another_is_followed_up_there(them, left, followed):
    target = await family(them, 5)
    assert await due(them, left) == ["follow_up"]
    before = (await them.read(followed))["follow_up"]
    await merged(them, left, target)
    read = await them.read(followed)
    assert (read["household_id"], read["state"], read["history"][-1]["details"]) == (
        target["id"], "follow_up", {"from": left["id"], "to": target["id"]},
    )  # fmt: skip
    assert read["follow_up"] == before, "its visits, its end and its yearly update go on"
    assert (await due(them, left), await due(them, target)) == ([], ["follow_up"])
    assert (await shown(them, left), await shown(them, target)) == (
        (None, None, None), ("2", "2022-03-01", "2023-11-20"),
    )  # fmt: skip
    assert await counted(them) == ELIMINATED
    assert await counted(them, on="2024-06-02") == [(name, one, few and 1) for name, one, few in ELIMINATED]


async def test_nobody_is_followed_up_in_a_household_that_is_no_more(monitoring, them, left, followed):
    """Its case is over; what follows is the business of the household that its people joined."""
    target = await neighbour(them)
    await registered_there(them, target, "2023-05-01")
    await merged(them, left, target)
    async with monitoring.database.transaction(Area.of(COUNTY)) as connection:
        await connection.execute(text("UPDATE monitoring_case SET state = 'eliminated' WHERE state = 'follow_up'"))
    await FOLLOW_UPS.run(SweepRun(monitoring, FOLLOW_UPS.name, COUNTY, them.program.clock.today()))
    assert (await them.read(followed))["state"] == "natural_end"


async def test_a_visit_before_the_merger_counts_for_who_is_followed_up_after_it(them, left, followed):
    target = await neighbour(them)
    visit = {"household_id": left["id"], "visited_on": "2024-06-02", "way": "at_home"}
    made(await them.cadre.post("/visits", json=visit))
    await merged(them, left, target)
    [waiting] = made(await them.cadre.get("/visit-dues", params={"household_id": target["id"]}))["items"]
    assert (waiting["reason"], waiting["last_visited_on"]) == ("follow_up", "2024-06-02")


async def test_of_two_households_that_were_eliminated_the_later_elimination_says_how_long(them, left, followed):
    target = await neighbour(them)
    later = await registered_there(them, target, "2022-09-01", "2024-02-01")
    await merged(them, left, target)
    assert await shown(them, target) == ("2", "2022-09-01", "2024-02-01")
    assert (await them.read(later))["follow_up"] is not None
    over = await them.read(followed)
    assert (over["household_id"], over["follow_up"], over["history"][-1]["details"]) == (
        left["id"], None, {"into": later["id"]},
    )  # fmt: skip
    assert (over["state"], over["ended_on"], over["history"][-1]["reason"]) == ("natural_end", "2024-06-03", "merged")
    assert (over["merged_into"], over["eliminated_on"]) == (later["id"], "2023-11-20"), "what was eliminated stays so"
    goes_on = await them.read(later)
    assert (goes_on["state"], goes_on["merged_cases"], goes_on["merged_into"]) == ("follow_up", [over["id"]], None)
    assert goes_on["history"][-1]["details"] == {"from": over["id"]}
    figures = [("registered", 1, 2), ("active", 0, 0), ("eliminated", 1, 2), ("ended", 0, 0)]
    assert await counted(them) == figures
    assert await due(them, target) == ["follow_up"]


async def test_a_later_elimination_goes_on_for_a_household_that_was_eliminated_before(them, left, followed):
    target = await neighbour(them)
    earlier = await registered_there(them, target, "2022-09-01", "2023-02-01")
    await merged(them, left, target)
    assert await shown(them, target) == ("2", "2022-03-01", "2023-11-20"), "also where it was registered earlier"
    over, goes_on = await them.read(earlier), await them.read(followed)
    assert (over["follow_up"], over["state"], over["merged_into"]) == (None, "natural_end", followed["id"])
    assert (goes_on["state"], goes_on["merged_cases"]) == ("follow_up", [earlier["id"]])
    assert goes_on["follow_up"] is not None
    again = await them.dispatched(target)
    assert again["previous_case_id"] == followed["id"], "the one before is the one that went on"


async def test_what_was_known_before_a_merger_is_counted_as_it_was(them, left, followed):
    target = await neighbour(them)
    await registered_there(them, target, "2022-09-01", "2024-02-01")
    before = made(await them.county.get("/statistics/figures"))
    await merged(them, left, target)
    asked = {"on": before["on"], "known_at": before["known_at"]}
    assert made(await them.county.get("/statistics/figures", params=asked))["groups"] == before["groups"]
    figures = [("registered", 1, 2), ("active", 0, 0), ("eliminated", 1, 2), ("ended", 0, 0)]
    assert await counted(them) == figures, "once, though two cases name an elimination"


async def test_who_joins_a_monitored_household_is_visited_as_such(them, left, followed):
    target = await neighbour(them)
    helped = await registered_there(them, target, "2023-05-01")
    await merged(them, left, target)
    assert (await shown(them, target), await due(them, target)) == (("2", "2023-05-01", None), ["monitored"])
    goes_on, over = await them.read(helped), await them.read(followed)
    assert (goes_on["state"], goes_on["merged_cases"]) == ("measures_active", [followed["id"]])
    assert (over["follow_up"], over["state"], over["merged_into"]) == (None, "natural_end", helped["id"])
    waiting = made(await them.cadre.get("/todos"))["items"]
    assert over["id"] not in {one["subject_id"] for one in waiting}
    assert left["id"] not in {one["household_id"] for one in waiting}
    assert await counted(them) == [("registered", 1, 2), ("active", 1, 2), ("eliminated", 0, 0), ("ended", 0, 0)]


async def test_a_registered_case_prevails_in_a_household_that_was_registered_later_and_eliminated(them, left):
    helped = await registered_there(them, left, "2022-03-01")
    target = await neighbour(them)
    await registered_there(them, target, "2023-05-01", "2024-02-01")
    await merged(them, left, target)
    assert (await shown(them, target), await due(them, target)) == (("2", "2022-03-01", None), ["monitored"])
    assert (await them.read(helped))["household_id"] == target["id"]


async def test_a_case_that_runs_names_the_one_whose_people_joined_its_household(them, left, followed):
    target = await neighbour(them)
    running = await them.dispatched(target)
    await merged(them, left, target)
    assert (await them.read(running))["previous_case_id"] == followed["id"]
    assert await due(them, target) == ["follow_up"], "until it is registered anew"


async def split_off(them, home: dict[str, Any]) -> Any:
    now = made(await them.cadre.get(f"/households/{home['id']}"))
    leaving = [{"person_id": now["members"][-1]["id"], "relation": "02"}]
    body = {"region": str(them.village), "on": str(them.program.clock.today()), "leaving": leaving}
    headers = {"If-Match": f'"{now["version"]}"'}
    return made(await them.cadre.post(f"/households/{home['id']}/split", json=body, headers=headers))["other"]


@pytest.mark.parametrize("eliminated_on", ["2023-11-20", None])
async def test_after_a_split_the_visits_stay_and_who_left_is_judged_on_their_own(them, eliminated_on):
    home = await family(them, 3)
    case = await registered_there(them, home, "2022-03-01", eliminated_on)
    reason = "follow_up" if eliminated_on else "monitored"
    other = await split_off(them, home)
    read = await them.read(case)
    told = [step["details"] for step in read["history"] if step["action"] == "change_household"]
    assert (read["household_id"], told) == (home["id"], [{"split_off": other["id"]}])
    assert (await due(them, home), await due(them, other)) == ([reason], [])
    [clue] = made(await them.county.get("/clues", params={"state": "open"}))["items"]
    assert (clue["household_id"], clue["severity"]) == (other["id"], "M")
    assert len(made(await them.county.get(f"/clues/{clue['id']}"))["hits"]) == 1, "it is reported once"
    begun = made(await them.dispatch(clue))
    assert begun["previous_case_id"] == case["id"], "the case of the household that it split off from"
    declined = made(await them.do(them.cadre, begun, "decline", signed_by="王小明", given_by="electronic"))
    assert (await them.dispatched(other))["previous_case_id"] == declined["id"], "from then on its own"


async def test_a_household_that_split_off_names_the_case_before_also_as_the_national_system_tells_of_it(them):
    home = await family(them, 3)
    case = await registered_there(them, home, "2022-03-01")
    other = await split_off(them, home)
    assert (await registered_there(them, other, "2024-06-01"))["previous_case_id"] == case["id"]


async def test_a_split_long_after_an_elimination_asks_nothing_of_anybody(them):
    home = await family(them, 3)
    await registered_there(them, home, "2020-03-01", "2021-03-01")
    await decreed(them, "visits.follow_up.months", "integer", 12)
    await split_off(them, home)
    assert made(await them.county.get("/clues", params={"state": "open"}))["items"] == []
