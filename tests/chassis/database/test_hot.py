"""Hot statements share few connections: in the order of asking, for a bounded time, and none is ever lost."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import MetaData
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.database.engine import is_outage
from chassis.database.hot import HotPool
from chassis.database.pipeline import Statement
from chassis.security.scope import Area

AREA = Area.of(610999000000)
ANSWER = Statement("SELECT current_setting('app.area_lo') = %(expected)s, current_setting('app.area_hi') = %(high)s")
SLEEP = Statement("SELECT pg_sleep(%(seconds)s) IS NOT NULL, true")
END = Statement("SELECT pg_terminate_backend(pg_backend_pid()), true")


@pytest.fixture
async def make_pool(make_database):
    url = make_database(MetaData()).app_url
    made = []

    def make(size, timeout_seconds=20):
        made.append(HotPool(url, size=size, options="", timeout_seconds=timeout_seconds))
        return made[-1]

    yield make
    for pool in made:
        await pool.close()


@pytest.fixture
def pool(make_pool):
    return make_pool(2)


async def serves(pool) -> bool:
    outcome = await pool.run(ANSWER, {"expected": str(AREA.lo), "high": str(AREA.hi)}, AREA)
    return outcome.allowed and outcome.first


async def test_a_statement_runs_in_its_area(pool):
    assert await serves(pool)


async def test_who_asked_first_is_served_first(make_pool):
    pool, order = make_pool(1), []

    async def ask(number):
        await pool.run(SLEEP, {"seconds": 0.01}, AREA)
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert order == sorted(order)


async def test_who_waits_too_long_is_refused_as_in_an_outage_and_nothing_is_lost(make_pool):
    pool = make_pool(2, timeout_seconds=1)
    asked = [pool.run(SLEEP, {"seconds": 1.5}, AREA) for _ in range(6)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, PoolTimeout)]
    assert len(refused) == 4
    assert is_outage(refused[0])
    assert all(await asyncio.gather(*(serves(pool) for _ in range(8))))


async def test_cancelled_requests_drain_nothing(pool):
    for _ in range(3):
        asked = [asyncio.create_task(pool.run(SLEEP, {"seconds": 0.5}, AREA)) for _ in range(8)]
        await asyncio.sleep(0.1)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    assert all(await asyncio.gather(*(serves(pool) for _ in range(8))))


async def test_a_lost_connection_is_an_outage_and_is_made_anew(pool):
    for _ in range(3):
        with pytest.raises(psycopg.OperationalError) as lost:
            await pool.run(END, {}, AREA)
        assert is_outage(lost.value)
        assert await serves(pool)


async def test_a_database_that_is_away_is_an_outage():
    pool = HotPool("postgresql://nobody@127.0.0.1:1/nothing", size=1, options="", timeout_seconds=1)
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError) as away:
            await pool.run(END, {}, AREA)
        assert is_outage(away.value)
