"""The lag of the change feed shows while an older transaction is open, and is gone when it has ended."""

from __future__ import annotations

from sqlalchemy import text

from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.scope import Area
from chassis.telemetry import backlog
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE, officer


async def test_an_open_transaction_holds_the_feed_back(make_program):
    program = make_program()
    async with program.database.transaction(Area.everywhere()) as older:
        await older.execute(text("SELECT pg_current_xact_id()"))
        async with program.unit(officer(region=VILLAGE)) as unit:
            unit.record("thing.changed", Aggregate("thing", new_id(), VILLAGE, 1))
        assert 0 < (await backlog.read(program)).feed_seconds < 60
    # The horizon is the whole cluster's: a test beside this one may hold it a moment longer.
    await eventually(lambda: is_level(program))


async def is_level(program) -> bool:
    return (await backlog.read(program)).feed_seconds == 0
