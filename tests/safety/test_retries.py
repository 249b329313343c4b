"""A hundred retries of one request at once: one effect, one answer, and nobody else has to wait for them."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import func, select

from chassis.audit.tables import audit_entry
from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.idempotency.tables import idempotency
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import VILLAGE
from services.monitoring.households.tables import Household
from tests.personas import household

RETRIES = 100
OTHERS_WAIT_SECONDS_MAX = 4.0
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def count(service, table, *where):
    async with service.program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(func.count()).select_from(table).where(*where))).scalar_one()


async def others(service, token, stop):
    """Somebody else reads on meanwhile; gives how long each answer took."""
    took = []
    while not stop.is_set():
        begun = time.perf_counter()
        answer = await service.ask("GET", "/households", token)
        assert answer.status_code == 200, answer.text
        took.append(time.perf_counter() - begun)
        await asyncio.sleep(0.02)
    return took


async def storm(service, path, body, token):
    headers = {"Idempotency-Key": str(new_id())}
    stop = asyncio.Event()
    reading = asyncio.create_task(others(service, service.token(Role.COUNTY_OFFICER), stop))
    answers = await asyncio.gather(
        *(service.ask("POST", path, token, json=body, headers=headers) for _ in range(RETRIES))
    )
    stop.set()
    return answers, await reading


async def assert_one_answer(answers):
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers][:3]
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == RETRIES - 1
    for name in ("content-type", "etag", "location"):
        assert len({answer.headers.get(name) for answer in answers}) == 1, name


async def test_a_hundred_retries_of_a_registration_make_one_household(service):
    token = service.token(Role.VILLAGE_CADRE, VILLAGE)
    answers, took = await storm(service, "/households", household(), token)
    await assert_one_answer(answers)
    made = answers[0].json()["id"]
    assert await count(service, rows(Household), rows(Household).c.id == made) == 1
    assert await count(service, audit_entry, audit_entry.c.entity_id == made) == 1
    assert await count(service, outbox, outbox.c.subject == made) == 1
    assert len(took) > 1
    assert max(took) < OTHERS_WAIT_SECONDS_MAX, "the retries held the pool"


async def test_a_hundred_retries_of_a_hot_report_make_one_report(service):
    token = service.token(Role.VILLAGE_CADRE, VILLAGE)
    seen = await service.made("POST", "/households", token, json=household())
    body = {"household_id": seen["id"], "risk": "01", "description": "家中有人住院"}
    answers, took = await storm(service, "/reports", body, token)
    await assert_one_answer(answers)
    made = answers[0].json()["id"]
    assert await count(service, audit_entry, audit_entry.c.entity_id == made) <= 1
    assert await count(service, idempotency, idempotency.c.path == "/v1/monitoring/reports") == 1
    assert max(took) < OTHERS_WAIT_SECONDS_MAX, "the retries held the pool"


async def test_afterwards_every_connection_is_back(service):
    """One after the other, or the pool would have lost some."""
    pool = service.program.database.engine.pool
    assert pool.checkedout() == 0
    token = service.token(Role.COUNTY_OFFICER)
    answers = await asyncio.gather(*(service.ask("GET", "/households", token) for _ in range(pool.size())))
    assert {answer.status_code for answer in answers} == {200}
    assert pool.checkedout() == 0
