"""Write and read events as CloudEvents 1.0 in the binary mode of its Kafka binding, which any of its SDKs understands.

Attributes are headers, the value is the event's data as JSON, the key is the aggregate's id. Two attributes are
extensions of ours: ``region`` (division code of 12 digits) and ``aggregateversion``; ``traceparent`` is the
specification's own extension for distributed traces, written also as the plain W3C header that tracing tools read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

import orjson

from chassis.events.event import Envelope

SPECVERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"
_INTEGER: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
_BIGINT_MAX: Final = 2**63 - 1


class Message(NamedTuple):
    """What a Kafka record carries.

    The key is the aggregate's id. A further version of a type and a delivery to one group alone have a key of their own
    behind it (``<id>:v2``, ``<id>@assets``), or compaction would let them take the place of what others have to read;
    their partition is still the aggregate's.
    """

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class NotOurEvent(ValueError):
    """A record lacks an attribute, or one has the wrong form; the text names it, never its value."""


def write(envelope: Envelope, *, only: str | None = None) -> Message:
    """The record for ``envelope``.

    :param only: the one consumer group that shall take it (extension ``audience``).
    """
    subject = str(envelope.subject)
    attributes = {
        "specversion": SPECVERSION,
        "id": str(envelope.id),
        "type": envelope.type,
        "source": envelope.source,
        "subject": subject,
        "time": envelope.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "region": f"{envelope.region:012d}",
        "aggregateversion": str(envelope.aggregate_version),
        "traceparent": envelope.traceparent,
        "audience": only,
    }
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items() if value is not None]
    headers.append(("content-type", CONTENT_TYPE.encode()))
    if envelope.traceparent is not None:
        headers.append(("traceparent", envelope.traceparent.encode()))
    version = envelope.type.rpartition(".v")[2]
    key = subject + (f":v{version}" if version != "1" else "") + (f"@{only}" if only is not None else "")
    return Message(key.encode(), orjson.dumps(envelope.data), headers)


def read(value: bytes, headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """The envelope in a record; attributes that we do not know are passed over.

    :raises NotOurEvent: if it is no event of the platform.
    """
    found = {name.lower(): content for name, content in headers}
    if _text(found, "ce_specversion") != SPECVERSION:
        raise NotOurEvent("ce_specversion is not 1.0")
    try:
        data = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise NotOurEvent("the value is not JSON") from None
    if not isinstance(data, dict):
        raise NotOurEvent("the value is not a JSON object")
    return Envelope(
        id=_uuid(found, "ce_id"),
        type=_text(found, "ce_type"),
        source=_text(found, "ce_source"),
        subject=_uuid(found, "ce_subject"),
        aggregate_version=_integer(found, "ce_aggregateversion"),
        region=_integer(found, "ce_region"),
        time=_instant(found, "ce_time"),
        traceparent=_text(found, "ce_traceparent") if "ce_traceparent" in found else None,
        data=data,
    )


def audience(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """The one consumer group that a record is for, or None."""
    return next((content.decode() for name, content in headers if name.lower() == "ce_audience"), None)


def _text(found: dict[str, bytes], name: str) -> str:
    try:
        return found[name].decode()
    except KeyError:
        raise NotOurEvent(f"{name} is missing") from None
    except UnicodeDecodeError:
        raise NotOurEvent(f"{name} is not UTF-8") from None


def _uuid(found: dict[str, bytes], name: str) -> UUID:
    try:
        return UUID(_text(found, name))
    except NotOurEvent:
        raise
    except ValueError:
        raise NotOurEvent(f"{name} is not a UUID") from None


def _integer(found: dict[str, bytes], name: str) -> int:
    text = _text(found, name)
    if not _INTEGER.fullmatch(text) or int(text) > _BIGINT_MAX:
        raise NotOurEvent(f"{name} is not a whole number of 64 bits")
    return int(text)


def _instant(found: dict[str, bytes], name: str) -> datetime:
    text = _text(found, name)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise NotOurEvent(f"{name} is not an instant") from None
    if instant.tzinfo is None:
        raise NotOurEvent(f"{name} has no offset")
    return instant
