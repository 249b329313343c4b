"""The bus inside one process passes the suite, and waits for groups that are not there yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest

from chassis.bus.in_process import InProcessBus
from chassis.bus.protocol import BusAway, ConsumerPaused
from chassis.events.event import Envelope
from chassis.identifiers import new_id
from chassis.testing.programs import VILLAGE
from tests.chassis.bus.conformance import BusConformance


class TestInProcessBus(BusConformance):
    @pytest.fixture
    def make_bus(self):
        return lambda *groups: InProcessBus(groups)


@dataclass
class Listener:
    name: str = "reader"
    types: frozenset[str] = frozenset({"t"})
    kept: frozenset[bytes] = frozenset()
    error: Exception | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)
    got: list[Envelope] = field(default_factory=list)

    async def apply(self, envelopes: Sequence[Envelope]) -> None:
        await self.open.wait()
        if self.error is not None:
            raise self.error
        self.got.extend(envelopes)


def listener(name: str = "reader", *, error: Exception | None = None) -> Listener:
    made = Listener(name, error=error)
    made.open.set()
    return made


def envelope(subject: UUID | None = None) -> Envelope:
    return Envelope(new_id(), "t", "/services/s", subject or new_id(), 1, VILLAGE, datetime.now(UTC), None, {})


async def test_nothing_is_acknowledged_before_every_group_has_joined():
    bus, early = InProcessBus(["reader", "archive"]), listener()
    await bus.join(early)
    with pytest.raises(BusAway, match="archive"):
        await bus.publish([envelope()])


async def test_a_group_that_the_bus_was_not_told_of_cannot_join():
    with pytest.raises(ValueError, match="misses no event"):
        await InProcessBus(["reader"]).join(listener("stranger"))


async def test_a_paused_member_withholds_the_acknowledgement_and_the_others_still_get_theirs():
    bus, good = InProcessBus(["reader", "archive"]), listener()
    await bus.join(good)
    await bus.join(listener("archive", error=ConsumerPaused("database away")))
    sent = envelope()
    with pytest.raises(BusAway):
        await bus.publish([sent])
    assert good.got == [sent]


async def test_an_error_that_is_no_pause_reaches_the_publisher_as_it_is():
    bus = InProcessBus(["reader"])
    await bus.join(listener(error=ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        await bus.publish([envelope()])


async def test_a_delivery_to_one_group_passes_the_others_over():
    bus, one, other = InProcessBus(["reader", "archive"]), listener(), listener("archive")
    await bus.join(one)
    await bus.join(other)
    await bus.publish([envelope()], only="archive")
    assert (len(one.got), len(other.got)) == (0, 1)


async def test_a_delivery_to_a_group_that_is_no_more_is_acknowledged():
    bus, reader = InProcessBus(["reader"]), listener()
    await bus.join(reader)
    await bus.publish([envelope()], only="retired")
    assert reader.got == []


async def test_leaving_waits_for_the_batch_in_hand_even_while_others_publish():
    bus, leaving = InProcessBus(["reader"]), Listener()
    place = await bus.join(leaving)
    first = asyncio.create_task(bus.publish([envelope()]))
    await asyncio.sleep(0)
    gone = asyncio.create_task(place.leave())
    await asyncio.sleep(0.01)
    second = asyncio.create_task(bus.publish([envelope()]))
    await asyncio.sleep(0.01)
    assert not gone.done()
    leaving.open.set()
    await first
    await gone
    assert len(leaving.got) == 1
    with pytest.raises(BusAway):
        await second


async def test_a_cancelled_publisher_leaves_the_group_usable():
    bus, slow = InProcessBus(["reader"]), Listener()
    await bus.join(slow)
    publishing = asyncio.create_task(bus.publish([envelope()]))
    await asyncio.sleep(0.01)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing
    slow.open.set()
    other = listener()
    await asyncio.wait_for(bus.join(other), 1)
    await bus.publish([envelope() for _ in range(20)])
    assert len(slow.got) + len(other.got) == 20
    assert other.got


async def test_events_of_a_key_go_to_one_member():
    bus, one, other = InProcessBus(["reader"]), listener(), listener()
    await bus.join(one)
    await bus.join(other)
    keys = [new_id() for _ in range(20)]
    for _ in range(3):
        await bus.publish([envelope(key) for key in keys])
    assert {e.subject for e in one.got}.isdisjoint({e.subject for e in other.got})
    assert len(one.got) + len(other.got) == 60
