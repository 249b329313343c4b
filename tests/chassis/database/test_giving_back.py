"""A unit of work gives its connection back at whatever moment it is cut off."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count

from sqlalchemy import text

from chassis.testing.programs import officer


async def test_a_unit_that_is_cancelled_gives_its_connection_back(make_program):
    program = make_program()
    pool = program.database.engine.pool

    async def work() -> bool:
        async with program.unit(officer()) as unit:
            await unit.connection.execute(text("SELECT 1"))
        return True

    ended = False
    for rounds in count():
        await work()  # so that a connection is there: a client that is cut off while it connects is another matter
        task = asyncio.create_task(work())
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            ended = await task
        await asyncio.sleep(0)
        assert pool.checkedout() == 0, f"cancelled after {rounds} rounds of the loop"
        if ended:
            break
    assert rounds >= 3, "BEGIN, the statement and COMMIT take one each at least"
