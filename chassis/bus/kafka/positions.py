"""Know where groups stand on the topics, and move one that nobody is a member of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from chassis.bus.kafka.connection import Connection

_EMPTY_STATES: Final = frozenset({"Empty", "Dead"})


class Positions:
    """Where one group stands.

    :param topics: as the broker calls them.
    """

    def __init__(self, connection: Connection, group: str, topics: Collection[str]) -> None:
        self._connection = connection
        self._group = connection.named(group)
        self._topics = sorted(topics)

    async def has_members(self) -> bool:
        """Whether anybody is a member of the group, or about to be."""
        async with self._connection.admin() as admin:
            (response,) = await admin.describe_consumer_groups([self._group])
        (described,) = response.to_object()["groups"]
        return described["state"] not in _EMPTY_STATES

    async def ends(self) -> dict[Any, int]:
        """The offset behind the last event of every partition that has any."""
        consumer = AIOKafkaConsumer(**self._connection.options)
        try:
            await consumer.start()
            places = await self._places(consumer)
            ends = await consumer.end_offsets(places)
            beginnings = await consumer.beginning_offsets(places)
        finally:
            await consumer.stop()
        return {place: end for place, end in ends.items() if end > beginnings[place]}

    async def committed(self) -> dict[Any, int]:
        """Up to where the group has taken each partition that it has taken anything of."""
        async with self._connection.admin() as admin:
            found = await admin.list_consumer_group_offsets(self._group)
        return {place: offset.offset for place, offset in found.items() if offset.offset >= 0}

    async def lags(self) -> dict[tuple[str, int], int]:
        """Events that the group has yet to take, by topic and partition; expired ones count too."""
        ends, committed = await self.ends(), await self.committed()
        return {(place.topic, place.partition): end - committed.get(place, 0) for place, end in ends.items()}

    async def move(self, offsets: dict[Any, int]) -> None:
        """Let the group stand at ``offsets``.

        :raises KafkaError: if it has members, who alone may move it.
        """
        consumer = AIOKafkaConsumer(**self._connection.options, group_id=self._group, enable_auto_commit=False)
        try:
            consumer.assign(list(offsets))
            await consumer.start()
            await consumer.commit(offsets)
        finally:
            await consumer.stop()

    async def _places(self, consumer: Any) -> list[Any]:
        places = []
        for topic in self._topics:
            partitions = await consumer._client._wait_on_metadata(topic)  # noqa: SLF001  # the public one asks nobody
            places += [TopicPartition(topic, partition) for partition in sorted(partitions)]
        return places
