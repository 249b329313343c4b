"""Registered and eliminated households of an export have cases, without a plan, dues or clocks for the past."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, VILLAGE
from tests.services.monitoring.cases.village import Officials, made
from tests.services.monitoring.national.national_files import DASHAN, MONITORED, XIULAN, member, table

ENDED = {"eliminated_on": "2024-05-20", "elimination_mode": "帮扶消除"}


async def cases(county) -> list[dict[str, Any]]:
    return (await county.get("/cases"))["items"]


async def books(county) -> tuple[Any, Any]:
    """户 by state of both books: of the facts, and of the cases."""
    figures = await county.get("/statistics/figures", region=str(COUNTY))
    [group] = figures["groups"]
    facts = {one["figure"]: one["households"] for one in group["figures"]}
    open_states = "('registered', 'measures_active')"
    counted = await county.ask(
        f"SELECT count(*) AS registered, count(*) FILTER (WHERE state IN {open_states}) AS active,"
        " count(*) FILTER (WHERE state IN ('eliminated', 'follow_up')) AS eliminated"
        " FROM monitoring_case WHERE registered_on IS NOT NULL AND NOT EXISTS ("
        " SELECT FROM monitoring_case AS later WHERE later.previous_case_id = monitoring_case.id"
        " AND later.registered_on IS NOT NULL)"
    )
    own = {"registered": counted[0].registered, "active": counted[0].active, "eliminated": counted[0].eliminated}
    return {name: facts[name] for name in own}, own


async def test_a_registered_and_an_eliminated_household_have_a_case_each_and_again_changes_nothing(county):
    content = table(DASHAN | MONITORED, XIULAN | MONITORED, member(**MONITORED | ENDED), member())
    job = await county.imports(content, exported_on="2024-05-31")
    assert job["result"]["cases"] == 2
    active, ended = sorted(await cases(county), key=lambda one: one["state"], reverse=True)
    assert (active["state"], active["origin"], active["registered_on"], active["monitoring_type"]) == (
        "measures_active", "migrated", "2024-05-17", "3",
    )  # fmt: skip
    assert (active["step"], active["due_on"], active["timeliness"]) == (None, None, None)
    read = await county.get(f"/cases/{active['id']}")
    assert (read["plan"], read["limit_days"], read["risks"]) == ([], None, ["01", "02"])
    [step] = read["history"]
    assert (step["action"], step["on_day"], step["details"]) == (
        "take_over", "2024-05-31", {"export": job["export_id"]},
    )  # fmt: skip
    read = await county.get(f"/cases/{ended['id']}")
    assert (read["state"], read["eliminated_on"], read["elimination_mode"]) == ("follow_up", "2024-05-20", "helped")
    facts, own = await books(county)
    assert facts == own == {"registered": 2, "active": 1, "eliminated": 1}

    again = await county.imports(content, exported_on="2024-06-01")
    assert (again["result"]["cases"], again["result"]["unchanged"]) == (0, 3)
    assert {one["version"] for one in await cases(county)} == {1}


async def test_a_later_export_carries_the_case_on_and_a_new_registration_begins_another(county):
    await county.imports(table(DASHAN | MONITORED), exported_on="2024-05-18")
    [first] = await cases(county)
    job = await county.imports(table(DASHAN | MONITORED | ENDED | {"risk_2": "因残"}), exported_on="2024-05-25")
    assert job["result"]["cases"] == 1
    [case] = await cases(county)
    assert (case["id"], case["state"], case["version"]) == (first["id"], "follow_up", 2)
    await county.imports(table(DASHAN | MONITORED | {"registered_on": "2024-05-28"}), exported_on="2024-05-31")
    again = next(one for one in await cases(county) if one["id"] != first["id"])
    assert (again["state"], again["registered_on"], again["previous_case_id"]) == (
        "measures_active", "2024-05-28", first["id"],
    )  # fmt: skip
    facts, own = await books(county)
    assert facts == own == {"registered": 1, "active": 1, "eliminated": 0}


async def test_a_case_of_our_own_keeps_what_it_says_and_the_difference_is_reported(county, monitoring, asks):
    await county.imports(table(DASHAN, XIULAN), exported_on="2024-05-18")
    [home] = (await county.get("/households"))["items"]
    them = Officials(monitoring, asks)
    case = made(await them.dispatch(await them.report(home)))
    job = await county.imports(table(DASHAN | MONITORED, XIULAN | MONITORED), exported_on="2024-05-31")
    assert (job["result"]["cases"], job["result"]["monitoring"]) == (0, 0)
    [kept] = await cases(county)
    assert (kept["id"], kept["state"], kept["version"]) == (case["id"], "dispatched", 1)
    [difference] = await county.differences(job, "households", "differing")
    said = {one["fact"]: (one["there"], one["here"]) for one in difference["facts"]}
    assert said["registered_on"] == ("2024-05-17", None)


async def test_a_case_that_was_taken_over_is_worked_on_and_relapses_into_a_linked_one(county, monitoring, asks):
    ended = MONITORED | ENDED
    await county.imports(table(DASHAN | ended, XIULAN | ended), exported_on="2024-05-31")
    [case] = await cases(county)
    [home] = (await county.get("/households"))["items"]
    them = Officials(monitoring, asks)
    again = made(await them.dispatch(await them.report(home)))
    assert (again["origin"], again["previous_case_id"], again["step"]) == ("clue", case["id"], "verified")
    job = await county.imports(table(DASHAN | ended, XIULAN | ended), exported_on="2024-06-01")
    assert job["result"]["cases"] == 0
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    assert len((await cadre.get("/cases", params={"state": "follow_up"})).json()["items"]) == 1


async def test_the_yearly_update_of_a_window_that_was_over_before_the_take_over_is_not_awaited(
    county, monitoring, asks
):
    past = MONITORED | {"registered_on": "2022-05-17", "eliminated_on": "2023-05-20", "elimination_mode": "帮扶消除"}
    await county.imports(table(DASHAN | past, XIULAN | past), exported_on="2024-05-31")
    [case] = await cases(county)
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)

    async def awaited() -> tuple[bool, bool, list[str], list[str]]:
        follow = made(await cadre.get(f"/cases/{case['id']}"))["follow_up"]
        listed = made(await cadre.get("/cases", params={"update_awaited": True}))["items"]
        todos = [
            one["subject_id"] for one in made(await cadre.get("/todos"))["items"] if one["kind"] == "yearly_update"
        ]
        return follow["updated"], follow["update_late"], [one["id"] for one in listed], todos

    assert await awaited() == (True, False, [], []), "the window of 2023 was the other system's"
    monitoring.clock.move(days=(date(2024, 12, 5) - monitoring.clock.today()).days)
    assert await awaited() == (False, True, [case["id"]], [case["id"]]), "that of 2024 is ours"
