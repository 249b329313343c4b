"""Hand each batch to every group inside one process, and acknowledge when each has it in its own database.

Nothing lives only in memory: until :meth:`InProcessBus.publish` returns, the producer keeps the events in ``pending``.
A slow or absent group therefore holds back the producer's next batch; that is the price of having no broker.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from chassis.bus.protocol import BusAway, ConsumerPaused, Subscriber
from chassis.events.event import Envelope

log = structlog.get_logger(__name__)


@dataclass
class _Group:
    members: list[_Member] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    in_hand: int = 0
    """Batches that are being delivered: a key changes its member only between two of them."""
    changing: int = 0
    """Members that want to join or leave; new batches let them go first."""

    @asynccontextmanager
    async def between_batches(self) -> AsyncIterator[None]:
        async with self.changed:
            self.changing += 1
            try:
                await self.changed.wait_for(lambda: self.in_hand == 0)
                yield
            finally:
                self.changing -= 1
                self.changed.notify_all()

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[list[_Member]]:
        async with self.changed:
            await self.changed.wait_for(lambda: self.changing == 0)
            members = list(self.members)
            self.in_hand += 1
        try:
            yield members
        finally:
            # Shielded: a cancelled publisher must not leave the group shut to joins and leaves for ever.
            await asyncio.shield(self._done())

    async def _done(self) -> None:
        async with self.changed:
            self.in_hand -= 1
            self.changed.notify_all()


class InProcessBus:
    """The bus of the embedded mode.

    :param groups: every group of the platform. A batch is acknowledged only when all that read its types have it, so
        one that has not joined yet misses nothing.
    """

    def __init__(self, groups: Iterable[str]) -> None:
        self._groups: Final = {name: _Group() for name in groups}

    async def publish(self, envelopes: Sequence[Envelope], *, only: str | None = None) -> None:
        """Return when every group (or ``only`` that one) has applied or parked each event.

        :raises BusAway: if a group has no member, or a member paused.
        """
        if only is not None and only not in self._groups:
            log.warning("bus.no_such_group", group=only, events=len(envelopes))
            return
        names = self._groups if only is None else (only,)
        # Each group runs to its end even if another fails: a cancelled one would only have to begin again.
        outcomes = await asyncio.gather(
            *(self._deliver(self._groups[name], name, envelopes) for name in names), return_exceptions=True
        )
        failures = [outcome for outcome in outcomes if outcome is not None]
        for failure in failures:
            if not isinstance(failure, BusAway | ConsumerPaused):
                raise failure
        if failures:
            raise BusAway("; ".join(str(failure) for failure in failures)) from failures[0]

    @staticmethod
    async def _deliver(group: _Group, name: str, envelopes: Sequence[Envelope]) -> None:
        async with group.batch() as members:
            if not members:
                raise BusAway(f"no member of the group {name} has joined")
            shares: dict[int, list[Envelope]] = {}
            for envelope in envelopes:
                shares.setdefault(envelope.subject.int % len(members), []).append(envelope)
            outcomes = await asyncio.gather(
                *(members[index].subscriber.apply(share) for index, share in shares.items()), return_exceptions=True
            )
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    async def join(self, subscriber: Subscriber) -> _Member:
        """Add a member to its group, between two batches.

        :raises ValueError: for a group that the bus was not told of: its events would have gone past it.
        """
        group = self._groups.get(subscriber.name)
        if group is None:
            raise ValueError(f"name the group {subscriber.name!r} when the bus is made, so that it misses no event")
        member = _Member(subscriber, group)
        async with group.between_batches():
            group.members.append(member)
        return member

    async def skip_backlog(self, subscriber: Subscriber, types: Collection[str]) -> None:
        """Nothing to skip: what was published has been applied, and what was not is still in ``pending``."""

    async def close(self) -> None:
        for group in self._groups.values():
            for member in list(group.members):
                await member.leave()


@dataclass(eq=False)
class _Member:
    subscriber: Subscriber
    group: _Group

    async def leave(self) -> None:
        """Wait for the batch in hand, then let the others of the group take over this member's keys."""
        async with self.group.between_batches():
            if self in self.group.members:
                self.group.members.remove(self)

    async def probe(self) -> dict[str, Any]:
        """Well as long as it lives: what a slow group holds back shows at the relays, which wait for it."""
        return {"ready": True, "group": self.subscriber.name}
