"""A household that another one joins, and the figures that count both."""

from __future__ import annotations

from typing import Any

from tests.personas import household
from tests.services.monitoring.cases.village import made


async def neighbour(them) -> dict[str, Any]:
    found: dict[str, Any] = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
    return found


async def merged(them, left: dict[str, Any], into: dict[str, Any]) -> None:
    source, target = [made(await them.cadre.get(f"/households/{one['id']}")) for one in (left, into)]
    relations = [{"person_id": one["id"], "relation": "97"} for one in source["members"]]
    body = {"into": target["id"], "into_version": target["version"], "on": str(them.program.clock.today())}
    headers = {"If-Match": f'"{source["version"]}"'}
    merging = body | {"relations": relations}
    made(await them.cadre.post(f"/households/{left['id']}/merge", json=merging, headers=headers))


async def counted(them, **on: Any) -> list[tuple[str, int, int]]:
    [group] = made(await them.county.get("/statistics/figures", params=on))["groups"]
    return [(one["figure"], one["households"], one["persons"]) for one in group["figures"]]
