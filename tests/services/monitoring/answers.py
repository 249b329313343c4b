"""What tests read in an answer, and say of it in the next request."""

from __future__ import annotations

from typing import Any

import httpx


def match(document: dict[str, Any]) -> dict[str, str]:
    """The header by which a change says which version it is of."""
    return {"If-Match": f'"{document["version"]}"'}


def member(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A household's member of this name."""
    found: dict[str, Any] = next(one for one in document["members"] if one["name"] == name)
    return found


def codes(answer: httpx.Response) -> set[str]:
    """Of every guard that refused."""
    return {error["code"] for error in answer.json()["errors"]}


async def reported(cadre: httpx.AsyncClient, county: httpx.AsyncClient, household: dict[str, Any]) -> dict[str, Any]:
    """The case of a household that a cadre reported and the county dispatched."""
    report = {"household_id": household["id"], "risk": "01", "description": "妻子住院"}
    assert (await cadre.post("/reports", json=report)).status_code == 201
    found = (await county.get("/clues")).json()["items"]
    [clue] = [one for one in found if one["household_id"] == household["id"]]
    sent = await county.post(f"/clues/{clue['id']}/dispatch", json={}, headers=match(clue))
    assert sent.status_code == 200, sent.text
    case: dict[str, Any] = sent.json()
    return case
