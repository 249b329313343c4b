"""Who is asked once more before a household leaves, for how long, and how long its list hangs, as its area decides."""

from __future__ import annotations

from tests.services.monitoring.cases.leaving import (
    OUT,
    decreed,
    met_out,
    propose,
    published_out,
    until,
    verified_out,
)
from tests.services.monitoring.cases.village import made, ref, refused


async def test_an_area_may_give_more_days_to_departments_and_to_its_list(them, chen, ready):
    await decreed(them, "cases.elimination.comparison_days", "integer", 3)
    await decreed(them, "cases.elimination.publicity_days", "integer", 7)
    case = await verified_out(them, made(await propose(them, ready)))
    waiting = await them.county.post("/cases/compare", json={"cases": [ref(case)]})
    assert "2025-07-10" in waiting.json()["errors"][0]["message"]
    [case] = await them.compared(case)
    read = await them.read(case)
    assert (case["state"], read["elimination_compared_on"]) == ("elim_verified", "2025-07-07")
    assert read["compared_on"] == "2024-06-05", "the way in keeps its own comparison"
    shown = await published_out(them, await met_out(them, case))
    assert shown["days"] == 7


async def test_a_returned_elimination_asks_nobody_any_longer_and_another_asks_anew(them, chen, ready):
    async def asked_on():
        open_ones = {"case_id": ready["id"], "state": "open", "limit": 200}
        items = made(await them.county.get("/comparison-requests", params=open_ones))["items"]
        return {(one["asked_on"], one["due_at"][:10]) for one in items}

    case = await verified_out(them, made(await propose(them, ready)))
    assert await asked_on() == {("2025-07-07", "2025-07-09")}
    back = {"approved": False, "reason": "doubtful"}
    [case] = made(await them.at_town(case, **back))["items"]
    assert (case["state"], await asked_on()) == ("measures_active", set())
    until(them, "2025-07-14")
    case = await verified_out(them, made(await propose(them, case)))
    assert await asked_on() == {("2025-07-14", "2025-07-16")}
    assert refused(await them.meet(case, purpose="elimination")) == ["not_compared"]


async def test_an_area_may_spare_its_departments_the_second_question(them, chen, ready):
    await decreed(them, "cases.elimination.comparison_days", "integer", 0, effective_to="2025-07-07")
    case = made(await propose(them, ready))
    made(await them.do(them.cadre, case, "verifications", **OUT))
    seen = await them.read(case)
    said = {"verification_id": seen["verifications"][-1]["id"], "confirmed": True}
    case = made(await them.do(them.second, seen, "second", **said))
    # What the area decides from now on is for those that are proposed from now on.
    until(them, "2025-07-08")
    await decreed(them, "cases.elimination.comparison_days", "integer", 3, effective_from="2025-07-08")
    case = await met_out(them, case)
    assert (case["state"], case["elimination_compared_on"]) == ("elim_reviewed", None)
    back = {"approved": False, "reason": "doubtful"}
    [case] = made(await them.at_town(case, **back))["items"]
    case = made(await propose(them, case))
    assert (await them.read(case))["elimination_comparison_days"] == 3


async def test_departments_that_were_asked_are_waited_for_whatever_the_area_decides_meanwhile(them, chen, ready):
    case = await verified_out(them, made(await propose(them, ready)))
    await decreed(them, "cases.elimination.comparison_days", "integer", 0)
    assert refused(await them.meet(case, purpose="elimination")) == ["not_compared"]
    [case] = await them.compared(case)
    assert (await met_out(them, case))["state"] == "elim_reviewed"
