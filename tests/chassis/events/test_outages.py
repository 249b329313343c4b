"""An outage is no event's fault: the consumer pauses, parks nothing, and loses nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from chassis.bus.protocol import ConsumerPaused
from chassis.errors import Unavailable
from chassis.events.tables import inbox, parked
from chassis.security.scope import Area
from chassis.testing import tally
from tests.chassis.events.reading import counted, rows


@pytest.mark.parametrize("outage", [Unavailable(), ConnectionResetError(), ConsumerPaused("below")])
async def test_an_outage_pauses_the_consumer_and_leaves_no_trace(reader, outage):
    async def away(_envelope):
        raise outage

    reader.before = away
    with pytest.raises(ConsumerPaused):
        await reader.consumer.apply([counted()])
    assert await rows(reader.program, parked) == []
    assert await rows(reader.program, inbox) == []


async def test_an_outage_that_an_action_dressed_up_is_still_an_outage(reader):
    async def dress_up(_envelope):
        try:
            raise Unavailable
        except Unavailable as error:
            raise KeyError("no such household") from error

    reader.before = dress_up
    with pytest.raises(ConsumerPaused):
        await reader.consumer.apply([counted()])
    assert await rows(reader.program, parked) == []


async def test_connections_that_the_server_ends_pause_the_consumer(reader):
    envelope = counted()

    async def end_own_connection(_envelope):
        async with reader.program.database.engine.connect() as other:
            await other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
                )
            )

    reader.before = end_own_connection
    with pytest.raises(ConsumerPaused):
        await reader.consumer.apply([envelope])
    reader.before = tally._nothing
    await reader.consumer.apply([envelope])
    assert await reader.versions() == {envelope.subject: [1]}
    assert await rows(reader.program, parked) == []


async def test_a_serialization_failure_is_run_again_at_once(reader):
    failures = 2

    async def lose(_envelope):
        nonlocal failures
        if failures:
            failures -= 1
            async with reader.program.database.transaction(Area.everywhere()) as connection:
                await connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$"))

    reader.before = lose
    envelope = counted()
    await reader.consumer.apply([envelope])
    assert await reader.versions() == {envelope.subject: [1]}
    assert failures == 0
