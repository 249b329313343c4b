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
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import orjson

from chassis.events.event import Envelope, Text

SPECVERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"
_SPECVERSION: Final = SPECVERSION.encode()
_SPECVERSION_HEADER: Final = ("ce_specversion", _SPECVERSION)
_CONTENT_TYPE_HEADER: Final = ("content-type", CONTENT_TYPE.encode())
_REGION_DIGITS: Final = 12
_DIGITS_MAX: Final = 19
_BIGINT_MAX: Final = 2**63 - 1
NAMES: Final = (
    "ce_specversion",
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_subject",
    "ce_time",
    "ce_region",
    "ce_aggregateversion",
    "content-type",
)
"""The headers of every event, in our order."""
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
    event_id, wire_type, source, subject, version, region, time, traceparent, data = envelope.text
    headers = [
        _SPECVERSION_HEADER,
        ("ce_id", event_id),
        ("ce_type", wire_type),
        ("ce_source", source),
        ("ce_subject", subject),
        ("ce_time", time),
        ("ce_region", region.zfill(_REGION_DIGITS)),
        ("ce_aggregateversion", version),
        _CONTENT_TYPE_HEADER,
    ]
    if traceparent is not None:
        headers += (("ce_traceparent", traceparent), ("traceparent", traceparent))
    if only is not None:
        headers.append(("ce_audience", only.encode()))
    return Message(subject + _suffix(wire_type, only), data, headers)


@lru_cache(maxsize=1024)
def _suffix(wire_type: bytes, only: str | None) -> bytes:
    version = wire_type.rpartition(b".v")[2]
    return (b":v" + version if version != b"1" else b"") + (f"@{only}".encode() if only is not None else b"")


def usual(headers: Sequence[tuple[str, bytes]], value: bytes) -> Text | None:
    """The parts of a record whose headers are as :func:`write` gives them for all who read, and well formed.

    None for any other, which may be an event as well: see :func:`read`. The value has not been looked at. This does no
    more than that, in a third of the time, for the records that there are by the million.
    """
    try:
        (
            (specversion, spec),
            (id_, event_id),
            (type_, wire_type),
            (source_, source),
            (subject_, subject),
            (time_, time),
            (region_, region),
            (version_, version),
            (content_type, _),
            *trace,
        ) = headers
        datetime.fromisoformat(time.decode())
    except ValueError:
        return None
    traceparent = trace[0][1] if trace else None
    if (
        (specversion, id_, type_, source_, subject_, time_, region_, version_, content_type) != NAMES
        or spec != _SPECVERSION
        or (trace and (len(trace) > 2 or trace[-1] != ("traceparent", traceparent) or trace[0][0] != "ce_traceparent"))
        or not (_USUAL_UUID.fullmatch(event_id) and _USUAL_UUID.fullmatch(subject))
        or not (version.isdigit() and region.isdigit() and len(version) < _DIGITS_MAX > len(region))
        or not (wire_type.isascii() and source.isascii() and (traceparent is None or traceparent.isascii()))
        or not time.endswith(b"Z")
    ):
        return None
    return Text(event_id, wire_type, source, subject, version, region, time, traceparent, value)


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
    data = data_in(value)
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


def data_in(value: bytes) -> dict[str, Any]:
    """What a record's value says.

    :raises NotOurEvent: if it is no JSON object.
    """
    try:
        data = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise NotOurEvent("the value is not JSON") from None
    if not isinstance(data, dict):
        raise NotOurEvent("the value is not a JSON object")
    return data


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
