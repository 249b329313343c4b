"""Who holds a case on its way out is told so, step by step; and the county once all departments have answered."""

from __future__ import annotations

from tests.services.monitoring.cases.leaving import (
    OUT,
    compared_out,
    decreed,
    met_out,
    propose,
    published_out,
    until,
    verified_out,
)
from tests.services.monitoring.cases.village import made, ref, vote
from tests.services.monitoring.todo.asking import todos

BESIDE_PUBLICITY = [
    "limit 15 calendar", "dispatched 1", "verified 3", "compared beside publicity", "village_reviewed 1",
    "publicity 5", "passed 1", "town_ok 1", "county_ok 1", "registered 0",
]  # fmt: skip


async def waiting(them, case):
    """By level, what waits for it about a case, and until when."""
    found = {}
    for level in ("cadre", "second", "town", "county"):
        for one in await todos(getattr(them, level)):
            if one["subject_id"] == case["id"]:
                found[level] = one["kind"], one["due_on"]
    return found


async def test_an_elimination_waits_for_whoever_has_its_next_word(them, chen, ready):
    case = made(await propose(them, ready))
    assert (case["step"], case["holder"], case["due_on"]) == (None, "village", "2025-07-10")
    assert await waiting(them, case) == dict.fromkeys(("cadre", "second"), ("case_elimination", "2025-07-10"))

    made(await them.do(them.cadre, case, "verifications", **OUT))
    assert await waiting(them, case) == dict.fromkeys(("second", "town"), ("case_second", "2025-07-10")), (
        "whoever recorded it is not the second person"
    )
    case = await verified_out(them, await them.read(case))
    assert (case["holder"], case["due_on"], await waiting(them, case)) == ("department", "2025-07-09", {})
    await them.answered()
    assert await waiting(them, case) == {"county": ("case_elimination", "2025-07-09")}
    until(them, "2025-07-08")
    [case] = await them.compared(case)
    assert await waiting(them, case) == dict.fromkeys(("cadre", "second"), ("case_elimination", "2025-07-11"))
    case = await met_out(them, case)
    until(them, "2025-07-11")
    await published_out(them, case)
    assert await waiting(them, case) == {"town": ("case_elimination", "2025-07-19")}, "three days after the 16th"

    until(them, "2025-07-13")
    case = made(await them.do(them.cadre, await them.read(case), "objections", words="仍有困难"))
    assert await waiting(them, case) == {"town": ("case_elimination", "2025-07-16")}
    until(them, "2025-07-14")
    case = made(await them.do(them.other_town, case, "settle-objection", upheld=False, finding="经核不属实"))
    assert await waiting(them, case) == {"town": ("case_elimination", "2025-07-20")}, "the list hangs to the 17th"
    until(them, "2025-07-17")
    [case] = made(await them.at_town(case))["items"]
    assert await waiting(them, case) == {"county": ("case_elimination", "2025-07-20")}
    [case] = made(await them.at_county(case))["items"]
    until(them, "2025-07-19")
    found = await them.county.get("/cases", params={"holder": "county", "due_by": "2025-07-20"})
    assert [one["id"] for one in made(found)["items"]] == [case["id"]]
    case = made(await them.do(them.county, case, "eliminate"))
    assert (case["holder"], case["due_on"], await waiting(them, case)) == (None, None, {})


async def test_an_areas_own_days_hold_on_the_way_out_and_what_is_late_is_told_above(them, chen, ready):
    await decreed(them, "cases.elimination.step_days", "integer", 1)
    case = made(await propose(them, ready))
    assert case["due_on"] == "2025-07-08"
    until(them, "2025-07-09")
    [late] = [one for one in await todos(them.town) if one["subject_id"] == case["id"]]
    assert (late["holder"], late["timeliness"], late["is_escalated"]) == ("village", "late", True)
    case = await compared_out(them, await them.read(case))
    back = [ref(case) | {"approved": False, "reason": "procedure"}]
    [case] = made(await them.town.post("/cases/town-decisions", json={"cases": back}))["items"]
    assert (case["state"], case["holder"], case["due_on"]) == ("measures_active", None, None)


async def test_a_comparison_waits_for_the_county_as_soon_as_every_department_has_answered(them, home):
    await them.sign(home)
    case = await them.verified(await them.dispatched(home))
    assert (case["holder"], await waiting(them, case)) == ("department", {})
    await them.answered()
    assert (await them.read(case))["holder"] == "county"
    assert await waiting(them, case) == {"county": ("case_compare", "2024-06-07")}
    for holder, ids in (("department", []), ("county", [case["id"]])):
        found = made(await them.county.get("/cases", params={"holder": holder}))["items"]
        assert [one["id"] for one in found] == ids


async def test_a_comparison_that_runs_beside_is_nobodys_fault_in_the_village_and_ends_with_the_case(them, home):
    await decreed(them, "cases.plan", "list", BESIDE_PUBLICITY)
    await them.sign(home)
    case = await them.verified(await them.dispatched(home))
    assert (case["step"], case["holder"]) == ("village_reviewed", "village"), "it runs beside the publicity"
    [case] = await them.met(case)
    shown = await them.published(case)
    case = await them.read(case)
    assert (case["step"], case["holder"], case["due_on"]) == ("compared", "department", "2024-06-15")
    await them.answered()
    assert await waiting(them, case) == {"county": ("case_compare", "2024-06-15")}
    [case] = await them.compared(case)
    assert (case["step"], case["holder"]) == ("passed", "village")
    them.program.clock.move(days=5)
    assert made(await them.let_pass(shown))["state"] == "over"


async def test_departments_are_asked_no_longer_about_a_household_that_the_village_refused(them, home):
    await decreed(them, "cases.plan", "list", BESIDE_PUBLICITY)
    await them.sign(home)
    case = await them.verified(await them.dispatched(home))
    told = {"outcome": "refused", "in_favour": 0, "against": 9, "reason": "assets", "told_on": "2024-06-03"}
    made(await them.meet(cases=[vote(case, **told, told_how="written")]))
    for state, some in (("open", False), ("closed", True)):
        query = {"case_id": case["id"], "state": state}
        assert bool(made(await them.county.get("/comparison-requests", params=query))["items"]) is some


async def test_the_county_is_told_to_end_the_case_of_a_household_of_which_nobody_is_left(them, home):
    case = await them.dispatched(home)
    away = {"on": "2024-06-03", "reason": "外迁"}
    headers = {"If-Match": f'"{home["version"]}"'}
    made(await them.cadre.post(f"/households/{home['id']}/move-out", json=away, headers=headers))
    assert await todos(them.cadre) == [], "nobody is left whom a village could verify"
    [waits] = await todos(them.county)
    assert (waits["kind"], waits["due_on"], waits["household_id"], waits["path"]) == (
        "case_elimination", "2024-06-06", home["id"], f"/cases/{case['id']}",
    )  # fmt: skip
    made(await them.do(them.county, await them.read(case), "end-naturally", reason="all_moved"))
    assert await todos(them.county) == []
    assert await waiting(them, case) == {}


async def test_a_village_is_not_asked_to_plan_help_for_a_household_of_which_nobody_is_left(them, chen, lines):
    case = await them.registered(chen)
    assert await waiting(them, case) == dict.fromkeys(("cadre", "second"), ("help_plan", "2024-06-18"))
    now = made(await them.cadre.get(f"/households/{chen['id']}"))
    away = {"on": "2024-06-08", "reason": "外迁"}
    headers = {"If-Match": f'"{now["version"]}"'}
    made(await them.cadre.post(f"/households/{chen['id']}/move-out", json=away, headers=headers))
    assert await waiting(them, case) == {"county": ("case_elimination", "2024-06-11")}
