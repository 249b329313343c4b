"""Carry events over Kafka: a topic for each noun, the aggregate as key, commits behind the database's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from typing import Final

import structlog

from chassis.bus.kafka.connection import AWAY, START_SECONDS_MAX, Connection
from chassis.bus.kafka.member import Member
from chassis.bus.kafka.positions import Positions
from chassis.bus.kafka.producer import Producer
from chassis.bus.protocol import BusAway, Subscriber
from chassis.events.event import Envelope
from chassis.settings import KafkaSettings

SKIP_SECONDS_MAX: Final = 300.0
_POLL_SECONDS: Final = 0.2

log = structlog.get_logger(__name__)


class KafkaBus:
    """The bus of every mode but the embedded one. Topics are never made here: ``xianjie topics apply`` does.

    :param client: the program's name, for the broker's log.
    """

    def __init__(self, settings: KafkaSettings, client: str) -> None:
        self._connection = Connection(settings, client)
        self._producer = Producer(self._connection)
        self._members: list[Member] = []

    async def publish(self, envelopes: Sequence[Envelope], *, only: str | None = None) -> None:
        if envelopes:
            await self._producer.publish(envelopes, only=only)

    async def join(self, subscriber: Subscriber) -> Member:
        member = Member(self._connection, subscriber)
        await member.join()
        self._members = [each for each in self._members if not each.has_left] + [member]
        return member

    async def skip_backlog(self, subscriber: Subscriber, types: Collection[str]) -> None:
        topics = {self._connection.topic(wire_type) for wire_type in types}
        positions = Positions(self._connection, subscriber.name, topics)
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                ends = await positions.ends()
            if await positions.has_members():
                await _reached(positions, ends)
            elif ends:
                self._refuse_others(subscriber, types, topics)
                await positions.move(ends)
        except AWAY as error:
            raise BusAway(f"the group {subscriber.name} was not moved: {type(error).__name__}") from error

    def _refuse_others(self, subscriber: Subscriber, types: Collection[str], topics: Collection[str]) -> None:
        """What lies on the same topics and will not be delivered again must not be skipped."""
        others = {each for each in subscriber.types if self._connection.topic(each) in topics} - set(types)
        if others:
            raise BusAway(
                f"nobody of the group {subscriber.name} runs, and its topics also carry {', '.join(sorted(others))}:"
                " start a worker of it, or replay these too"
            )

    async def close(self) -> None:
        await asyncio.gather(*(member.leave() for member in self._members))
        await self._producer.close()


async def _reached(positions: Positions, ends: dict[object, int]) -> None:
    """Wait until the group's members have taken everything up to ``ends``; nothing new comes meanwhile.

    :raises BusAway: if they do not get there in time.
    """
    until = time.monotonic() + SKIP_SECONDS_MAX
    while True:
        committed = await positions.committed()
        if all(committed.get(place, 0) >= end for place, end in ends.items()):
            return
        if time.monotonic() > until:
            raise BusAway("the group does not get through its backlog; stop its workers and try again")
        await asyncio.sleep(_POLL_SECONDS)
