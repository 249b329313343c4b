"""What is delivered again comes in each key's order, before anything newer, and to those it is meant for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from chassis.bus.in_process import InProcessBus
from chassis.events.redelivery import replay, republish
from chassis.events.relay import Relay
from chassis.events.tables import inbox, pending
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing import tally
from chassis.testing.bus import RecordingBus
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted, CounterRecorded, TallyReader, count_all

COUNTED = Counted.wire_type()


@pytest.fixture
def writer(make_program):
    return make_program("tally", tally.tables)


@pytest.fixture
def reader(make_program):
    return TallyReader(make_program("reader", tally.tables))


async def deliver_all(program, bus):
    relay = Relay(program, bus, batch_max=7)
    while await relay.deliver_batch():
        pass


def versions(published, key):
    return [envelope.aggregate_version for envelope, _ in published if envelope.subject == key]


async def test_events_come_again_in_order_and_before_what_is_pending(writer):
    key = new_id()
    await count_all(writer, [key], VILLAGE, steps=3)
    await deliver_all(writer, RecordingBus())
    await count_all(writer, [key], VILLAGE)
    assert await republish(writer.database, [COUNTED]) == 4
    bus = RecordingBus()
    await deliver_all(writer, bus)
    assert versions(bus.published, key) == [1, 2, 3, 4, 4, 4]
    assert [envelope.type for envelope in bus.envelopes].count(CounterRecorded.wire_type()) == 1


async def test_two_calls_in_a_row_both_keep_order(writer):
    key = new_id()
    await count_all(writer, [key], VILLAGE, steps=3)
    await deliver_all(writer, RecordingBus())
    await asyncio.gather(republish(writer.database, [COUNTED]), republish(writer.database, [COUNTED]))
    bus = RecordingBus()
    await deliver_all(writer, bus)
    assert versions(bus.published, key) == [1, 2, 3, 1, 2, 3]


async def test_order_follows_versions_even_where_the_clock_was_set_back(writer):
    key, other = new_id(), new_id()
    await count_all(writer, [key, other], VILLAGE, steps=4)
    await deliver_all(writer, RecordingBus())
    async with writer.database.transaction(Area.everywhere()) as connection:
        back = "UPDATE outbox SET time = time - interval '1 hour' WHERE subject = :key AND aggregate_version > 2"
        await connection.execute(text(back), {"key": key})
    await republish(writer.database, [COUNTED])
    bus = RecordingBus()
    await deliver_all(writer, bus)
    assert versions(bus.published, key) == [1, 2, 3, 4]
    assert versions(bus.published, other) == [1, 2, 3, 4]


async def test_only_events_since_an_instant_come_again(writer):
    early, late = new_id(), new_id()
    await count_all(writer, [early], VILLAGE)
    await asyncio.sleep(0.01)
    since = datetime.now(UTC)
    await count_all(writer, [late], VILLAGE)
    await deliver_all(writer, RecordingBus())
    assert await republish(writer.database, [COUNTED], since=since) == 1
    assert await republish(writer.database, [COUNTED], since=since + timedelta(days=1)) == 0


async def test_a_delivery_for_one_consumer_says_so_and_replaces_its_leftovers(writer):
    key = new_id()
    await count_all(writer, [key], VILLAGE, steps=2)
    await deliver_all(writer, RecordingBus())
    await republish(writer.database, [COUNTED], only="reader")
    await republish(writer.database, [CounterRecorded.wire_type()], only="reader")
    await republish(writer.database, [COUNTED], only="archive")
    await republish(writer.database, [COUNTED], only="reader")
    bus = RecordingBus()
    await deliver_all(writer, bus)
    to_reader = [(e.type, e.aggregate_version) for e, only in bus.published if only == "reader"]
    assert [version for wire_type, version in to_reader if wire_type == COUNTED] == [1, 2]
    assert len(to_reader) == 4
    assert [e.aggregate_version for e, only in bus.published if only == "archive"] == [1, 2]


async def test_a_replay_holds_the_relay_until_the_consumer_has_forgotten(writer, reader):
    """A live event between the two would be applied to an empty projection, out of order."""
    key = new_id()
    bus = InProcessBus(["reader"])
    await bus.join(reader.consumer)
    await count_all(writer, [key], VILLAGE, steps=3)
    await deliver_all(writer, bus)
    await count_all(writer, [key], VILLAGE)
    seen = []

    class Watching(InProcessBus):
        async def skip_backlog(self, subscriber, types):
            seen.append(await Relay(writer, bus).deliver_batch())
            await super().skip_backlog(subscriber, types)

    assert await replay(reader.consumer, {"tally": writer.database}, Watching(["reader"])) == 8
    assert seen == [0]
    assert await reader.versions() == {}
    await deliver_all(writer, bus)
    assert await reader.versions() == {key: [1, 2, 3, 4]}
    assert await reader.projection() == {key: (4, 4, 4)}


async def test_a_replay_that_fails_halfway_has_forgotten_nothing_and_can_be_repeated(writer, reader):
    key = new_id()
    bus = InProcessBus(["reader"])
    await bus.join(reader.consumer)
    await count_all(writer, [key], VILLAGE, steps=2)
    await deliver_all(writer, bus)

    class Broken(InProcessBus):
        async def skip_backlog(self, subscriber, types):
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await replay(reader.consumer, {"tally": writer.database}, Broken(["reader"]))
    await deliver_all(writer, bus)
    assert await reader.versions() == {key: [1, 2]}
    await replay(reader.consumer, {"tally": writer.database}, bus)
    await deliver_all(writer, bus)
    assert await reader.versions() == {key: [1, 2]}


async def test_a_replay_of_some_types_leaves_the_others_and_what_was_built(writer, reader):
    bus = InProcessBus(["reader"])
    await bus.join(reader.consumer)
    await count_all(writer, [new_id()], VILLAGE, steps=3)
    await deliver_all(writer, bus)
    states = [CounterRecorded.wire_type()]
    assert await replay(reader.consumer, {"tally": writer.database}, bus, types=states) == 3
    async with reader.program.database.transaction(Area.everywhere()) as connection:
        assert (await connection.execute(select(func.count()).select_from(inbox))).scalar_one() == 3
    await deliver_all(writer, bus)
    assert [len(found) for found in (await reader.versions()).values()] == [3]


async def test_a_replay_names_what_is_missing(writer, reader):
    bus = InProcessBus(["reader"])
    with pytest.raises(ValueError, match="databases of tally"):
        await replay(reader.consumer, {}, bus)
    with pytest.raises(ValueError, match=r"does not read cn\.xianjie\.tally\.counter\.melted\.v1"):
        await replay(reader.consumer, {"tally": writer.database}, bus, types=["cn.xianjie.tally.counter.melted.v1"])
    async with writer.database.transaction(Area.everywhere()) as connection:
        assert (await connection.execute(select(func.count()).select_from(pending))).scalar_one() == 0
