"""Chain audit entries: every seal's MAC covers its entry, its place and the seal before it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import orjson

from chassis.security.keys import KeyRing, Mac, Purpose, UnknownKey

FORM: Final = 1
"""The form that new seals cover. A later form may cover more columns; verification knows every form."""

COVERED: Final[Mapping[int, tuple[str, ...]]] = {
    1: (
        "id",
        "epoch",
        "xid",
        "time",
        "business_date",
        "subject",
        "assignment",
        "role",
        "action",
        "kind",
        "entity_id",
        "version",
        "region",
        "fields",
        "digests",
        "reason",
        "trace_id",
        "read_ids",
    ),
}
"""The columns that the MAC of each form covers, in order."""

GENESIS: Final = b""
"""What stands for the MAC before the first seal."""

_UNIX: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class MacKey(Protocol):
    """One key of the chain; ``key_id`` also names the algorithm."""

    @property
    def key_id(self) -> str: ...

    def mac(self, message: bytes) -> bytes: ...


class ChainKeys(Protocol):
    """The chain's keys: one for new seals, every live one for verification."""

    @property
    def current(self) -> MacKey: ...

    def named(self, key_id: str) -> MacKey:
        """The key that a seal names. Raises UnknownKey if it is not at hand."""
        ...


class _RingKey:
    def __init__(self, mac: Mac) -> None:
        self._mac = mac
        self.key_id = f"{mac.key.suite.mac_name}:{mac.key.id}"

    def mac(self, message: bytes) -> bytes:
        return self._mac.of(message)


class RingChainKeys:
    """The chain's keys, derived from the ring's audit keys, apart from those that digest personal values."""

    def __init__(self, ring: KeyRing) -> None:
        keys = [_RingKey(Mac(key.derived("chain"))) for key in ring.keys(Purpose.AUDIT)]
        self.current: MacKey = keys[0]
        self._named = {key.key_id: key for key in keys}

    def named(self, key_id: str) -> MacKey:
        try:
            return self._named[key_id]
        except KeyError:
            raise UnknownKey(
                f"audit key {key_id} is not in the key ring; put it back from the backup of the keys"
            ) from None


def canonical(entry: Mapping[str, Any], form: int = FORM) -> bytes:
    """The entry's covered columns as bytes that depend on nothing but their values.

    :raises KeyError: for a form that this release does not know.
    """
    values = []
    for column in COVERED[form]:
        value = entry[column]
        # An instant is written as microseconds since 1970, whatever zone the session shows it in.
        values.append((value - _UNIX) // _MICROSECOND if isinstance(value, datetime) else value)
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def covered_columns(table: str, form: int = FORM) -> str:
    """The columns of ``table`` that :func:`canonical` reads, for a SELECT; a transaction id comes as a number."""
    return ", ".join(
        f"CAST(CAST({table}.xid AS text) AS bigint) AS xid" if column == "xid" else f"{table}.{column}"
        for column in COVERED[form]
    )


def seal_mac(key: MacKey, *, previous: bytes, sequence: int, form: int, entry: bytes) -> bytes:
    """The MAC of one seal.

    :param previous: MAC of the seal before it, :data:`GENESIS` for the first.
    :param entry: the entry's :func:`canonical` bytes in ``form``.
    """
    return key.mac(joined(b"seal", previous, str(sequence).encode(), str(form).encode(), key.key_id.encode(), entry))


def is_equal(one: bytes, other: bytes) -> bool:
    """Whether two MACs are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)


def joined(*parts: bytes) -> bytes:
    """Each part with its length before it, so that no two lists of parts give one message."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
