"""What becomes of a household while its case runs: it splits, joins another one, moves away, or somebody dies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.services.monitoring.cases.village import made

if TYPE_CHECKING:
    from tests.journeys.acceptance.histories import History


async def split(on: History, home: dict[str, Any], _case: Any) -> httpx.Response | None:
    """Whoever came last founds a household of their own in the same village, which takes part from then on."""
    whole = await _read(on, home)
    if whole["state"] != "active" or len(whole["members"]) < 2:
        return None
    leaving = [{"person_id": whole["members"][-1]["id"], "relation": "02"}]
    body = {"region": whole["region"], "on": _today(on), "leaving": leaving}
    answer = await _change(on, f"/households/{home['id']}/split", body, whole)
    if answer.is_success:
        on.homes.append(answer.json()["other"])
    return answer


async def merge(on: History, home: dict[str, Any], _case: Any) -> httpx.Response | None:
    """Everybody joins the first other household of the village."""
    into = next((one for one in on.homes if one["id"] != home["id"] and _together(on, one, home)), None)
    if into is None:
        return None
    whole, target = await _read(on, home), await _read(on, into)
    relations = [{"person_id": one["id"], "relation": "97"} for one in whole["members"]]
    body = {"into": into["id"], "into_version": target["version"], "on": _today(on), "relations": relations}
    return await _change(on, f"/households/{home['id']}/merge", body, whole)


async def move_away(on: History, home: dict[str, Any], _case: Any) -> httpx.Response | None:
    """The household moves to the other village: the county offers, and takes in."""
    whole = await _read(on, home)
    if whole["state"] != "active":
        return None
    there = str(next(village for village in on.here if village != on.them.village))
    offer = {"to_region": there, "effective_on": _today(on), "reason": "搬迁"}
    answer = await _change(on, f"/households/{home['id']}/transfers", offer, whole)
    if not answer.is_success:
        return answer
    accepted = f"/transfers/{answer.json()['id']}/accept"
    made(await _change(on, accepted, {"region": there}, answer.json()))
    return answer


async def leave(on: History, home: dict[str, Any], _case: Any) -> httpx.Response | None:
    """The household leaves the county, and nobody takes it in."""
    whole = await _read(on, home)
    if whole["state"] != "active":
        return None
    body = {"on": _today(on), "reason": "外迁"}
    return await _change(on, f"/households/{home['id']}/move-out", body, whole)


async def come_back(on: History, home: dict[str, Any], _case: Any) -> httpx.Response | None:
    """A household that had left lives here again."""
    whole = await _read(on, home)
    if whole["state"] != "moved_out":
        return None
    return await _change(on, f"/households/{home['id']}/move-back", {"on": _today(on)}, whole)


async def die(on: History, home: dict[str, Any], _case: Any) -> httpx.Response | None:
    """Whoever came last dies; with the head, who was there first, the household ends."""
    whole = await _read(on, home)
    if whole["state"] != "active":
        return None
    last = whole["members"][-1]
    return await _change(on, f"/persons/{last['id']}/record-death", {"on": _today(on)}, last)


def _together(on: History, one: dict[str, Any], other: dict[str, Any]) -> bool:
    seen = [on.present(home) for home in (one, other)]
    return all(home["state"] == "active" for home in seen) and seen[0]["region"] == seen[1]["region"]


async def _read(on: History, home: dict[str, Any]) -> dict[str, Any]:
    """The household with those who live."""
    found: dict[str, Any] = made(await on.them.county.get(f"/households/{home['id']}"))
    return found | {"members": [one for one in found["members"] if one["state"] == "active"]}


async def _change(on: History, path: str, body: dict[str, Any], read: dict[str, Any]) -> httpx.Response:
    return await on.them.county.post(path, json=body, headers={"If-Match": f'"{read["version"]}"'})


def _today(on: History) -> str:
    return str(on.them.program.clock.today())
