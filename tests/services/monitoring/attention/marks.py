"""Mark people, and read which marks stand and which carers are missing."""

from __future__ import annotations

MARK = {"kind": "left_behind_child", "starts_on": "2024-05-01", "source": "民政台账"}
KINDS = ("neighbour", "teacher", "cadre", "volunteer_team")


async def marked(client, person_id, **changes):
    answer = await client.post(f"/persons/{person_id}/attention", json=MARK | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def marks(client, **query):
    found = (await client.get("/attention", params=query)).json()["items"]
    return {(one["person_id"], one["kind"]): one for one in found}


async def missing(client):
    found = (await client.get("/findings")).json()["items"]
    prefix = "register_carer_missing_"
    return sorted(one["code"].removeprefix(prefix) for one in found if one["code"].startswith(prefix))
