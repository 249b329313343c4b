"""Find equal personal values without reading them: a keyed hash stored beside the ciphertext.

An index is two bytes that name format, algorithm and key, then 16 bytes of HMAC. During a rotation a value is looked
for under every live key, and a row may hold both indexes. Each receiving service gets indexes under a key of its own,
so that two services cannot join their rows behind the registry's back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from chassis.security.keys import Key, KeyRing, Mac, Purpose

INDEX_BYTES: Final = 18
_HASH_BYTES: Final = 16
_OWN: Final = "own"


class BlindIndex:
    """Indexes of one kind of value (``identity_number``, ``phone``, …), for ourselves or for one receiving service.

    Values are given in their canonical form, ASCII capitals and digits without separators; anything else is refused,
    since two spellings of one number would never meet.
    """

    def __init__(self, ring: KeyRing, *, kind: str, service: str | None = None) -> None:
        self._ring = ring
        self._kind = kind
        audience = _OWN if service is None else f"for-{service}"
        self._macs = [_Index(key.derived(kind, audience)) for key in ring.keys(Purpose.INDEX)]

    def for_service(self, name: str) -> BlindIndex:
        """The same kind of value under the keys made for the receiving service ``name``."""
        return BlindIndex(self._ring, kind=self._kind, service=name)

    def of(self, value: str) -> bytes:
        """The index under the current key.

        :raises ValueError: if the value is not in its canonical form.
        """
        return self._macs[0].of(_canonical(value))

    def of_many(self, values: Sequence[str | None]) -> list[bytes | None]:
        """The indexes of a column; a missing value has none."""
        present = [value for value in values if value is not None]
        if present:
            _canonical("".join(present) if all(present) else "")  # one look for all of them
        made = self._macs[0].of_many(map(str.encode, present))
        return (
            list(made) if len(present) == len(values) else [None if value is None else next(made) for value in values]
        )

    def candidates(self, value: str) -> list[bytes]:
        """The indexes under every live key, the current one first: what to look for."""
        message = _canonical(value)
        return [index.of(message) for index in self._macs]

    def candidates_of_many(self, values: Iterable[str]) -> dict[bytes, str]:
        """Every index that a stored row may carry for one of ``values``, with the value it stands for."""
        return {index.of(_canonical(value)): value for value in values for index in self._macs}

    def needs_rotation(self, stored: bytes) -> bool:
        """Whether a stored index was made with another key than the current one."""
        return bytes(stored[:2]) != self._macs[0].mark


class _Index:
    def __init__(self, key: Key) -> None:
        self.mark = key.mark
        self._mac = Mac(key)

    def of(self, message: bytes) -> bytes:
        return self.mark + self._mac.of(message)[:_HASH_BYTES]

    def of_many(self, messages: Iterable[bytes]) -> Iterator[bytes]:
        mark = self.mark
        return (mark + mac[:_HASH_BYTES] for mac in self._mac.of_many(messages))


def _canonical(value: str) -> bytes:
    if not (value.isascii() and value.isalnum()) or value != value.upper():
        raise ValueError("an index is made of the canonical form: ASCII capitals and digits without separators")
    return value.encode()
