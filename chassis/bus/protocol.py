"""Say what the platform expects of a bus, so that Kafka and one process are the same to a relay and to a consumer.

A bus delivers each event to every group at least once and in order per key (the envelope's ``subject``); the inbox of
the consumer makes that one effect. What a bus promises beyond this is in the conformance suite, which every bus passes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from chassis.events.event import Envelope


class BusAway(Exception):
    """The bus could not take or hand on a batch. Nothing is acknowledged: publish it again later.

    Its text, and that of :class:`ConsumerPaused`, names groups and codes only, so that it may be logged.
    """


class ConsumerPaused(Exception):
    """A consumer could not apply a batch for a reason outside the event, such as its database being away.

    Nothing counts as tried. The bus hands in the same batch again after a pause; what was committed is not repeated.
    """


class Subscriber(Protocol):
    """One member of a consumer group, as the bus sees it."""

    @property
    def name(self) -> str:
        """The group: events are shared among members of the same name."""
        ...

    @property
    def types(self) -> frozenset[str]:
        """Wire types that the group reads."""
        ...

    @property
    def kept(self) -> frozenset[bytes]:
        """Those of the types, as text, whose states it keeps: many with one statement, so more of them cost little."""
        ...

    async def apply(self, envelopes: Sequence[Envelope]) -> None:
        """Return when each event has been applied or parked in the subscriber's database; only then acknowledge.

        May be called for several batches at once, as long as the events of one key come one call after the other.

        :raises ConsumerPaused: if the batch must be handed in again.
        """
        ...


class Membership(Protocol):
    """A subscriber's place in its group."""

    async def leave(self) -> None:
        """Take no new batch, wait for the one in hand, acknowledge it, and let the others of the group go on."""
        ...

    async def probe(self) -> dict[str, Any]:
        """For ``/health/status``: ``ready`` while each partition gets on, not merely while a task lives."""
        ...


class Bus(Protocol):
    """The way between relays and consumers."""

    async def publish(self, envelopes: Sequence[Envelope], *, only: str | None = None) -> None:
        """Return when the bus has taken the whole batch durably, in order per key.

        :param only: the one group that the batch is for; others pass it over.
        :raises BusAway: if any event was not acknowledged; the caller publishes the whole batch again.
        """
        ...

    async def join(self, subscriber: Subscriber) -> Membership:
        """Let ``subscriber`` take its share of its group's events. A group that never joined gets what is retained."""
        ...

    async def skip_backlog(self, subscriber: Subscriber, types: Collection[str]) -> None:
        """Return when the group is past everything published so far of ``types``, whether it applied or skipped it.

        A replay will deliver all of it again, and nothing may come in between.

        The producers' relays are held while this is called, so nothing is being published.

        :raises BusAway: if the group does not get there.
        """
        ...

    async def close(self) -> None:
        """Let every membership leave and give connections back."""
        ...
