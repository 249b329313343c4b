"""Derive from the event classes which topics there are: their names, partitions, retention, and who may read them.

One topic carries all events of one noun of one service, so that per key they stay in order across types: the events of
``monitoring.case.registered`` and ``monitoring.case.eliminated`` lie in ``xianjie.monitoring.case``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chassis.events.event import Event

_DAY_MS: Final = 24 * 60 * 60 * 1000
RETENTION_DAYS: Final = 30
"""How long a consumer may be away and still find its events on the topic; the outbox keeps them for ever."""
REPLICAS: Final = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is declared.

    :param name: without the platform's prefix, such as ``monitoring.person``.
    :param types: wire types that it carries.
    :param compacted: it keeps the newest event of each key for ever, instead of all events for a time.
    :param readers: the only services that may read it; None for all.
    """

    name: str
    types: tuple[str, ...]
    partitions: int
    compacted: bool
    readers: frozenset[str] | None

    @property
    def service(self) -> str:
        """The one service that writes it."""
        return self.name.partition(".")[0]

    def settings(self, *, replicas: int) -> Mapping[str, str]:
        """What the broker is told of it, by Kafka's own names."""
        keeping = (
            {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1", "segment.ms": str(7 * _DAY_MS)}
            if self.compacted
            else {"cleanup.policy": "delete", "retention.ms": str(RETENTION_DAYS * _DAY_MS)}
        )
        safe = {"min.insync.replicas": str(max(1, replicas - 1)), "unclean.leader.election.enable": "false"}
        return {**keeping, **safe}


def topic_name(wire_type: str) -> str:
    """``cn.xianjie.monitoring.person.recorded.v1`` → ``monitoring.person``.

    :raises ValueError: for what is no wire type of ours.
    """
    words = wire_type.split(".")
    if len(words) < 6:
        raise ValueError(f"{wire_type!r} is no wire type")
    return ".".join(words[2:-2])


def topics_of(events: Iterable[type[Event]]) -> list[Topic]:
    """The topics that carry ``events``, in order of name.

    A topic is compacted if all it carries is one type of full-state events (in whatever versions): then the newest one
    of a key tells all. Two types would take each other's place.

    :raises TypeError: if types of one noun differ in partitions or readers.
    """
    by_name: dict[str, list[type[Event]]] = defaultdict(list)
    for event in events:
        by_name[topic_name(event.wire_type())].append(event)
    return [_topic(name, by_name[name]) for name in sorted(by_name)]


def _topic(name: str, events: list[type[Event]]) -> Topic:
    first = events[0]
    for event in events:
        if (event.partitions, event.readers) != (first.partitions, first.readers):
            raise TypeError(f"{event.__name__} and {first.__name__} share the topic {name}: declare the same for both")
    return Topic(
        name=name,
        types=tuple(sorted(event.wire_type() for event in events)),
        partitions=first.partitions,
        compacted=all(event.full_state for event in events) and len({event.type for event in events}) == 1,
        readers=first.readers,
    )
