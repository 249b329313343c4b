"""Events are facts: frozen, versioned, free of names, ID numbers, phones, accounts and health."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

WIRE_PREFIX: Final = "cn.xianjie"
PARTITIONS: Final = 12
"""So many members of one group can share a topic. It is fixed when the topic is made: raising it later breaks the order
of every key."""


class Event(BaseModel):
    """Base of every event's data. A subclass names its wire type and version, which never follow the class's name::

        class PersonRecorded(Event, type="monitoring.person.recorded", version=1):
            ...

    Consumers ignore fields that they do not know; a change that they could misread is a new version beside the old.

    :cvar full_state: each event tells all of its subject, so that an older one may be dropped and its topic compacted.
    :cvar readers: the only services that may read it, or None for all; the broker guards a topic with readers.
    :cvar partitions: of its topic; the same for all types of one noun.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    type: ClassVar[str]
    version: ClassVar[int]
    full_state: ClassVar[bool]
    readers: ClassVar[frozenset[str] | None]
    partitions: ClassVar[int]

    def __init_subclass__(
        cls,
        *,
        type: str = "",  # noqa: A002  # the wire's own word
        version: int = 0,
        full_state: bool = False,
        readers: Collection[str] | None = None,
        partitions: int = PARTITIONS,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if type:
            if version < 1:
                raise TypeError(f"{cls.__name__}: versions start at 1")
            cls.type, cls.version, cls.full_state = type, version, full_state
            cls.readers = None if readers is None else frozenset(readers)
            cls.partitions = partitions

    @classmethod
    def wire_type(cls) -> str:
        """The CloudEvents ``type``: ``cn.xianjie.monitoring.person.recorded.v1``."""
        return f"{WIRE_PREFIX}.{cls.type}.v{cls.version}"

    @classmethod
    def service(cls) -> str:
        return cls.type.partition(".")[0]


class Text(NamedTuple):
    """An event's parts as the outbox and a record carry them, in UTF-8; ``time`` in UTC, as RFC 3339 writes it."""

    id: bytes
    type: bytes
    source: bytes
    subject: bytes
    aggregate_version: bytes
    region: bytes
    time: bytes
    traceparent: bytes | None
    data: bytes


class _Texted:
    __slots__ = ("text",)
    text: Text


@dataclass(frozen=True, slots=True)
class Envelope(_Texted):
    """One event on its way (CloudEvents 1.0).

    Most ways lead from text to text: one that was made :meth:`of_text` reads a part only when it is asked for, and one
    that was made of parts writes its ``text`` only then.

    :param id: UUIDv7, unique for ever; consumers take each id's effect once.
    :param type: the wire type; ``source``: ``/services/<name>``; ``subject``: the aggregate's id, also the key.
    :param aggregate_version: rises with each change of the aggregate.
    :param region: division code of twelve digits; the handler acts in this area.
    :param time: when it was recorded (system time).
    :param traceparent: W3C trace context of the change, or None.
    """

    id: UUID
    type: str
    source: str
    subject: UUID
    aggregate_version: int
    region: int
    time: datetime
    traceparent: str | None
    data: dict[str, Any]

    @classmethod
    def of_text(cls, text: Text, data: dict[str, Any] | None = None) -> Envelope:
        """The event that ``text`` tells, which must be well formed.

        :param data: what ``text.data`` says, if somebody has read it.
        """
        envelope = object.__new__(cls)
        object.__setattr__(envelope, "text", text)
        if data is not None:
            object.__setattr__(envelope, "data", data)
        return envelope

    if not TYPE_CHECKING:  # a checker would take it for leave to ask for anything

        def __getattr__(self, name: str) -> Any:
            """Python asks here for a slot that has not been filled."""
            if name == "text":
                part: Any = _written(self)
            elif name in _READ:
                part = _READ[name](getattr(self.text, name))
            else:
                raise AttributeError(name)
            object.__setattr__(self, name, part)
            return part


@lru_cache(maxsize=1024)
def _shared(content: bytes) -> str:
    return content.decode()


_READ: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "id": lambda content: UUID(content.decode()),
    "type": _shared,
    "source": _shared,
    "subject": lambda content: UUID(content.decode()),
    "aggregate_version": int,
    "region": int,
    "time": lambda content: datetime.fromisoformat(content.decode()),
    "traceparent": lambda content: None if content is None else content.decode(),
    "data": orjson.loads,
}


def _written(envelope: Envelope) -> Text:
    return Text(
        id=str(envelope.id).encode(),
        type=envelope.type.encode(),
        source=envelope.source.encode(),
        subject=str(envelope.subject).encode(),
        aggregate_version=b"%d" % envelope.aggregate_version,
        region=b"%d" % envelope.region,
        time=envelope.time.astimezone(UTC).isoformat().replace("+00:00", "Z").encode(),
        traceparent=None if envelope.traceparent is None else envelope.traceparent.encode(),
        data=orjson.dumps(envelope.data),
    )
