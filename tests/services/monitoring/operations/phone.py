"""What a phone made while it was offline, and how it hands that in."""

from __future__ import annotations

from sqlalchemy import func, select

from chassis.identifiers import new_id
from chassis.security.scope import Area

OTHER_VILLAGE = 610999101204


def made(kind, thing, payload, **changes):
    """One operation on ``thing`` as it was read."""
    return {
        "op_id": str(new_id()),
        "kind": kind,
        "entity_id": thing["id"],
        "base_version": thing.get("version"),
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": payload,
    } | changes


def moved(thing, **payload):
    return made("household.patch", thing, payload)


def report(thing, **changes):
    payload = {"household_id": thing["id"], "risk": "01", "description": "妻子住院，自付较多"}
    return made("clue.report", thing, payload, base_version=None) | changes


async def push(client, *operations):
    answer = await client.post("/operations", json={"operations": list(operations)})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [one["op_id"] for one in results] == [one["op_id"] for one in operations]
    return results


def outcomes(results):
    return [one["outcome"] for one in results]


async def counted(program, table, *where):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(func.count()).select_from(table).where(*where))).scalar_one()
