"""Have entitlements worked out, and read a person's sheet."""

from __future__ import annotations

from services.monitoring.entitlements.jobs import COMPUTE
from tests.services.monitoring.screening import county_data as county


async def looked(asks, monitoring):
    answer = await asks().post("/entitlement-runs", json={})
    assert answer.status_code == 202, answer.text
    async with county.working(monitoring, [COMPUTE]):
        done = await county.ended(monitoring, answer.json()["job_id"])
    assert done.state == "succeeded", (done.error_code, done.error)
    return done.result


async def sheet(client, person_id, **query):
    answer = await client.get(f"/persons/{person_id}/entitlements", params=query)
    assert answer.status_code == 200, answer.text
    return {one["policy_id"]: one for one in answer.json()["items"]}
