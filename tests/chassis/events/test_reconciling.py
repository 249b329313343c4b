"""Producer and consumer are compared by counts and digests; each kind of gap is named, with what closes it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update

from chassis.bus.in_process import InProcessBus
from chassis.events.parking import RetryPolicy
from chassis.events.reconciling import Comparison, Gap, compare
from chassis.events.redelivery import replay, republish
from chassis.events.relay import Relay
from chassis.events.tables import inbox, outbox, pending, seen_version
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing import tally
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted, CounterRecorded, TallyReader, count_all

FACTS, STATES = Counted.wire_type(), CounterRecorded.wire_type()
TYPES = {FACTS: False, STATES: True}


@pytest.fixture
def writer(make_program):
    return make_program("tally", tally.tables)


@pytest.fixture
def reader(make_program):
    return TallyReader(make_program("reader", tally.tables))


@pytest.fixture
async def bus(reader):
    bus = InProcessBus([reader.name])
    await bus.join(reader.consumer)
    return bus


async def deliver_all(writer, bus) -> None:
    relay = Relay(writer, bus)
    while await relay.deliver_batch():
        pass


async def compared(writer, reader) -> dict[str, Comparison]:
    found = await compare(writer.database, reader.program.database, consumer=reader.name, types=TYPES)
    return {each.type: each for each in found}


async def execute(program, statement) -> None:
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(statement)


async def test_what_was_taken_agrees(writer, reader, bus):
    await count_all(writer, [new_id() for _ in range(40)], VILLAGE, steps=2)
    await deliver_all(writer, bus)
    found = await compared(writer, reader)
    assert [(each.said, each.taken, each.agrees) for each in found.values()] == [(80, 80, True), (40, 40, True)]


async def test_what_is_pending_or_parked_is_on_its_way_and_no_gap(writer, reader, bus):
    parked, waiting = new_id(), new_id()

    async def refuse(_envelope: object) -> None:
        raise RuntimeError("not today")

    reader.before = refuse
    reader.consumer.policy = RetryPolicy()
    await count_all(writer, [parked], VILLAGE)
    await deliver_all(writer, bus)
    await count_all(writer, [waiting], VILLAGE)
    found = await compared(writer, reader)
    assert all(each.agrees for each in found.values())
    assert [each.on_the_way for each in found.values()] == [2, 2]


async def test_a_consumer_restored_to_an_earlier_point_is_behind_and_republishing_closes_it(writer, reader, bus):
    old, new = new_id(), new_id()
    await count_all(writer, [old], VILLAGE, steps=3)
    await count_all(writer, [new], VILLAGE)
    await deliver_all(writer, bus)
    whole = await reader.projection()
    # The consumer's database as it was after the first step of the one counter.
    database = reader.program
    await execute(database, delete(tally.heard).where((tally.heard.c.version > 1) | (tally.heard.c.counter == new)))
    await execute(database, update(tally.state).where(tally.state.c.counter == old).values(version=1, total=1))
    await execute(database, delete(tally.state).where(tally.state.c.counter == new))
    await execute(database, update(seen_version).where(seen_version.c.subject == old).values(aggregate_version=1))
    await execute(database, delete(seen_version).where(seen_version.c.subject == new))
    async with writer.database.transaction(Area.everywhere()) as connection:
        lost = select(outbox.c.id).where((outbox.c.subject == new) | (outbox.c.aggregate_version > 1))
        ids = list((await connection.execute(lost)).scalars())
    await execute(database, delete(inbox).where(inbox.c.event_id.in_(ids)))

    found = await compared(writer, reader)
    assert found[FACTS].counts == {Gap.MISSING: 3}
    assert {(each.id, each.gap, each.said, each.taken) for each in found[STATES].named} == {
        (old, Gap.BEHIND, 3, 1),
        (new, Gap.MISSING, 1, None),
    }
    assert all(each.closes_by_republish for each in found.values())
    await republish(writer.database, list(TYPES), only=reader.name)
    await deliver_all(writer, bus)
    assert all(each.agrees for each in (await compared(writer, reader)).values())
    assert await reader.projection() == whole


async def test_a_producer_restored_to_an_earlier_point_needs_a_replay(writer, reader, bus):
    key, gone = new_id(), new_id()
    await count_all(writer, [key], VILLAGE, steps=2)
    await count_all(writer, [gone], VILLAGE)
    await deliver_all(writer, bus)
    await execute(writer, delete(outbox).where((outbox.c.subject == gone) | (outbox.c.aggregate_version > 1)))
    await execute(writer, update(tally.counter).where(tally.counter.c.id == key).values(version=1, total=1))
    await execute(writer, delete(tally.counter).where(tally.counter.c.id == gone))

    found = await compared(writer, reader)
    assert {(each.id, each.gap) for each in found[STATES].named} == {(key, Gap.AHEAD), (gone, Gap.UNKNOWN)}
    assert found[FACTS].counts == {Gap.UNKNOWN: 2}
    assert not any(each.closes_by_republish for each in found.values())
    await replay(reader.consumer, {"tally": writer.database}, bus)
    await deliver_all(writer, bus)
    assert all(each.agrees for each in (await compared(writer, reader)).values())
    assert await reader.projection() == {key: (1, 1, 1)}


async def test_only_so_many_are_named_and_all_are_counted(writer, reader, bus):
    await count_all(writer, [new_id() for _ in range(30)], VILLAGE)
    await execute(writer, delete(pending))
    stray = {"consumer": reader.name, "event_id": new_id(), "type": FACTS}
    await execute(reader.program, insert(inbox).values(stray))
    found = await compare(writer.database, reader.program.database, consumer=reader.name, types=TYPES, named_max=5)
    assert [len(each.named) for each in found] == [5, 5]
    assert [each.counts for each in found] == [{Gap.MISSING: 30, Gap.UNKNOWN: 1}, {Gap.MISSING: 30}]
