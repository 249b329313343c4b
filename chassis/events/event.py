"""Events are facts: frozen, versioned, free of names, ID numbers, phones, accounts and health."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

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

    model_config = ConfigDict(frozen=True, extra="ignore")

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


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event on its way (CloudEvents 1.0).

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
