"""Apply one partition's events in order, a batch at a time, and say up to where they are done."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

import structlog

from chassis.bus.kafka.turns import TOGETHER_MAX, Turn, Turns
from chassis.bus.protocol import ConsumerPaused, Subscriber
from chassis.events import cloud_event, metrics
from chassis.events.cloud_event import NotOurEvent
from chassis.events.event import Envelope
from chassis.events.faults import reason_of

BATCH_MAX: Final = 500
"""Events in one call, unless they are states, which may be as many as come together."""
HELD_MAX: Final = 2_000
"""Events of a partition that wait here; with more the broker keeps them, until half are done."""
PAUSE_SECONDS: Final = 0.2
PAUSE_SECONDS_MAX: Final = 5.0

log = structlog.get_logger(__name__)


class Share:
    """A member's hold of one partition, from its assignment to its revocation.

    :ivar done: the offset after the last event that was applied or parked; None until there is one.
    """

    def __init__(
        self,
        place: Any,
        subscriber: Subscriber,
        turns: Turns,
        noted: Callable[[], None],
        *,
        gapless: bool,
        of_states: bool,
    ) -> None:
        """
        :param turns: the member's, which say when a batch is applied and with whose.
        :param noted: called whenever ``done`` has moved.
        :param gapless: the topic is not compacted, so an offset that is missing is an event that expired unread.
        :param of_states: all that the subscriber reads on the topic are states that it keeps.
        """
        self.place = place
        self.done: int | None = None
        self._subscriber = subscriber
        self._types = subscriber.types
        self._texts = {wire_type.encode() for wire_type in subscriber.types}
        self._audiences = (None, subscriber.name)
        self._turns = turns
        self._noted = noted
        self._gapless = gapless
        self._of_states = of_states
        self._batch_max = TOGETHER_MAX if of_states else BATCH_MAX
        self._held: deque[tuple[int, Envelope | None]] = deque()
        self._filled = asyncio.Event()
        self._ending = asyncio.Event()
        self._busy_since: float | None = None
        self._next: int | None = None
        self._task = asyncio.create_task(self._run(), name=f"{subscriber.name}: {place.topic}-{place.partition}")

    @property
    def held(self) -> int:
        return len(self._held)

    @property
    def is_full(self) -> bool:
        return len(self._held) > HELD_MAX

    @property
    def has_room(self) -> bool:
        return len(self._held) <= HELD_MAX // 2

    def seconds_busy(self) -> float:
        """How long the batch in hand has been there; 0 while nothing waits."""
        return 0.0 if self._busy_since is None else time.monotonic() - self._busy_since

    def expect(self, offset: int | None) -> None:
        """Note where the group had stopped reading."""
        if self._next is None:
            self._next = offset

    def put(self, records: Sequence[Any]) -> None:
        """Take what was fetched, and read it now: a client's records are many times as large as what they say."""
        if self._ending.is_set():
            return
        self._look_for_gap(records[0].offset)
        self._next = records[-1].offset + 1
        self._held.extend(zip([record.offset for record in records], self._read(records), strict=True))
        self._filled.set()

    async def end(self, *, within_seconds: float) -> None:
        """Let the batch in hand end, take no further one; one that does not end in time is rolled back."""
        self._ending.set()
        self._filled.set()
        done, _ = await asyncio.wait([self._task], timeout=within_seconds)
        if not done:
            log.warning("bus.batch_given_up", group=self._subscriber.name, **self._names)
            self._task.cancel()
            await asyncio.wait([self._task])

    @property
    def _names(self) -> dict[str, Any]:
        return {"topic": self.place.topic, "partition": self.place.partition}

    async def _run(self) -> None:
        while not self._ending.is_set():
            if not self._held:
                self._filled.clear()
                await self._filled.wait()
                continue
            self._busy_since = time.monotonic()
            taken = await self._take_batch()
            if not taken:
                return
            self._busy_since = None
            self.done = self._held[taken - 1][0] + 1
            for _ in range(taken):
                self._held.popleft()
            self._noted()

    async def _take_batch(self) -> int:
        """Hand a batch in until it is taken. Returns how many records that were, or 0 if the share ended before."""
        batch: list[Envelope | None] = []
        taken = 0

        def cut() -> list[Envelope]:
            nonlocal taken
            if self._ending.is_set():
                taken = 0
                return []
            if not batch:  # only now, with all that came while others were being applied
                batch.extend(envelope for _, envelope in islice(self._held, self._batch_max))
            taken = len(batch)
            return [envelope for envelope in batch if envelope is not None]

        pause, alone = PAUSE_SECONDS, not self._of_states
        while True:
            try:
                await self._turns.take(Turn(lambda: self.held, cut, alone))
            except ConsumerPaused as error:
                reason = str(error)
            except Exception as error:  # noqa: BLE001  # a share that died would leave its partition unread
                reason = reason_of(error)
            else:
                return taken
            log.warning("bus.consumer_paused", group=self._subscriber.name, reason=reason, **self._names)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause)
                return 0
            pause, alone = min(2 * pause, PAUSE_SECONDS_MAX), True

    def _read(self, records: Sequence[Any]) -> Sequence[Envelope | None]:
        """The events in records, where they are for this group."""
        texts = cloud_event.usual([record.headers for record in records], [record.value for record in records])
        ours = [text for text in texts if text is not None and text.type in self._texts]
        try:
            ready = Envelope.of_texts(ours, cloud_event.all_data_in([text.data for text in ours]))
        except NotOurEvent:
            return [self._read_one(record) for record in records]
        if len(ours) == len(records):
            return ready
        left = iter(ready)
        return [
            self._read_one(record) if text is None else next(left) if text.type in self._texts else None
            for record, text in zip(records, texts, strict=True)
        ]

    def _read_one(self, record: Any) -> Envelope | None:
        value = record.value or b""
        try:
            found = cloud_event.attributes(record.headers)
            if cloud_event.type_of(found) not in self._types or cloud_event.audience(found) not in self._audiences:
                return None
            return cloud_event.read(value, found)
        except NotOurEvent as error:
            metrics.foreign_records.labels(self._subscriber.name, self.place.topic).inc()
            names = {"group": self._subscriber.name, "offset": record.offset, **self._names}
            log.error("bus.not_our_event", reason=str(error), **names)
            return None

    def _look_for_gap(self, offset: int) -> None:
        if not self._gapless or self._next is None or offset <= self._next:
            return
        missing = offset - self._next
        metrics.expired_events.labels(self._subscriber.name, self.place.topic).inc(missing)
        log.error("bus.events_expired", group=self._subscriber.name, missing=missing, **self._names)
