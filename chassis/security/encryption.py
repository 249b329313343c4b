"""Encrypt personal values at rest, each bound to its table, column and row, under keys that can be replaced.

A sealed value is: format version and algorithm (1 byte), key id (1 byte), nonce (12), ciphertext, tag (16).
The header, the table, the column and the row are authenticated with it (clause F6), so a value that was copied to
another place does not open. Nonces are random: one key is good for 2³² values, which a province does not reach
within the yearly rotation.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from chassis.security.keys import Key, KeyRing, Purpose, RandomBytes, Suite

_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEADER_BYTES: Final = 2
_SEALED_BYTES_MIN: Final = _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES


class SealBroken(Exception):
    """A sealed value was changed, cut, or brought from another table, column or row."""


class Identifier(Protocol):
    """A row's id: a ``UUID``, or one of a library that makes them faster."""

    @property
    def bytes(self) -> builtins.bytes: ...


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


class _Sm4Gcm:
    """SM4-GCM with the shape of :class:`AESGCM`, which the library offers for AES alone."""

    def __init__(self, secret: bytes) -> None:
        self._algorithm = SM4(secret)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        encryptor = Cipher(self._algorithm, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        body, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        decryptor = Cipher(self._algorithm, GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(body) + decryptor.finalize()


def _aead(key: Key) -> _Aead:
    return AESGCM(key.secret) if key.suite is Suite.GCM_AES256 else _Sm4Gcm(key.secret)


class Encryptor:
    """Seals and opens values of columns with the ring's data keys. Safe to share between threads."""

    def __init__(self, ring: KeyRing, *, random: RandomBytes = os.urandom) -> None:
        self._random = random
        self._ring = ring
        self._mark = ring.current(Purpose.DATA).mark
        self._ciphers = {key.mark: _aead(key) for key in ring.keys(Purpose.DATA)}

    def seal(self, plain: str | bytes, *, table: str, column: str, row: UUID) -> bytes:
        """Encrypt one value for one place with the current key."""
        nonce = self._random(_NONCE_BYTES)
        place = self._mark + _place(table, column) + row.bytes
        return self._mark + nonce + self._ciphers[self._mark].encrypt(nonce, _encoded(plain), place)

    def seal_many(
        self, values: Sequence[str | None], *, table: str, column: str, rows: Sequence[Identifier]
    ) -> list[bytes | None]:
        """Encrypt a column of many rows; a missing value stays missing. One draw of randomness for all nonces.

        :raises ValueError: if ``values`` and ``rows`` differ in number.
        """
        mark, encrypt = self._mark, self._ciphers[self._mark].encrypt
        head = mark + _place(table, column)
        nonces = self._random(_NONCE_BYTES * len(values))
        sealed: list[bytes | None] = []
        start = 0
        for value, row in zip(values, rows, strict=True):
            if value is None:
                sealed.append(None)
                continue
            nonce = nonces[start : start + _NONCE_BYTES]
            start += _NONCE_BYTES
            sealed.append(mark + nonce + encrypt(nonce, _encoded(value), head + row.bytes))
        return sealed

    def open(self, sealed: bytes, *, table: str, column: str, row: UUID) -> str:
        """Decrypt a value that was sealed as text.

        :raises SealBroken: if it was changed or does not belong to this place.
        :raises UnknownKey: if its key is not in the ring.
        """
        return self.open_bytes(sealed, table=table, column=column, row=row).decode()

    def open_bytes(self, sealed: bytes, *, table: str, column: str, row: UUID) -> bytes:
        """Decrypt a value of any kind; errors as for :meth:`open`."""
        mark = bytes(sealed[:_HEADER_BYTES])
        decrypt = self._decryption(mark, len(sealed))
        body = _HEADER_BYTES + _NONCE_BYTES
        try:
            return decrypt(sealed[_HEADER_BYTES:body], sealed[body:], mark + _place(table, column) + row.bytes)
        except InvalidTag:
            raise SealBroken(f"a value of {table}.{column} was changed or belongs to another row") from None

    def needs_rotation(self, sealed: bytes) -> bool:
        """Whether the value was sealed with another key than the current one, and is to be sealed anew."""
        return bytes(sealed[:_HEADER_BYTES]) != self._mark

    def _decryption(self, mark: bytes, length: int) -> Callable[[bytes, bytes, bytes], bytes]:
        cipher = self._ciphers.get(mark)
        if cipher is not None and length >= _SEALED_BYTES_MIN:
            return cipher.decrypt
        if length >= _SEALED_BYTES_MIN and mark[0] in _MARKS:
            self._ring.key(Purpose.DATA, mark[1])  # raises if the ring does not hold it
        raise SealBroken("a stored value has no header of ours, or its algorithm is not that of its key")


_MARKS: Final = frozenset(Key(Purpose.DATA, 1, suite, b"").mark[0] for suite in Suite)


@lru_cache(maxsize=1024)
def _place(table: str, column: str) -> bytes:
    """Names end in NUL, which no identifier of PostgreSQL holds, and a row's id has one length: no two places meet."""
    if not table or not column or "\0" in table + column:
        raise ValueError("name the table and the column that the value belongs to")
    return f"{table}\0{column}\0".encode()


def _encoded(plain: str | bytes) -> bytes:
    if isinstance(plain, bytes):
        return plain
    try:
        return plain.encode()
    except UnicodeEncodeError:
        raise ValueError("the text holds lone surrogates, which cannot be stored") from None
