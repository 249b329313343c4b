"""Publish batches so that each partition gets all of its share or none of it, and in order.

Of one call every partition's share is one record batch, which the broker appends as a whole. So whatever fails, a try
leaves a beginning of each key's events and never a later one without the earlier; publishing again from the start
keeps the order of first deliveries.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.bus.kafka.connection import AWAY, START_SECONDS_MAX, STOP_SECONDS_MAX, Connection
from chassis.bus.kafka.partitioning import partitions_of
from chassis.bus.protocol import BusAway
from chassis.events import cloud_event
from chassis.events.cloud_event import Message
from chassis.events.event import Envelope

SEND_SECONDS_MAX: Final = 30.0
"""Until then the client's own retries may bridge a broker's restart or a change of leader."""
_BATCH_BYTES_MAX: Final = 900_000  # the broker refuses batches over 1 MiB


class Producer:
    """An idempotent producer that waits for all replicas, made again after every failure."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._producer: Any = None
        self._opening = asyncio.Lock()
        self._known: set[str] = set()
        self._discarded: set[asyncio.Task[None]] = set()

    async def publish(self, envelopes: Sequence[Envelope], *, only: str | None) -> None:
        """Return when the broker has every event on all replicas in sync.

        :raises BusAway: if not; whatever was sent may or may not have arrived.
        """
        try:
            async with asyncio.timeout(SEND_SECONDS_MAX):
                types = {each.text.type for each in envelopes}
                topics = {wire_type: self._connection.topic(wire_type.decode()) for wire_type in types}
                producer = await self._opened(set(topics.values()))
                await self._send(producer, envelopes, topics, only)
        except AWAY as error:
            self._discard()
            raise BusAway(f"not acknowledged: {type(error).__name__}") from error
        except BaseException:
            # Whoever gave up on this batch publishes it again, perhaps elsewhere: nothing of it may follow later.
            self._discard()
            raise

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _closed(producer)
        if self._discarded:
            await asyncio.wait(self._discarded)

    async def _opened(self, topics: set[str]) -> Any:
        async with self._opening:
            if not topics <= self._known:
                await self._connection.require(topics)
                self._known |= topics
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._connection.options,
                    enable_idempotence=True,
                    acks="all",
                    max_batch_size=_BATCH_BYTES_MAX,
                )
                try:
                    async with asyncio.timeout(START_SECONDS_MAX):
                        await producer.start()
                except BaseException:
                    await asyncio.shield(_closed(producer))
                    raise
                self._producer = producer
            return self._producer

    @staticmethod
    async def _send(
        producer: Any, envelopes: Sequence[Envelope], topics: Mapping[bytes, str], only: str | None
    ) -> None:
        by_topic: dict[str, list[Envelope]] = defaultdict(list)
        for envelope in envelopes:
            by_topic[topics[envelope.text.type]].append(envelope)
        shares: dict[tuple[str, int], list[Message]] = defaultdict(list)
        for topic, part in by_topic.items():
            partitions = len(await producer.partitions_for(topic))
            chosen = partitions_of([envelope.text.subject for envelope in part], partitions)
            for envelope, partition in zip(part, chosen, strict=True):
                shares[topic, partition].append(cloud_event.write(envelope, only=only))
        await asyncio.gather(*(_send_share(producer, *place, messages) for place, messages in shares.items()))

    def _discard(self) -> None:
        producer, self._producer = self._producer, None
        self._known.clear()  # perhaps one is gone
        if producer is not None:
            task = asyncio.create_task(_closed(producer, at_once=True))
            self._discarded.add(task)
            task.add_done_callback(self._discarded.discard)


async def _send_share(producer: Any, topic: str, partition: int, messages: Sequence[Message]) -> None:
    """Send one partition's messages; more than fit into one batch go one batch after the other's acknowledgement."""
    batch = producer.create_batch()
    for message in messages:
        if _append(batch, message) is None:
            await (await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            _append(batch, message)  # the first of a batch always fits; the broker has the last word on its size
    batch.close()
    await (await producer.send_batch(batch, topic, partition=partition))


def _append(batch: Any, message: Message) -> Any:
    return batch.append(timestamp=None, key=message.key, value=message.value, headers=message.headers)


async def _closed(producer: Any, *, at_once: bool = False) -> None:
    """Stop a producer, which may hang: its own stop waits for batches that an idempotent producer never gives up."""
    if at_once:
        _give_up(producer._message_accumulator)  # noqa: SLF001  # there is no public way
    with suppress(*AWAY):
        async with asyncio.timeout(STOP_SECONDS_MAX):
            await producer.stop()
            return
    if producer._sender.sender_task is not None:  # noqa: SLF001
        producer._sender.sender_task.cancel()  # noqa: SLF001
    with suppress(*AWAY):
        async with asyncio.timeout(STOP_SECONDS_MAX):
            await producer.client.close()


def _give_up(accumulator: Any) -> None:
    """End every batch that waits or is under way, without a word of it in the log: whoever sent it is told already."""
    accumulator.fail_all(KafkaError("given up"))
    for batch in chain(*accumulator._batches.values(), accumulator._pending_batches):  # noqa: SLF001
        for future in (batch.future, batch._drain_waiter):  # noqa: SLF001
            if not future.cancelled():
                future.exception()
