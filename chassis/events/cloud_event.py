"""Write and read events as CloudEvents 1.0 in the binary mode of its Kafka binding, which any of its SDKs understands.

Attributes are headers, the value is the event's data as JSON, the key is the aggregate's id. Two attributes are
extensions of ours: ``region`` (division code of 12 digits) and ``aggregateversion``; ``traceparent`` is the
specification's own extension for distributed traces, written also as the plain W3C header that tracing tools read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

import orjson

from chassis.events.event import Envelope, Text

SPECVERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"
_SPECVERSION: Final = SPECVERSION.encode()
_CONTENT_TYPE: Final = CONTENT_TYPE.encode()
_REGION_DIGITS: Final = 12
_DIGITS_MAX: Final = 19
_BIGINT_MAX: Final = 2**63 - 1
_USUAL_UUID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Attributes: TypeAlias = Mapping[str, bytes]


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
    text = envelope.text
    headers = [
        ("ce_specversion", _SPECVERSION),
        ("ce_id", text.id),
        ("ce_type", text.type),
        ("ce_source", text.source),
        ("ce_subject", text.subject),
        ("ce_time", text.time),
        ("ce_region", text.region.zfill(_REGION_DIGITS)),
        ("ce_aggregateversion", text.aggregate_version),
        ("content-type", _CONTENT_TYPE),
    ]
    if text.traceparent is not None:
        headers += (("ce_traceparent", text.traceparent), ("traceparent", text.traceparent))
    if only is not None:
        headers.append(("ce_audience", only.encode()))
    return Message(text.subject + _suffix(text.type, only), text.data, headers)


@lru_cache(maxsize=1024)
def _suffix(wire_type: bytes, only: str | None) -> bytes:
    version = wire_type.rpartition(b".v")[2]
    return (b":v" + version if version != b"1" else b"") + (f"@{only}".encode() if only is not None else b"")


def attributes(headers: Sequence[tuple[str, bytes]]) -> Attributes:
    """A record's headers by name in lower case, for the functions below."""
    found = dict(headers)
    # Every record of ours is written so; the protocol lets others write names as they like.
    return found if "ce_specversion" in found else {name.lower(): content for name, content in headers}


def type_of(found: Attributes) -> str:
    """The wire type that a record claims; empty if it is none."""
    return found.get("ce_type", b"").decode("utf-8", "replace")


def audience(found: Attributes) -> str | None:
    """The one consumer group that a record is for, or None."""
    content = found.get("ce_audience")
    return None if content is None else content.decode("utf-8", "replace")


def read(value: bytes, found: Attributes) -> Envelope:
    """The envelope in a record; attributes that we do not know are passed over.

    :raises NotOurEvent: if it is no event of the platform.
    """
    if found.get("ce_specversion") != _SPECVERSION:
        raise NotOurEvent("ce_specversion is missing" if "ce_specversion" not in found else "ce_specversion is not 1.0")
    try:
        data = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise NotOurEvent("the value is not JSON") from None
    if not isinstance(data, dict):
        raise NotOurEvent("the value is not a JSON object")
    text = Text(
        id=_uuid(found, "ce_id"),
        type=_utf8(found, "ce_type"),
        source=_utf8(found, "ce_source"),
        subject=_uuid(found, "ce_subject"),
        aggregate_version=_integer(found, "ce_aggregateversion"),
        region=_integer(found, "ce_region"),
        time=_instant(found, "ce_time"),
        traceparent=_utf8(found, "ce_traceparent") if "ce_traceparent" in found else None,
        data=value,
    )
    return Envelope.of_text(text, data)


def _content(found: Attributes, name: str) -> bytes:
    content = found.get(name)
    if content is None:
        raise NotOurEvent(f"{name} is missing")
    return content


def _utf8(found: Attributes, name: str) -> bytes:
    content = _content(found, name)
    if not content.isascii():
        try:
            content.decode()
        except UnicodeDecodeError:
            raise NotOurEvent(f"{name} is not UTF-8") from None
    return content


def _uuid(found: Attributes, name: str) -> bytes:
    content = _content(found, name)
    if _USUAL_UUID.fullmatch(content):
        return content
    try:
        return str(UUID(_utf8(found, name).decode())).encode()
    except NotOurEvent:
        raise
    except ValueError:
        raise NotOurEvent(f"{name} is not a UUID") from None


def _integer(found: Attributes, name: str) -> bytes:
    content = _content(found, name)
    # Of bytes only ASCII digits are digits.
    if not content.isdigit() or len(content) > _DIGITS_MAX or int(content) > _BIGINT_MAX:
        raise NotOurEvent(f"{name} is not a whole number of 64 bits")
    return content


def _instant(found: Attributes, name: str) -> bytes:
    content = _utf8(found, name)
    try:
        instant = datetime.fromisoformat(content.decode())
    except ValueError:
        raise NotOurEvent(f"{name} is not an instant") from None
    if instant.tzinfo is None:
        raise NotOurEvent(f"{name} has no offset")
    return content
