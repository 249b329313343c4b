"""A registered case goes on for the household that its people joined, and is counted once on every day."""

from __future__ import annotations

from typing import Any

from tests.personas import household
from tests.services.monitoring.cases.village import made


async def test_a_registered_case_goes_on_for_the_household_that_its_people_joined(them, chen, lines):
    target = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
    case = await them.registered(chen)
    them.program.clock.move(days=2)
    source = made(await them.cadre.get(f"/households/{chen['id']}"))
    relations = [{"person_id": one["id"], "relation": "97"} for one in source["members"]]
    body = {"into": target["id"], "into_version": target["version"], "on": "2024-06-10", "relations": relations}
    headers = {"If-Match": f'"{source["version"]}"'}
    made(await them.cadre.post(f"/households/{chen['id']}/merge", json=body, headers=headers))
    read = await them.read(case)
    assert (read["household_id"], read["state"]) == (target["id"], "registered")
    joined, ended = [made(await them.cadre.get(f"/households/{one['id']}")) for one in (target, chen)]
    assert (joined["monitoring_type"], joined["registered_on"], joined["risks"]) == (
        "3",
        "2024-06-08",
        ["01", "02", "03"],
    )
    assert (ended["state"], ended["monitoring_type"]) == ("merged", None)
    facts = made(await them.cadre.get(f"/households/{chen['id']}/monitoring"))["facts"]
    assert [(one["ended_as"], one["ended_on"]) for one in facts] == [(None, None), ("merged", "2024-06-10")]

    async def counted(**on: Any) -> list[tuple[str, int, int]]:
        [group] = made(await them.county.get("/statistics/figures", params=on))["groups"]
        return [(one["figure"], one["households"], one["persons"]) for one in group["figures"]]

    before = [("registered", 1, 5), ("active", 1, 5), ("eliminated", 0, 0), ("ended", 0, 0)]
    assert await counted(on="2024-06-09") == before
    assert await counted() == [(name, households, persons and 6) for name, households, persons in before]
