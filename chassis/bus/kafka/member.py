"""Be one member of a consumer group: fetch, hand each partition to its share, commit what is done, leave in order.

A partition's offset is committed after its events' database transaction, so a crash repeats events and loses none. In a
rebalance every share ends the batch in hand before the partition goes to another member; no lock is held across it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError

from chassis.bus.kafka.connection import AWAY, START_SECONDS_MAX, STOP_SECONDS_MAX, Connection
from chassis.bus.kafka.share import Share
from chassis.bus.kafka.turns import Turns
from chassis.bus.protocol import BusAway, Subscriber
from chassis.events import metrics

APPLIES_MAX: Final = 4
"""Calls of the subscriber at once: each holds one connection of the program's pool."""
DRAIN_SECONDS_MAX: Final = 20.0
COMMIT_SECONDS_MAX: Final = 10.0
UNWELL_AFTER_SECONDS: Final = 60.0
_REBALANCE_SECONDS_MAX: Final = 60.0
_SESSION_SECONDS_MAX: Final = 10.0
_HEARTBEAT_SECONDS: Final = 1.0
"""Also how soon a member hears that another has come or gone."""
_FETCH_WAIT_SECONDS: Final = 0.2
_FETCH_BYTES_MAX: Final = 524_288
_COMMIT_REST_SECONDS: Final = 0.1
_MEASURE_SECONDS: Final = 1.0
_RESTART_SECONDS: Final = 0.5
_RESTART_SECONDS_MAX: Final = 10.0

log = structlog.get_logger(__name__)


class Member:
    """A subscriber's place in its group; a :class:`chassis.bus.protocol.Membership`. Made by :meth:`join`."""

    def __init__(self, connection: Connection, subscriber: Subscriber) -> None:
        self._connection = connection
        self._subscriber = subscriber
        self._topics = sorted({connection.topic(wire_type) for wire_type in subscriber.types})
        self._compacted: frozenset[str] = frozenset()
        self._shares: dict[Any, Share] = {}
        self._turns = Turns(subscriber, APPLIES_MAX)
        self._noted = asyncio.Event()
        self._committed: dict[Any, int] = {}
        self._leaving = asyncio.Event()
        self._consumer: Any = None
        self._joined = asyncio.Event()
        self._well_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    async def join(self) -> None:
        """Return when the group has given this member its partitions.

        :raises BusAway: if that takes too long; the member has left again then.
        """
        await self._connection.require(self._topics)
        self._compacted = await self._connection.compacted(self._topics)
        self._task = asyncio.create_task(self._run(), name=f"{self._subscriber.name}: member")
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                await self._joined.wait()
        except BaseException as error:
            await self.leave()
            if isinstance(error, TimeoutError):
                raise BusAway(f"the group {self._subscriber.name} did not form in time") from None
            raise

    async def leave(self) -> None:
        """Take no new batch, end the one in hand, commit it, and tell the group. May be repeated."""
        self._leaving.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    @property
    def has_left(self) -> bool:
        return self._task is None or self._task.done()

    async def probe(self) -> dict[str, Any]:
        """Whether every partition gets on, and each one's lag."""
        busy = {share: share.seconds_busy() for share in self._shares.values()}
        silent = time.monotonic() - self._well_at
        return {
            "ready": silent < UNWELL_AFTER_SECONDS and all(age < UNWELL_AFTER_SECONDS for age in busy.values()),
            "group": self._subscriber.name,
            "seconds_since_progress": round(max(silent, *busy.values(), 0.0), 1),
            "partitions": {
                f"{share.place.topic}-{share.place.partition}": {
                    "lag": self._lag(share),
                    "seconds_in_hand": round(age, 1),
                }
                for share, age in busy.items()
            },
        }

    async def _run(self) -> None:
        pause = _RESTART_SECONDS
        while not self._leaving.is_set():
            began = time.monotonic()
            try:
                await self._session()
            except AWAY as error:
                reason = type(error).__name__
            except Exception as error:  # noqa: BLE001  # a member that ended would leave its partitions unread
                reason = type(error).__qualname__
            else:
                continue
            log.warning("bus.member_starts_again", group=self._subscriber.name, reason=reason)
            pause = _RESTART_SECONDS if time.monotonic() - began > _SESSION_SECONDS_MAX else pause
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), pause)
            pause = min(2 * pause, _RESTART_SECONDS_MAX)

    async def _session(self) -> None:
        """One life of a client: until we leave, or it fails."""
        consumer = self._client()
        committer = asyncio.create_task(self._commit_always(consumer))
        try:
            consumer.subscribe(self._topics, listener=_Listener(self, consumer))
            if await self._started(consumer):
                self._consumer = consumer
                self._joined.set()
                await self._read(consumer)
        finally:
            self._consumer = None
            await self.release(consumer)
            committer.cancel()
            await asyncio.wait([committer])
            await _stopped(consumer)

    def _client(self) -> Any:
        return AIOKafkaConsumer(
            **self._connection.options,
            group_id=self._connection.named(self._subscriber.name),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(_SESSION_SECONDS_MAX * 1000),
            heartbeat_interval_ms=int(_HEARTBEAT_SECONDS * 1000),
            rebalance_timeout_ms=int(_REBALANCE_SECONDS_MAX * 1000),
            fetch_max_wait_ms=int(_FETCH_WAIT_SECONDS * 1000),
            max_partition_fetch_bytes=_FETCH_BYTES_MAX,
        )

    async def _started(self, consumer: Any) -> bool:
        """Whether the client has its partitions; False if we leave before."""
        starting = asyncio.create_task(consumer.start())
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            await asyncio.wait([starting, leaving], timeout=START_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                return True
            if self._leaving.is_set():
                return False
            raise TimeoutError
        finally:
            for task in (starting, leaving):
                task.cancel()
            await asyncio.wait([starting, leaving])

    async def _read(self, consumer: Any) -> None:
        """Hand on what comes. A fetch is always under way, so the group never takes this member for idle."""
        measured_at = 0.0
        while not self._leaving.is_set():
            for place, records in (await consumer.getmany(timeout_ms=int(_FETCH_WAIT_SECONDS * 1000))).items():
                self._share(place).put(records)
            self._hold_back(consumer)
            now = time.monotonic()
            if now - measured_at >= _MEASURE_SECONDS:
                measured_at = now
                self._measure(consumer)
                if now - self._well_at > UNWELL_AFTER_SECONDS:
                    raise TimeoutError  # the client itself may be stuck: begin with a new one

    def _hold_back(self, consumer: Any) -> None:
        paused = consumer.paused()
        for place, share in self._shares.items():
            if place not in consumer.assignment():
                continue
            if share.is_full and place not in paused:
                consumer.pause(place)
            elif share.has_room and place in paused:
                consumer.resume(place)

    def _measure(self, consumer: Any) -> None:
        """Note lags, and that the broker answers: of each partition that is fetched it did so lately."""
        polls = []
        for share in self._shares.values():
            if share.place in consumer.assignment():
                metrics.consumer_lag.labels(*self._labels(share)).set(self._lag(share) or 0)
                if not share.is_full:
                    polls.append(consumer.last_poll_timestamp(share.place) or 0)
        if not polls or time.time() - min(polls) / 1000 < UNWELL_AFTER_SECONDS / 2:
            self._well_at = time.monotonic()

    def _lag(self, share: Share) -> int | None:
        consumer = self._consumer
        if consumer is None or share.place not in consumer.assignment():
            return None
        highwater = consumer.highwater(share.place)
        if highwater is None:
            return None
        return share.held if share.done is None else max(0, int(highwater) - share.done)

    def _labels(self, share: Share) -> tuple[str, str, str]:
        return self._subscriber.name, share.place.topic, str(share.place.partition)

    def _share(self, place: Any) -> Share:
        share = self._shares.get(place)
        if share is None:
            gapless = place.topic not in self._compacted
            types = {each.encode() for each in self._subscriber.types if self._connection.topic(each) == place.topic}
            of_states = types <= self._subscriber.kept
            share = Share(place, self._subscriber, self._turns, self._noted.set, gapless=gapless, of_states=of_states)
            self._shares[place] = share
        return share

    async def assign(self, consumer: Any, places: Collection[Any]) -> None:
        """Begin a share for each partition, told where the group had stopped."""
        shares = [self._share(place) for place in places]
        with suppress(*AWAY):
            async with asyncio.timeout(COMMIT_SECONDS_MAX):
                for share in shares:
                    share.expect(await consumer.committed(share.place))

    async def release(self, consumer: Any) -> None:
        """End every share's batch in hand and commit what is done, so that others go on from there."""
        shares = list(self._shares.values())
        await asyncio.gather(*(share.end(within_seconds=DRAIN_SECONDS_MAX) for share in shares))
        await self._commit(consumer)
        self._shares.clear()
        self._committed.clear()
        for share in shares:
            with suppress(KeyError):
                metrics.consumer_lag.remove(*self._labels(share))

    async def _commit_always(self, consumer: Any) -> None:
        """Commit as shares get on; one request for all that moved meanwhile."""
        while True:
            await self._noted.wait()
            await asyncio.sleep(_COMMIT_REST_SECONDS)
            self._noted.clear()
            if not await self._commit(consumer):
                self._noted.set()
                await asyncio.sleep(_RESTART_SECONDS)

    async def _commit(self, consumer: Any) -> bool:
        """Commit what is done; False if that must be tried again. Events of a lost commit come twice, taken once."""
        assigned = consumer.assignment()
        moved = {
            place: share.done
            for place, share in self._shares.items()
            if share.done is not None and share.done != self._committed.get(place) and place in assigned
        }
        if not moved:
            return True
        try:
            async with asyncio.timeout(COMMIT_SECONDS_MAX):
                await consumer.commit(moved)
        except (CommitFailedError, IllegalStateError):
            log.info("bus.commit_after_rebalance", group=self._subscriber.name)
        except AWAY as error:
            log.warning("bus.commit_failed", group=self._subscriber.name, reason=type(error).__name__)
            return False
        self._committed |= moved
        return True


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # the library is untyped
    def __init__(self, member: Member, consumer: Any) -> None:
        self._member = member
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Collection[Any]) -> None:
        if revoked:
            await self._member.release(self._consumer)

    async def on_partitions_assigned(self, assigned: Collection[Any]) -> None:
        await self._member.assign(self._consumer, assigned)


async def _stopped(consumer: Any) -> None:
    """Leave the group and close; the client's own stop may hang while the broker is away."""
    with suppress(*AWAY):
        async with asyncio.timeout(2 * STOP_SECONDS_MAX):
            await consumer.stop()
            return
    with suppress(*AWAY):
        async with asyncio.timeout(STOP_SECONDS_MAX):
            await consumer._client.close()  # noqa: SLF001  # what its stop did not come to
