"""Whatever happens to the broker, no event is lost, none has two effects, and each key keeps its order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from chassis.bus.broker import Brokers
from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka.connection import Connection
from chassis.bus.kafka.provision import apply
from chassis.bus.topics import topics_of
from chassis.events import metrics
from chassis.events.relay import Relay
from chassis.events.wakeup import Waker
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.settings import KafkaSettings
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted, CounterRecorded, TallyReader, count_all, tables


@dataclass
class Traffic:
    """A writer that goes on writing, its relay, and a reader, over a broker of the test's own."""

    brokers: Brokers
    settings: KafkaSettings
    writer: Program
    reader: TallyReader
    counters: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(20)])
    rounds: int = 0

    async def write(self, rounds: int) -> None:
        for _ in range(rounds):
            await count_all(self.writer, self.counters, VILLAGE)
            self.rounds += 1
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        bus, stop, waker = KafkaBus(self.settings, "test"), asyncio.Event(), Waker(self.writer.database)
        self.writer.events_written = waker.wrote
        await bus.join(self.reader.consumer)
        loops = [asyncio.create_task(loop(stop)) for loop in (Relay(self.writer, bus).run, waker.run)]
        yield
        stop.set()
        await asyncio.wait_for(asyncio.gather(*loops), 60)
        await bus.close()

    async def all_is_heard(self, within_seconds: float = 90) -> None:
        wanted = {counter: list(range(1, self.rounds + 1)) for counter in self.counters}

        async def all_there() -> bool:
            found = await self.reader.versions()
            return sum(map(len, found.values())) >= self.rounds * len(self.counters)

        await eventually(all_there, within_seconds=within_seconds, every_seconds=0.1)
        assert await self.reader.versions() == wanted


@pytest.fixture
def make_traffic(own_brokers, make_program) -> Callable[..., Awaitable[Traffic]]:
    async def make(nodes: int = 1) -> Traffic:
        brokers = await asyncio.to_thread(own_brokers, nodes)
        settings = KafkaSettings(bootstrap_servers=brokers.bootstrap_servers)
        await apply(settings, topics_of([Counted, CounterRecorded]))
        writer, reader = make_program("tally", tables), TallyReader(make_program("reader", tables))
        return Traffic(brokers, settings, writer, reader)

    return make


async def back_again(brokers: Brokers, node: int = 0) -> None:
    brokers.nodes[node].start()
    await asyncio.to_thread(brokers.nodes[node].wait_until_ready, len(brokers.nodes))


@pytest.mark.budget(seconds=180)
async def test_a_broker_killed_while_events_are_published_loses_none(make_traffic):
    traffic = await make_traffic()
    async with traffic.flowing():
        writing = asyncio.create_task(traffic.write(60))
        await asyncio.sleep(1)
        traffic.brokers.nodes[0].kill()
        await back_again(traffic.brokers)
        await writing
        await traffic.all_is_heard()


@pytest.mark.budget(seconds=180)
async def test_while_the_broker_is_away_writes_go_on_and_the_backlog_drains_in_order(make_traffic, monkeypatch):
    monkeypatch.setattr("chassis.bus.kafka.producer.SEND_SECONDS_MAX", 1.0)
    traffic = await make_traffic()
    async with traffic.flowing():
        await traffic.write(5)
        await traffic.all_is_heard()
        failures = metrics.relay_failures.labels("tally")
        before = failures._value.get()
        traffic.brokers.nodes[0].kill()
        await traffic.write(20)
        await eventually(lambda: failures._value.get() >= before + 3, within_seconds=60)
        await back_again(traffic.brokers)
        await traffic.all_is_heard()


@pytest.mark.budget(seconds=300)
async def test_a_change_of_leader_on_three_nodes_loses_nothing(make_traffic):
    traffic = await make_traffic(3)
    connection = Connection(traffic.settings, "test")
    topic = connection.topic(Counted.wire_type())
    async with connection.admin() as admin:
        (described,) = await admin.describe_topics([topic])
    assert {len(partition["replicas"]) for partition in described["partitions"]} == {3}
    async with traffic.flowing():
        writing = asyncio.create_task(traffic.write(60))
        await asyncio.sleep(1)
        leader = described["partitions"][0]["leader"] - 1
        traffic.brokers.nodes[leader].kill()
        await writing
        await traffic.all_is_heard()
        await back_again(traffic.brokers, leader)
        await traffic.write(5)
        await traffic.all_is_heard()
