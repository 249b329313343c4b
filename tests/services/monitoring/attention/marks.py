"""Mark people, and read which marks stand and which carers are missing."""

from __future__ import annotations

from datetime import date

from chassis.jobs.sweeps import SweepRun
from chassis.testing.programs import COUNTY
from services.monitoring.attention.actions.findings import CARERS
from services.monitoring.attention.actions.listed import LISTED
from services.monitoring.visits.actions.refresh import DUES

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


async def night(monitoring, day=date(2024, 6, 3)):
    """The sweeps of a night that look after people: who is marked, due a visit, and lacks a carer."""
    for sweep in (LISTED, DUES, CARERS):
        await sweep.run(SweepRun(monitoring, sweep.name, COUNTY, day))
