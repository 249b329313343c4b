"""The relay publishes all that was committed, in order per key, and forgets nothing before the acknowledgement."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select, text

from chassis.bus.protocol import BusAway
from chassis.events import wakeup
from chassis.events.relay import RELAY_LOCK, Relay
from chassis.events.tables import pending
from chassis.events.wakeup import Waker
from chassis.identifiers import new_id
from chassis.security import scope
from chassis.security.scope import Area
from chassis.testing import tally
from chassis.testing.bus import RecordingBus
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted, count, count_all
from tests.chassis.bus.delivering import running

# Several may hold a counter one after the other, up to five seconds each: longer than a lock is usually waited for.
PATIENTLY = text("SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)")


@pytest.fixture
def writer(make_program):
    return make_program("tally", tally.tables)


async def backlog(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(func.count()).select_from(pending))).scalar_one()


def versions_by_key(envelopes):
    found = defaultdict(list)
    for envelope in envelopes:
        if envelope.type == Counted.wire_type():
            found[envelope.subject].append(envelope.aggregate_version)
    return dict(found)


async def test_a_batch_is_published_in_order_and_then_forgotten(writer):
    counters = [new_id() for _ in range(3)]
    await count_all(writer, counters, VILLAGE, steps=4)
    bus = RecordingBus()
    assert await Relay(writer, bus).deliver_batch() == 3 * 4 * 2
    assert versions_by_key(bus.envelopes) == {counter: [1, 2, 3, 4] for counter in counters}
    assert await backlog(writer) == 0
    first = bus.envelopes[0]
    assert (first.source, first.region, first.data) == ("/services/tally", VILLAGE, {"step": 1})


async def test_a_backlog_of_many_batches_keeps_order(writer):
    counters = [new_id() for _ in range(3)]
    await count_all(writer, counters, VILLAGE, steps=5)
    bus = RecordingBus()
    relay = Relay(writer, bus, batch_max=4)
    while await relay.deliver_batch():
        pass
    assert versions_by_key(bus.envelopes) == {counter: [1, 2, 3, 4, 5] for counter in counters}


async def test_what_the_bus_refuses_stays_pending_and_comes_again(writer):
    await count_all(writer, [new_id()], VILLAGE, steps=2)
    bus = RecordingBus(refusals=1)
    relay = Relay(writer, bus)
    with pytest.raises(BusAway):
        await relay.deliver_batch()
    assert await backlog(writer) == 4
    assert await relay.deliver_batch() == 4
    assert len(bus.envelopes) == 4


async def test_a_relay_that_dies_before_the_acknowledgement_loses_nothing(writer):
    await count_all(writer, [new_id()], VILLAGE)
    bus = RecordingBus()
    bus.open.clear()
    dying = asyncio.create_task(Relay(writer, bus).deliver_batch())
    await asyncio.sleep(0.2)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert await backlog(writer) == 2
    bus.open.set()
    # The server lets go of the dead one's lock when it notices that the connection is closed.
    assert await eventually(Relay(writer, bus).deliver_batch) == 2


async def test_two_relays_never_work_at_once(writer):
    await count_all(writer, [new_id()], VILLAGE)
    bus = RecordingBus()
    bus.open.clear()
    first = asyncio.create_task(Relay(writer, bus).deliver_batch())

    async def is_held():
        query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                     " (SELECT oid FROM pg_database WHERE datname = current_database())")  # fmt: skip
        async with writer.database.engine.connect() as connection:
            return (await connection.execute(query)).scalar_one() == 1

    await eventually(is_held)
    assert await Relay(writer, bus).deliver_batch() == 0
    bus.open.set()
    assert await first == 2
    assert len(bus.envelopes) == 2


async def test_a_bus_that_takes_too_long_gets_smaller_batches(writer):
    await count_all(writer, [new_id()], VILLAGE, steps=8)
    sizes = []

    class Slow(RecordingBus):
        async def publish(self, envelopes, *, only=None):
            sizes.append(len(envelopes))
            if len(envelopes) > 4:
                await asyncio.Event().wait()
            await super().publish(envelopes, only=only)

    bus = Slow()
    relay = Relay(writer, bus, publish_seconds_max=0.05)
    for _ in range(2):
        with pytest.raises(BusAway):
            await relay.deliver_batch()
    assert await relay.deliver_batch() == 4
    assert sizes == [16, 8, 4]


@pytest.mark.budget(60)
async def test_thirty_two_writers_that_hold_their_transactions_lose_no_event(make_program, make_database):
    """Positions are taken early and committed late, in any order; none may be skipped or inverted within its key."""
    from chassis.database.engine import Database

    database = make_database(tally.tables)
    writer = make_program("tally", tally.tables, database=database)
    wide = Database(database.app_url, pool_size=33)
    own_pool, writer.database = writer.database, wide
    rng = random.Random(7)
    counters = [new_id() for _ in range(12)]
    done = defaultdict(int)

    async def write() -> None:
        for seconds_max in (5, 0.5, 0.5):
            chosen = rng.choice(counters)
            async with writer.unit(scope.program("tally", VILLAGE)) as unit:
                await unit.connection.execute(PATIENTLY)
                await count(unit, chosen)
                await unit.write_records()  # the position is taken here
                await asyncio.sleep(rng.uniform(0, seconds_max))
            done[chosen] += 1
            writer.events_written()

    bus = RecordingBus()
    reader = make_program("tally", tally.tables, database=database)
    waker = Waker(wide)
    writer.events_written = waker.wrote
    try:
        async with running(Relay(reader, bus, batch_max=5).run, waker.run):
            await asyncio.gather(*(write() for _ in range(32)))
            assert sum(done.values()) == 96
            await eventually(lambda: len(bus.envelopes) >= 2 * 96)
    finally:
        writer.database = own_pool
        await wide.close()
    assert len({envelope.id for envelope in bus.envelopes}) == len(bus.envelopes) == 2 * 96
    assert versions_by_key(bus.envelopes) == {key: list(range(1, n + 1)) for key, n in done.items()}


async def test_a_commit_wakes_the_relay_long_before_it_would_poll(writer, monkeypatch):
    monkeypatch.setattr("chassis.events.relay.POLL_SECONDS", 30.0)
    bus, waker = RecordingBus(), Waker(writer.database)
    writer.events_written = waker.wrote
    stop = asyncio.Event()
    relay = asyncio.create_task(Relay(writer, bus).run(stop))
    waking = asyncio.create_task(waker.run(stop))

    async def listens():
        query = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        async with writer.database.engine.connect() as connection:
            return (await connection.execute(query)).scalar_one() == 1

    await eventually(listens)
    await asyncio.sleep(0.1)
    await count_all(writer, [new_id()], VILLAGE)
    await eventually(lambda: len(bus.envelopes) == 2, within_seconds=5)
    stop.set()
    relay.cancel()
    await asyncio.gather(relay, waking, return_exceptions=True)


async def test_without_a_notification_the_relay_polls(writer):
    bus = RecordingBus()
    async with running(Relay(writer, bus).run):
        await count_all(writer, [new_id()], VILLAGE)
        await eventually(lambda: len(bus.envelopes) == 2, within_seconds=5)


async def test_many_commits_in_a_moment_are_one_notification(writer):
    bell = asyncio.Event()
    rings = []

    class Counting(asyncio.Event):
        def set(self):
            rings.append(1)
            super().set()

    bell = Counting()
    listening = asyncio.create_task(wakeup.listen(writer.database, bell))
    await eventually(lambda: len(rings) == 1)  # it rings once when it begins to listen
    waker = Waker(writer.database, interval_seconds=0.2)
    async with running(waker.run):
        for _ in range(100):
            waker.wrote()
            await asyncio.sleep(0)
        await eventually(lambda: len(rings) >= 3)
    assert 3 <= len(rings) <= 4
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_a_listener_whose_connection_breaks_listens_again(writer, monkeypatch):
    monkeypatch.setattr(wakeup, "RECONNECT_SECONDS", 0.05)
    bell = asyncio.Event()
    listening = asyncio.create_task(wakeup.listen(writer.database, bell))
    await asyncio.wait_for(bell.wait(), 5)
    bell.clear()
    async with writer.database.engine.connect() as connection:
        ended = await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()")
        )  # fmt: skip
        assert len(ended.all()) == 1
    await asyncio.wait_for(bell.wait(), 5)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_the_backlog_and_its_age_can_be_measured(writer):
    writer.name = "measured"
    await count_all(writer, [new_id()], VILLAGE, steps=2)
    bus = RecordingBus(refusals=1)
    relay = Relay(writer, bus)
    with pytest.raises(BusAway):
        await relay.deliver_batch()
    assert REGISTRY.get_sample_value("xianjie_events_pending", {"service": "measured"}) == 4
    await relay.deliver_batch()
    assert REGISTRY.get_sample_value("xianjie_events_published_total", {"service": "measured"}) == 4
    await relay.deliver_batch()
    assert REGISTRY.get_sample_value("xianjie_events_pending_seconds", {"service": "measured"}) == 0


async def test_the_probe_tells_a_relay_that_gets_nowhere_from_an_idle_one(writer, monkeypatch):
    relay = Relay(writer, RecordingBus())
    await relay.deliver_batch()
    assert (await relay.probe())["ready"] is True
    monkeypatch.setattr("chassis.events.relay.UNWELL_AFTER_SECONDS", 0.0)
    assert (await relay.probe())["ready"] is False


def test_the_lock_is_a_number_that_postgresql_takes():
    assert 0 < RELAY_LOCK < 2**63 - 1
