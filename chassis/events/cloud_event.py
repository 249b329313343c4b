"""Write and read events as CloudEvents 1.0 in the binary mode of its Kafka binding, which any of its SDKs understands.

Attributes are headers, the value is the event's data as JSON, the key is the aggregate's id. Two attributes are
extensions of ours: ``region`` (division code of 12 digits) and ``aggregateversion``; ``traceparent`` is the
specification's own extension for distributed traces, written also as the plain W3C header that tracing tools read.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain, repeat
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import orjson

from chassis.events.event import Envelope, Text, text_of

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
_TRACED_NAMES: Final = (*NAMES, "ce_traceparent", "traceparent")
_UUID_AND_COMMA: Final = 37
_DASHES: Final = (8, 13, 18, 23)
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


def usual(headers: Sequence[Sequence[tuple[str, bytes]]], values: Sequence[bytes]) -> list[Text | None]:
    """The parts of each record whose headers are as :func:`write` gives them for all who read, and well formed.

    None for any other, and perhaps for others with as many headers, which may be events as well: see :func:`read`. The
    values have not been looked at. This does no more than that, and looks at one attribute of all records at a time,
    which takes a third of the time, for the records that there are by the million.
    """
    found: list[Text | None] = [None] * len(headers)
    for length in set(map(len, headers)):
        if length not in (len(NAMES), len(_TRACED_NAMES)):
            continue
        places = [place for place, each in enumerate(headers) if len(each) == length]
        texts = _alike([headers[place] for place in places], [values[place] for place in places])
        for place, text in zip(places, texts, strict=True) if texts else ():
            found[place] = text
    return found


def _alike(headers: Sequence[Sequence[tuple[str, bytes]]], values: Sequence[bytes]) -> list[Text] | None:
    """The same of records with as many headers each; None if any is not as usual."""
    count = len(headers)
    names = NAMES if len(headers[0]) == len(NAMES) else _TRACED_NAMES
    flat: list[Any] = list(chain.from_iterable(chain.from_iterable(headers)))  # name, content, name, content …
    if flat[::2] != [*names] * count:
        return None
    specs, event_ids, wire_types, sources, subjects, times, regions, versions, _, *traces = (
        flat[2 * place + 1 :: 2 * len(names)] for place in range(len(names))
    )
    traceparents = traces[0] if traces else None
    if (
        specs.count(_SPECVERSION) != count
        or not (_are_usual_uuids(event_ids) and _are_usual_uuids(subjects))
        or not (_are_short_numbers(versions) and _are_short_numbers(regions))
        or not all(text.isascii() for text in {*wire_types, *sources})
        or not _are_instants_in_utc(times)
        or (traceparents is not None and (traceparents != traces[1] or not b"".join(traceparents).isascii()))
    ):
        return None
    each = zip(
        event_ids,
        wire_types,
        sources,
        subjects,
        versions,
        regions,
        times,
        repeat(None) if traceparents is None else traceparents,
        values,
        strict=False,
    )
    return list(map(text_of, each))


def _are_usual_uuids(found: Sequence[bytes]) -> bool:
    """All in lower case with dashes. Every comma between them is ours, because each is at its place."""
    joined, count = b",".join(found) + b",", len(found)
    return (
        len(joined) == _UUID_AND_COMMA * count
        and joined[_UUID_AND_COMMA - 1 :: _UUID_AND_COMMA] == b"," * count
        and all(joined[place::_UUID_AND_COMMA] == b"-" * count for place in _DASHES)
        and joined.count(b",") == count
        and joined.count(b"-") == len(_DASHES) * count
        and not joined.translate(None, b"0123456789abcdef-,")
    )


def _are_short_numbers(found: Sequence[bytes]) -> bool:
    lengths = set(map(len, found))
    return b"".join(found).isdigit() and min(lengths) > 0 and max(lengths) < _DIGITS_MAX


def _are_instants_in_utc(found: Sequence[bytes]) -> bool:
    try:
        times = b"\n".join(found).decode().split("\n")
        deque(map(datetime.fromisoformat, times), 0)
    except ValueError:
        return False
    return len(times) == len(found) and all(map(bytes.endswith, found, repeat(b"Z")))


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


def all_data_in(values: Sequence[bytes]) -> list[dict[str, Any]]:
    """The same of many.

    :raises NotOurEvent: if any is no JSON object.
    """
    try:
        found = list(map(orjson.loads, values))
    except orjson.JSONDecodeError:
        raise NotOurEvent("a value is not JSON") from None
    if not set(map(type, found)) <= {dict}:
        raise NotOurEvent("a value is not a JSON object")
    return found


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
