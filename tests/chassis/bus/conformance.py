"""What any bus must do for a relay and for consumers: subclass :class:`BusConformance` and give it ``make_bus``.

Every test goes the whole way, from an outbox in one database over the bus to a projection in another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress

import pytest

from chassis.bus.protocol import Bus, Membership
from chassis.errors import Unavailable
from chassis.events.event import Envelope
from chassis.events.redelivery import replay, republish
from chassis.events.relay import Relay
from chassis.events.retrier import ParkedRetrier
from chassis.identifiers import new_id
from chassis.testing import tally
from chassis.testing.eventually import eventually
from chassis.testing.tally import TallyReader
from tests.chassis.bus.delivering import Writer, equals, expected, heard, is_zero, parked_states, running

MakeBus = Callable[..., Bus]


class BusConformance:
    """The suite. ``make_bus(*groups)`` opens the bus that knows these groups; a second call is another client of it, as
    after a restart of the platform."""

    @pytest.fixture
    async def open_bus(self, make_bus: MakeBus) -> AsyncIterator[Callable[..., Bus]]:
        async with AsyncExitStack() as stack:

            def open_(*groups: str) -> Bus:
                bus = make_bus(*groups)
                stack.push_async_callback(bus.close)
                return bus

            yield open_

    @pytest.fixture
    def writer(self, make_program) -> Writer:
        return Writer(make_program("tally", tally.tables))

    @pytest.fixture
    def make_reader(self, make_program) -> Callable[..., TallyReader]:
        return lambda name="reader", **options: TallyReader(make_program(name, tally.tables), name, **options)

    async def test_events_of_a_key_arrive_once_and_in_order(self, open_bus, writer, make_reader):
        bus, reader = open_bus("reader"), make_reader()
        await bus.join(reader.consumer)
        async with writer.delivering(bus):
            await writer.count(10)
            await heard(reader, writer.counters, 10)
            await eventually(lambda: is_zero(writer.backlog))

    async def test_every_group_gets_every_event(self, open_bus, writer, make_reader):
        bus, one, other = open_bus("reader", "archive"), make_reader(), make_reader("archive")
        await bus.join(one.consumer)
        await bus.join(other.consumer)
        async with writer.delivering(bus):
            await writer.count(5)
            await heard(one, writer.counters, 5)
            await heard(other, writer.counters, 5)

    async def test_redelivery_has_no_second_effect(self, open_bus, writer, make_reader):
        bus, reader = open_bus("reader"), make_reader()
        await bus.join(reader.consumer)
        async with writer.delivering(bus):
            await writer.count(4)
            await heard(reader, writer.counters, 4)
            again = await republish(writer.program.database, reader.consumer.types)
            assert again == 2 * 4 * len(writer.counters)
            await writer.count(1)
            await heard(reader, writer.counters, 5)
            await eventually(lambda: is_zero(writer.backlog))
        assert await reader.versions() == expected(writer.counters, 5)

    async def test_a_consumer_that_restarts_goes_on_where_it_was(self, open_bus, writer, make_reader):
        bus, reader = open_bus("reader"), make_reader()
        membership = await bus.join(reader.consumer)
        async with writer.delivering(bus):
            await writer.count(3)
            await heard(reader, writer.counters, 3)
            await membership.leave()
            await writer.count(3)
            assert await reader.versions() == expected(writer.counters, 3)
            restarted = TallyReader(reader.program)
            await bus.join(restarted.consumer)
            await heard(restarted, writer.counters, 6)

    async def test_two_consumers_of_a_group_share_the_work_and_keep_order(self, open_bus, writer, make_reader):
        bus, one = open_bus("reader"), make_reader()
        other = TallyReader(one.program)
        places: list[Membership] = [await bus.join(one.consumer), await bus.join(other.consumer)]
        writer.counters = [new_id() for _ in range(40)]
        async with writer.delivering(bus):
            await writer.count(3)
            await heard(one, writer.counters, 3)
            assert one.steps > 0
            assert other.steps > 0
            await places[0].leave()
            done = one.steps
            await writer.count(2)
            await heard(one, writer.counters, 5)
            assert one.steps == done

    async def test_a_poisoned_key_waits_while_others_go_on_and_order_returns(self, open_bus, writer, make_reader):
        bus, reader = open_bus("reader"), make_reader()
        poisoned = writer.counters[0]
        cured = asyncio.Event()

        async def refuse(envelope: Envelope) -> None:
            if envelope.subject == poisoned and not cured.is_set():
                raise ValueError("an error that quotes 张三")

        reader.before = refuse
        await bus.join(reader.consumer)
        async with writer.delivering(bus):
            await writer.count(3)
            others = writer.counters[1:]
            await eventually(lambda: equals(reader.versions, expected(others, 3)))
            # The others may be through before the last of the poisoned key has come.
            held = [(poisoned, 1, "failed"), (poisoned, 2, "behind"), (poisoned, 3, "behind")]
            await eventually(lambda: equals(lambda: parked_states(reader), held))
            cured.set()
            async with running(ParkedRetrier(reader.program, [reader.consumer], poll_seconds=0.05).run):
                await heard(reader, writer.counters, 3)
            await writer.count(1)
            await heard(reader, writer.counters, 4)

    async def test_an_outage_is_no_try(self, open_bus, writer, make_reader):
        bus, reader = open_bus("reader"), make_reader()
        outages = 2

        async def away(_envelope: Envelope) -> None:
            nonlocal outages
            if outages:
                outages -= 1
                raise Unavailable

        reader.before = away
        await bus.join(reader.consumer)
        async with writer.delivering(bus):
            await writer.count(2)
            await heard(reader, writer.counters, 2)
        assert await parked_states(reader) == []

    async def test_replay_rebuilds_the_projection_while_events_go_on(self, open_bus, writer, make_reader):
        bus, reader = open_bus("reader"), make_reader()
        await bus.join(reader.consumer)
        async with writer.delivering(bus):
            await writer.count(5)
            await heard(reader, writer.counters, 5)
            writing = asyncio.create_task(writer.count(5))
            count = await replay(reader.consumer, {"tally": writer.program.database}, bus)
            assert count >= 2 * 5 * len(writer.counters)
            await writing
            await heard(reader, writer.counters, 10)
        totals = dict.fromkeys(writer.counters, (10, 10, 10))
        await eventually(lambda: equals(reader.projection, totals))

    async def test_a_replay_for_one_group_is_passed_over_by_the_others(self, open_bus, writer, make_reader):
        bus, one, other = open_bus("reader", "archive"), make_reader(), make_reader("archive")
        await bus.join(one.consumer)
        await bus.join(other.consumer)
        async with writer.delivering(bus):
            await writer.count(3)
            await heard(one, writer.counters, 3)
            await heard(other, writer.counters, 3)
            # Without its inbox a group would take again whatever reaches it.
            await other.consumer.forget(other.consumer.types)
            await replay(one.consumer, {"tally": writer.program.database}, bus)
            await writer.count(1)
            await heard(one, writer.counters, 4)
            await eventually(lambda: is_zero(writer.backlog))
            last = {counter: [4] for counter in writer.counters}
            await eventually(lambda: equals(other.versions, last))

    async def test_members_come_and_go_under_load_and_order_stays(self, open_bus, writer, make_reader):
        bus, first = open_bus("reader"), make_reader()
        writer.counters = [new_id() for _ in range(20)]
        stays = await bus.join(first.consumer)
        async with writer.delivering(bus):
            writing = asyncio.create_task(writer.count(12))
            for _ in range(2):
                passing = await bus.join(TallyReader(first.program).consumer)
                await asyncio.sleep(0.2)
                await passing.leave()
            await writing
            await heard(first, writer.counters, 12, within_seconds=25)
        await stays.leave()

    async def test_a_late_joiner_builds_the_same_projection(self, open_bus, writer, make_reader):
        early, late = make_reader(), make_reader("late")
        bus = open_bus("reader")
        place = await bus.join(early.consumer)
        async with writer.delivering(bus):
            await writer.count(6)
            await heard(early, writer.counters, 6)
        await place.leave()
        bus = open_bus("reader", "late")
        await bus.join(early.consumer)
        await bus.join(late.consumer)
        async with writer.delivering(bus):
            await replay(late.consumer, {"tally": writer.program.database}, bus)
            await writer.count(1)
            await heard(late, writer.counters, 7)
            await heard(early, writer.counters, 7)
            await eventually(lambda: is_zero(writer.backlog))
        assert await late.projection() == await early.projection()

    async def test_a_slow_handler_delays_and_loses_nothing(self, open_bus, writer, make_reader):
        bus, reader = open_bus("reader"), make_reader()

        async def dawdle(_envelope: Envelope) -> None:
            await asyncio.sleep(0.03)

        reader.before = dawdle
        await bus.join(reader.consumer)
        async with writer.delivering(bus, publish_seconds_max=0.5):
            await writer.count(4)
            await heard(reader, writer.counters, 4)

    async def test_a_large_backlog_drains_in_order(self, open_bus, writer, make_reader):
        bus, reader = open_bus("reader"), make_reader()
        writer.counters = [new_id() for _ in range(100)]
        await writer.count(10)
        await bus.join(reader.consumer)
        async with writer.delivering(bus):
            await heard(reader, writer.counters, 10, within_seconds=25)

    async def test_a_shutdown_in_the_middle_leaves_no_event_half_done(self, open_bus, writer, make_reader):
        reader = make_reader()
        halfway = asyncio.Event()

        async def dawdle(_envelope: Envelope) -> None:
            if reader.steps >= 25:
                halfway.set()
                await asyncio.sleep(0.05)

        reader.before = dawdle
        bus = open_bus("reader")
        await bus.join(reader.consumer)
        writer.counters = [new_id() for _ in range(40)]
        await writer.count(6)
        killed = asyncio.create_task(Relay(writer.program, bus, batch_max=20).run(asyncio.Event()))
        await asyncio.wait_for(halfway.wait(), 15)
        killed.cancel()
        with suppress(asyncio.CancelledError):
            await killed
        await bus.close()
        before = await reader.versions()
        assert sum(len(versions) for versions in before.values()) < 6 * len(writer.counters)
        assert all(versions == list(range(1, len(versions) + 1)) for versions in before.values())
        bus, restarted = open_bus("reader"), TallyReader(reader.program)
        await bus.join(restarted.consumer)
        async with writer.delivering(bus):
            await heard(restarted, writer.counters, 6)
