"""Visits as a cadre records them, and what is due."""

from __future__ import annotations


async def dues(client, **query):
    answer = await client.get("/visit-dues", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def visited(client, home, **changes):
    answer = await client.post("/visits", json={"household_id": home["id"], "visited_on": "2024-06-03"} | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()
