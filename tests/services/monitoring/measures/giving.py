"""Measures as a cadre starts them."""

from __future__ import annotations


def member(home, name):
    return next(one["id"] for one in home["members"] if one["name"] == name)


def post_of(home, **changes):
    wife = member(home, "李秀兰")
    said = {"kind": "public_post", "description": "保洁员", "amount": "600.00", "person_id": wife, "source": "协议"}
    return said | {"risks": ["07"], "started_on": "2024-05-01", "planned_end_on": "2025-04-30"} | changes


async def started(client, home, body):
    answer = await client.post(f"/households/{home['id']}/measures", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()
