"""A household that moves to the next village or another county, or is changed in another way."""

from __future__ import annotations

from typing import Any

from tests.services.monitoring.cases.village import made

NEXT_VILLAGE, NEXT_COUNTY, THERE = 610999101204, 610998000000, 610998101203


async def moved(them, home: dict[str, Any], there: Any, region: int, village: int) -> None:
    now = made(await them.county.get(f"/households/{home['id']}"))
    today = str(them.program.clock.today())
    offer = {"to_region": str(region), "effective_on": today, "reason": "搬迁"}
    headers = {"If-Match": f'"{now["version"]}"'}
    offered = made(await them.county.post(f"/households/{home['id']}/transfers", json=offer, headers=headers))
    headers = {"If-Match": f'"{offered["version"]}"'}
    made(await there.post(f"/transfers/{offered['id']}/accept", json={"region": str(village)}, headers=headers))


async def changed(them, home: dict[str, Any], step: str, **body: Any) -> Any:
    now = made(await them.county.get(f"/households/{home['id']}"))
    headers = {"If-Match": f'"{now["version"]}"'}
    return made(await them.county.post(f"/households/{home['id']}/{step}", json=body, headers=headers))
