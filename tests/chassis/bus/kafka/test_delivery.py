"""What only a broker can do to a group: lost commits, expired events, a partition that stands while others go on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from chassis.bus.kafka.member import Member
from chassis.bus.kafka.partitioning import partitions_of
from chassis.bus.kafka.positions import Positions
from chassis.bus.protocol import BusAway
from chassis.errors import Unavailable
from chassis.events import metrics
from chassis.events.redelivery import replay
from chassis.events.relay import Relay
from chassis.identifiers import new_id
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted, TallyReader, count_all, tables


@pytest.fixture
def writer(make_program):
    return make_program("tally", tables)


@pytest.fixture
def make_reader(make_program):
    return lambda name="reader", **options: TallyReader(make_program(name, tables), name, **options)


async def deliver_all(program, bus) -> None:
    while await Relay(program, bus).deliver_batch():
        pass


@asynccontextmanager
async def delivering(program, bus):
    stop = asyncio.Event()
    task = asyncio.create_task(Relay(program, bus).run(stop))
    yield
    stop.set()
    await asyncio.wait_for(task, 40)


async def heard(reader, counters, steps, **options) -> None:
    wanted = {counter: list(range(1, steps + 1)) for counter in counters}

    async def all_there() -> bool:
        found = await reader.versions()
        assert found == wanted
        return True

    await eventually(all_there, **options)


def counters_in(partitions, number=12):
    """A counter in each of the given partitions."""
    found = {}
    while len(found) < len(partitions):
        counter = new_id()
        [partition] = partitions_of([str(counter).encode()], number)
        found.setdefault(partition, counter)
        found = {partition: each for partition, each in found.items() if partition in partitions}
    return [found[partition] for partition in partitions]


async def test_events_whose_commit_was_lost_come_again_and_have_no_second_effect(
    make_bus, writer, make_reader, monkeypatch
):
    bus, reader = make_bus(), make_reader()
    counters = [new_id() for _ in range(10)]

    async def lost(_self, _consumer) -> bool:
        return True

    with monkeypatch.context() as patch:
        patch.setattr(Member, "_commit", lost)
        place = await bus.join(reader.consumer)
        await count_all(writer, counters, VILLAGE, steps=3)
        await deliver_all(writer, bus)
        await heard(reader, counters, 3)
        await place.leave()
    again = TallyReader(reader.program)
    handed_in = []
    apply = again.consumer.apply

    async def counting(envelopes):
        handed_in.extend(envelopes)
        await apply(envelopes)

    monkeypatch.setattr(again.consumer, "apply", counting)
    await bus.join(again.consumer)
    await eventually(lambda: len(handed_in) == 2 * 3 * len(counters))
    await count_all(writer, counters, VILLAGE)
    await deliver_all(writer, bus)
    await heard(again, counters, 4)
    assert again.steps == len(counters)
    await bus.close()


async def test_an_outage_in_one_partition_leaves_the_others_going(make_bus, writer, make_reader):
    bus, reader = make_bus(), make_reader()
    stands, goes_on = counters_in([3, 7])
    away = True

    async def refuse(envelope):
        if away and envelope.subject == stands:
            raise Unavailable

    reader.before = refuse
    place = await bus.join(reader.consumer)
    await count_all(writer, [stands, goes_on], VILLAGE, steps=3)
    await deliver_all(writer, bus)

    async def others_done() -> bool:
        return await reader.versions() == {goes_on: [1, 2, 3]}

    async def stuck() -> list[str]:
        told = await place.probe()
        in_hand = {name: each["seconds_in_hand"] for name, each in told["partitions"].items()}
        return [name.rpartition("-")[2] for name, seconds in in_hand.items() if seconds > 0]

    await eventually(others_done)

    async def only_one_is_stuck() -> bool:
        return await stuck() == ["3"]

    await eventually(only_one_is_stuck)  # a tenth of a second counts as none
    away = False
    await heard(reader, [stands, goes_on], 3)
    await bus.close()


async def test_a_member_tells_its_lag_and_is_well_while_it_gets_on(make_bus, writer, make_reader, topics):
    bus, reader = make_bus(), make_reader()
    (counter,) = counters_in([5])
    place = await bus.join(reader.consumer)
    told = await place.probe()
    assert told["ready"]
    assert len(told["partitions"]) == 12
    gate = asyncio.Event()

    async def wait(_envelope):
        await gate.wait()

    reader.before = wait
    await count_all(writer, [counter], VILLAGE, steps=4)
    await deliver_all(writer, bus)
    lag = metrics.consumer_lag.labels("reader", topics[0], "5")
    await eventually(lambda: lag._value.get() == 8)
    assert (await place.probe())["partitions"][f"{topics[0]}-5"]["lag"] == 8
    gate.set()
    await heard(reader, [counter], 4)
    await eventually(lambda: lag._value.get() == 0)
    await place.leave()
    assert ("reader", topics[0], "5") not in metrics.consumer_lag._metrics


async def test_leaving_gives_up_a_batch_that_does_not_end_and_nothing_of_it_stays(
    make_bus, writer, make_reader, monkeypatch
):
    monkeypatch.setattr("chassis.bus.kafka.member.DRAIN_SECONDS_MAX", 0.5)
    bus, reader = make_bus(), make_reader()
    counter = new_id()
    begun = asyncio.Event()

    async def hang(envelope):
        if envelope.aggregate_version == 3:
            begun.set()
            await asyncio.sleep(60)

    reader.before = hang
    place = await bus.join(reader.consumer)
    await count_all(writer, [counter], VILLAGE, steps=4)
    await deliver_all(writer, bus)
    await asyncio.wait_for(begun.wait(), 15)
    await asyncio.wait_for(place.leave(), 10)
    assert await reader.versions() == {}
    again = TallyReader(reader.program)
    await bus.join(again.consumer)
    await heard(again, [counter], 4)
    await bus.close()


async def test_events_that_expired_before_a_group_came_to_them_are_counted(
    make_bus, writer, make_reader, topics, kafka_servers
):
    bus, reader = make_bus(), make_reader()
    (counter,) = counters_in([5])
    place = await bus.join(reader.consumer)
    await count_all(writer, [counter], VILLAGE, steps=1)
    await deliver_all(writer, bus)
    await heard(reader, [counter], 1)
    await place.leave()
    await count_all(writer, [counter], VILLAGE, steps=3)
    await deliver_all(writer, bus)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_servers)
    await admin.start()
    await admin.delete_records({TopicPartition(topics[0], 5): RecordsToDelete(before_offset=6)})
    await admin.close()
    counted = metrics.expired_events.labels("reader", topics[0])
    before = counted._value.get()
    again = TallyReader(reader.program)
    await bus.join(again.consumer)

    async def the_last_is_heard() -> bool:
        return await again.versions() == {counter: [1, 4]}

    await eventually(the_last_is_heard)
    assert counted._value.get() - before == 4
    await bus.close()


async def test_a_replay_of_a_group_that_nobody_runs_moves_it_past_its_backlog(
    make_bus, writer, make_reader, kafka_settings, topics
):
    bus, reader = make_bus(), make_reader()
    counters = [new_id() for _ in range(10)]
    place = await bus.join(reader.consumer)
    await count_all(writer, counters, VILLAGE, steps=2)
    await deliver_all(writer, bus)
    await heard(reader, counters, 2)
    await place.leave()
    await count_all(writer, counters, VILLAGE, steps=2)
    await deliver_all(writer, bus)
    positions = Positions(bus._connection, "reader", topics)
    assert sum((await positions.lags()).values()) == 2 * 2 * len(counters)
    await replay(reader.consumer, {"tally": writer.database}, bus)
    assert sum((await positions.lags()).values()) == 0
    assert await reader.versions() == {}
    again = TallyReader(reader.program)
    await bus.join(again.consumer)
    await deliver_all(writer, bus)
    await heard(again, counters, 4)
    assert again.steps == 4 * len(counters)
    await bus.close()


async def test_a_part_is_replayed_only_while_somebody_takes_the_rest_of_its_topic(make_bus, writer, make_reader):
    bus, reader = make_bus(), make_reader()
    counters = [new_id() for _ in range(3)]
    await count_all(writer, counters, VILLAGE, steps=2)
    await deliver_all(writer, bus)
    chosen = [Counted.wire_type()]
    with pytest.raises(BusAway, match=r"also carry cn\.xianjie\.tally\.counter\.recorded\.v1"):
        await replay(reader.consumer, {"tally": writer.database}, bus, types=chosen)
    await bus.join(reader.consumer)
    assert await replay(reader.consumer, {"tally": writer.database}, bus, types=chosen) == 2 * len(counters)
    await deliver_all(writer, bus)
    twice = {counter: [1, 2, 1, 2] for counter in counters}  # what a part built is not emptied, so it shows

    async def heard_twice() -> bool:
        return await reader.versions() == twice

    await eventually(heard_twice)
    await bus.close()


async def test_a_batch_larger_than_the_broker_takes_at_once_goes_in_parts(make_bus, writer, make_reader, monkeypatch):
    monkeypatch.setattr("chassis.bus.kafka.producer._BATCH_BYTES_MAX", 2_000)
    bus, reader = make_bus(), make_reader()
    counters = counters_in([4, 9])
    await bus.join(reader.consumer)
    await count_all(writer, counters, VILLAGE, steps=20)
    await deliver_all(writer, bus)
    await heard(reader, counters, 20)
    await bus.close()
