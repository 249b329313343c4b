"""A bus for tests of what publishes: it keeps what it is given, and refuses or holds it when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.bus.protocol import BusAway, Membership, Subscriber
from chassis.events.event import Envelope


@dataclass
class RecordingBus:
    """Acknowledges every batch and delivers none.

    :ivar published: every event acknowledged, in order, with the one group that it was for or None.
    :ivar refusals: how many of the next batches it refuses.
    :ivar open: clear it to leave publishers waiting for the acknowledgement.
    """

    published: list[tuple[Envelope, str | None]] = field(default_factory=list)
    refusals: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    skipped: list[str] = field(default_factory=list)
    members: list[Subscriber] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open.set()

    @property
    def envelopes(self) -> list[Envelope]:
        return [envelope for envelope, _ in self.published]

    async def publish(self, envelopes: Sequence[Envelope], *, only: str | None = None) -> None:
        await self.open.wait()
        if self.refusals > 0:
            self.refusals -= 1
            raise BusAway("refused by the test")
        self.published.extend((envelope, only) for envelope in envelopes)

    async def join(self, subscriber: Subscriber) -> Membership:
        self.members.append(subscriber)
        return _Place(self, subscriber)

    async def skip_backlog(self, subscriber: Subscriber, types: Collection[str]) -> None:  # noqa: ARG002
        self.skipped.append(subscriber.name)

    async def close(self) -> None:
        self.members.clear()


@dataclass
class _Place:
    bus: RecordingBus
    subscriber: Subscriber

    async def leave(self) -> None:
        self.bus.members.remove(self.subscriber)

    async def probe(self) -> dict[str, Any]:
        return {"ready": True}
