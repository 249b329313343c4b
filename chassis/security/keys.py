"""Hold the platform's secret keys by purpose and id, so that each can be replaced while old values stay readable.

A key ring is JSON, handed in as the setting ``key_ring``::

    {"data":   {"current": 2, "keys": [{"id": 1, "suite": "gcm-aes256", "secret": "<base64>"},
                                       {"id": 2, "suite": "gcm-sm4", "secret": "<base64>"}]},
     "index":  {...}, "audit": {...}, "cursor": {...}}

Rotation takes two steps where several programs run: hand every program a ring with the new key
(:meth:`KeyRing.with_key`), then one in which it is current (:meth:`KeyRing.with_current`), so that no program meets a
key that it does not know.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final, Self, TypeAlias

from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, TypeAdapter, ValidationError

from chassis.types import Model

RandomBytes: TypeAlias = Callable[[int], bytes]
"""Gives so many unpredictable bytes; ``os.urandom`` outside tests."""

FORMAT_VERSION: Final = 1
KEY_ID_MAX: Final = 255
_MAC_SECRET_BYTES: Final = 32


class KeyRingUnreadable(ValueError):
    """The setting ``key_ring`` is no complete key ring; the text says what to mend and repeats nothing of it."""


class UnknownKey(LookupError):
    """A stored value names a key that the ring does not hold."""


class Purpose(StrEnum):
    """What a key is for. One secret never serves two purposes."""

    DATA = "data"
    """Encryption of personal values at rest."""
    INDEX = "index"
    """Blind indexes for matching."""
    AUDIT = "audit"
    """The audit chain's MAC, digests of audited values and of request bodies."""
    CURSOR = "cursor"
    """Signatures of cursors."""


class Suite(StrEnum):
    """A set of algorithms: one cipher with one hash for MACs and key derivation."""

    GCM_AES256 = "gcm-aes256"
    """AES-256-GCM, HMAC-SHA-256."""
    GCM_SM4 = "gcm-sm4"
    """国密 (GB/T 32907, GB/T 32905): SM4-GCM, HMAC-SM3."""

    @property
    def code(self) -> int:
        """The suite's number in stored values, 1 to 15; never reused."""
        return 1 if self is Suite.GCM_AES256 else 2

    @property
    def cipher_key_bytes(self) -> int:
        return 32 if self is Suite.GCM_AES256 else 16

    def hash(self) -> HashAlgorithm:
        return SHA256() if self is Suite.GCM_AES256 else SM3()

    @property
    def mac_name(self) -> str:
        return "hmac-sha256" if self is Suite.GCM_AES256 else "hmac-sm3"


@dataclass(frozen=True, slots=True)
class Key:
    """One secret of one purpose. Its ``repr`` names it and keeps the secret."""

    purpose: Purpose
    id: int
    suite: Suite
    secret: bytes = field(repr=False)

    @property
    def mark(self) -> bytes:
        """Two bytes at the head of what was made with this key: format version and suite, then the key's id."""
        return bytes((FORMAT_VERSION << 4 | self.suite.code, self.id))

    def derived(self, *labels: str) -> Key:
        """The key for a narrower use that ``labels`` name, by HKDF (RFC 5869); it tells nothing about this one.

        Purpose, id and labels are bound into it, so that no two uses share a secret.
        """
        parts = ("xianjie", self.purpose.value, str(self.id), *labels)
        if any("/" in part or not part for part in parts):
            raise ValueError("a label of a derived key is not empty and has no slash")
        kdf = HKDF(algorithm=self.suite.hash(), length=_MAC_SECRET_BYTES, salt=None, info="/".join(parts).encode())
        return Key(self.purpose, self.id, self.suite, kdf.derive(self.secret))


class Mac:
    """HMAC under one key, set up once and used many times."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self._start = HMAC(key.secret, key.suite.hash())

    def of(self, message: bytes) -> bytes:
        """The full MAC, 32 bytes."""
        mac = self._start.copy()
        mac.update(message)
        return mac.finalize()

    def of_many(self, messages: Iterable[bytes]) -> Iterator[bytes]:
        """The same for each of many: a call less for each."""
        copy = self._start.copy
        for message in messages:
            mac = copy()
            mac.update(message)
            yield mac.finalize()


class _KeyEntry(Model):
    id: Annotated[int, Field(strict=True, ge=1, le=KEY_ID_MAX)]
    suite: Suite
    secret: str


class _PurposeEntry(Model):
    current: Annotated[int, Field(strict=True)]
    keys: Annotated[list[_KeyEntry], Field(min_length=1)]


_RING_TEXT: Final = TypeAdapter(dict[Purpose, _PurposeEntry])
_PLACES: Final = {*Purpose, "current", "keys", "id", "suite", "secret"}


@dataclass(frozen=True, slots=True)
class _Keys:
    current: Key
    by_id: Mapping[int, Key]


class KeyRing:
    """Every key of a program, several per purpose, one of each current. Immutable."""

    def __init__(self, keys: Iterable[Key], *, current: Mapping[Purpose, int]) -> None:
        """
        :param current: for every purpose the id of the key that new values are made with.
        :raises KeyRingUnreadable: if a purpose has no current key, or an id or a secret occurs twice.
        """
        by_purpose: dict[Purpose, dict[int, Key]] = {purpose: {} for purpose in Purpose}
        secrets: set[bytes] = set()
        for key in keys:
            self._check(key, by_purpose[key.purpose], secrets)
            by_purpose[key.purpose][key.id] = key
            secrets.add(key.secret)
        self._purposes: dict[Purpose, _Keys] = {}
        for purpose, by_id in by_purpose.items():
            key_id = current.get(purpose)
            if key_id not in by_id:
                raise KeyRingUnreadable(f"the key ring has no current key for {purpose}; add one and name it current")
            self._purposes[purpose] = _Keys(by_id[key_id], by_id)

    @staticmethod
    def _check(key: Key, others: Mapping[int, Key], secrets: set[bytes]) -> None:
        if not 1 <= key.id <= KEY_ID_MAX:
            raise KeyRingUnreadable(f"a {key.purpose} key has an id outside 1 to {KEY_ID_MAX}")
        if key.id in others:
            raise KeyRingUnreadable(f"{key.purpose} key {key.id} is given twice; give each key an id of its own")
        if len(key.secret) != secret_bytes(key.purpose, key.suite):
            wanted = secret_bytes(key.purpose, key.suite)
            raise KeyRingUnreadable(f"the secret of {key.purpose} key {key.id} ({key.suite}) must have {wanted} bytes")
        if key.secret in secrets:
            raise KeyRingUnreadable(f"the secret of {key.purpose} key {key.id} is used twice; make a fresh one")

    def __repr__(self) -> str:
        held = ", ".join(f"{purpose} {sorted(keys.by_id)}" for purpose, keys in self._purposes.items())
        return f"KeyRing({held})"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the JSON of the setting ``key_ring``.

        :raises KeyRingUnreadable: with what to mend; no part of the text is repeated or chained.
        """
        try:
            ring = _RING_TEXT.validate_json(text)
        except ValidationError as fault:
            found = fault.errors(include_url=False, include_context=False, include_input=False)[0]
            place = "/".join(str(part) if isinstance(part, int) or part in _PLACES else "?" for part in found["loc"])
            problem = f"the key ring cannot be read at /{place}: {found['type'].replace('_', ' ')}"
            raise KeyRingUnreadable(problem) from None
        keys = []
        for purpose, entry in ring.items():
            for key in entry.keys:
                try:
                    secret = base64.b64decode(key.secret, validate=True)
                except (binascii.Error, ValueError):
                    raise KeyRingUnreadable(f"the secret of {purpose} key {key.id} is no base64") from None
                keys.append(Key(purpose, key.id, key.suite, secret))
        return cls(keys, current={purpose: entry.current for purpose, entry in ring.items()})

    @classmethod
    def generate(cls, random: RandomBytes, *, suite: Suite = Suite.GCM_AES256) -> Self:
        """A fresh ring with one key, number 1, for every purpose."""
        keys = [Key(purpose, 1, suite, random(secret_bytes(purpose, suite))) for purpose in Purpose]
        return cls(keys, current=dict.fromkeys(Purpose, 1))

    def to_json(self) -> str:
        """The ring with its secrets, for :meth:`parse`; it belongs into a secret store or a file of mode 0600."""
        return json.dumps(
            {
                purpose.value: {
                    "current": keys.current.id,
                    "keys": [
                        {"id": key.id, "suite": key.suite.value, "secret": base64.b64encode(key.secret).decode()}
                        for key in keys.by_id.values()
                    ],
                }
                for purpose, keys in self._purposes.items()
            },
            indent=2,
        )

    def current(self, purpose: Purpose) -> Key:
        """The key that new values are made with."""
        return self._purposes[purpose].current

    def keys(self, purpose: Purpose) -> tuple[Key, ...]:
        """Every live key of a purpose, the current one first."""
        held = self._purposes[purpose]
        return (held.current, *(key for key in held.by_id.values() if key is not held.current))

    def key(self, purpose: Purpose, key_id: int) -> Key:
        """The key that a stored value names.

        :raises UnknownKey: if the ring does not hold it.
        """
        try:
            return self._purposes[purpose].by_id[key_id]
        except KeyError:
            raise UnknownKey(
                f"{purpose} key {key_id} is not in the key ring; put it back from the backup of the keys"
            ) from None

    def with_key(self, purpose: Purpose, random: RandomBytes, *, suite: Suite | None = None) -> Self:
        """This ring and one key more, which can be read with but is not yet current.

        :param suite: the new key's algorithms; by default those of the current key.
        """
        held = self._purposes[purpose]
        chosen = suite or held.current.suite
        key_id = max(held.by_id) + 1
        return self._replaced([*self._all(), Key(purpose, key_id, chosen, random(secret_bytes(purpose, chosen)))])

    def with_current(self, purpose: Purpose, key_id: int) -> Self:
        """This ring with another of its keys current.

        :raises UnknownKey: if the ring does not hold it.
        """
        return self._replaced(self._all(), current={purpose: self.key(purpose, key_id).id})

    def rotated(self, purpose: Purpose, random: RandomBytes, *, suite: Suite | None = None) -> Self:
        """This ring with a fresh key, at once current: for a single program."""
        added = self.with_key(purpose, random, suite=suite)
        return added.with_current(purpose, max(key.id for key in added.keys(purpose)))

    def _all(self) -> list[Key]:
        return [key for keys in self._purposes.values() for key in keys.by_id.values()]

    def _replaced(self, keys: Iterable[Key], *, current: Mapping[Purpose, int] | None = None) -> Self:
        now = {purpose: held.current.id for purpose, held in self._purposes.items()}
        return type(self)(keys, current=now | dict(current or {}))


def secret_bytes(purpose: Purpose, suite: Suite) -> int:
    """How long a secret must be: the cipher's key length for data, 32 bytes for MACs."""
    return suite.cipher_key_bytes if purpose is Purpose.DATA else _MAC_SECRET_BYTES
