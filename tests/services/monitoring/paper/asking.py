"""Papers asked for, and why some are refused."""

from __future__ import annotations

from typing import Any

import httpx

NEXT_VILLAGE = 610999101204


async def papers(client: httpx.AsyncClient, *forms: str, **selection: Any) -> httpx.Response:
    return await client.post("/papers", json={"forms": list(forms), "purpose": "入户核查", **selection})


async def faults(client: httpx.AsyncClient, **selection: Any) -> list[tuple[str, str]]:
    answer = await papers(client, "card", **selection)
    assert answer.status_code == 422, answer.text
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
