"""The loop has a clock: days from the change at its source to each stage, the same when asked again."""

from __future__ import annotations

import asyncio

from tests.personas import household
from tests.services.monitoring.cases.leaving import measure
from tests.services.monitoring.cases.village import made


async def asked(client, **query):
    return made(await client.get("/statistics/durations", params=query))


def told(answer):
    return {
        one["stage"]: (one["cases"], one["p50_days"], one["p90_days"], one["longest_days"])
        for one in answer["durations"]
    }


async def test_stages_are_counted_from_the_change_and_by_the_cases_that_came_so_far(monitoring, them, chen, lines):
    assert set(told(await asked(them.county)).values()) == {(0, None, None, None)}
    await them.registered(chen)  # five days of publicity, all else on its own day
    monitoring.clock.move(days=7)
    other = made(await them.cadre.post("/households", json=household()))
    begun = await them.dispatched(other)
    given = {"kind": "health", "description": "家庭医生签约", "risks": ["01"], "source": "乡卫生院"}
    made(await them.cadre.post(f"/households/{chen['id']}/measures", json=given))
    now = await asked(them.county)
    assert (now["since"], now["until"], now["cases"]) == ("2023-06-17", "2024-06-15", 2)
    assert told(now) == {
        "hit": (2, 0, 0, 0),
        "verified": (1, 0, 0, 0),
        "registered": (1, 5, 5, 5),
        "first_measure": (1, 12, 12, 12),
        "eliminated": (0, None, None, None),
    }
    await them.sign(other)
    await them.verified(begun)
    pinned = {name: now[name] for name in ("since", "until", "known_at")}
    assert await asked(them.county, **pinned) == now
    assert told(await asked(them.county))["verified"] == (2, 0, 0, 0)


async def test_what_joins_or_is_amended_later_leaves_the_figures_of_then_as_they_were(monitoring, them, chen, lines):
    case = await them.dispatched(chen)
    given = {"kind": "health", "description": "家庭医生签约", "risks": ["01"], "source": "乡卫生院"}
    begun = await them.cadre.post(f"/households/{chen['id']}/measures", json=given)
    first = await asked(them.county)
    assert told(first)["first_measure"] == (1, 0, 0, 0)
    monitoring.clock.move(days=3)
    made(await them.dispatch(await them.report(chen, risk="02")))  # joins the open case
    path, headers = f"/measures/{begun.json()['id']}", {"If-Match": '"1"'}
    said = {"started_on": "2024-06-06", "reason": "签约日期写错"}
    made(await them.cadre.patch(path, json=said, headers=headers))
    pinned = {name: first[name] for name in ("since", "until", "known_at")}
    assert await asked(them.county, **pinned) == first
    assert told(await asked(them.county))["first_measure"] == (1, 3, 3, 3)
    gone = await them.cadre.post(f"{path}/withdraw", json={"reason": "未签约"}, headers={"If-Match": '"2"'})
    assert gone.status_code == 200, gone.text
    assert await asked(them.county, **pinned) == first
    assert told(await asked(them.county))["first_measure"] == (0, None, None, None)
    assert (await them.read(case))["id"] == case["id"]


async def test_a_period_that_ends_before_it_begins_is_refused(them):
    answer = await them.county.get("/statistics/durations", params={"since": "2024-06-02", "until": "2024-06-01"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "period_out_of_order")


async def test_figures_are_told_apart_by_basis(them, chen, lines):
    await them.registered(chen)
    groups = made(await them.county.get("/statistics/figures", params={"by": "basis"}))["groups"]
    assert [(group["key"], group["figures"][0]["households"]) for group in groups] == [("shock", 1)]
    path = groups[0]["figures"][0]["list"].removeprefix("/v1/monitoring")
    listed = made(await them.county.get(path))["items"]
    assert [row["id"] for row in listed] == [chen["id"]]
    other = {"figure": "registered", "basis": "taken_over"}
    assert made(await them.county.get("/statistics/households", params=other))["items"] == []


async def test_a_step_and_help_at_the_same_moment_are_both_known_afterwards(them, chen, lines):
    case = await them.approved(chen)
    help_given = measure(them, chen, "health", "01")
    step, _given = await asyncio.gather(them.do(them.cadre, case, "register"), help_given)
    assert step.status_code == 200, step.text
    now = told(await asked(them.county))
    assert (now["registered"], now["first_measure"]) == ((1, 5, 5, 5), (1, 5, 5, 5))
