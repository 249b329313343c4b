"""Check the passwords of an embedded platform's sample users: slow to guess, and silent about who exists."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import math
import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chassis.errors import Message
from deploy.embedded.private_files import SecretUnusable, read_private, replace_private

if TYPE_CHECKING:
    from chassis.security.keys import RandomBytes

FAILURES_MAX: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
_STRANGERS_MAX: Final = 1024
_CHECKS_AT_ONCE: Final = 2
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32


class LockedOut(Exception):
    """Too many failures for this user name; ``seconds`` tells how long it stays shut."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many failures for this user name")
        self.seconds = seconds


class PasswordsUnreadable(SecretUnusable):
    """The file of password hashes is damaged; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """What one check costs (RFC 7914): memory is 128·n·r bytes, here 16 MiB, and about 0.2 s of one core."""

    n: int = 2**14
    r: int = 8
    p: int = 5


@dataclass(frozen=True, slots=True)
class _Entry:
    salt: bytes
    digest: bytes
    cost: ScryptCost

    def fits(self, password: str) -> bool:
        return hmac.compare_digest(self.digest, _scrypt(password, self.salt, self.cost))


class PasswordBook:
    """User names and scrypt hashes in one file of mode 0600.

    Another process may add users while this one checks passwords: the file is read again when it has changed.

    After five failures in a row a name is shut for a quarter of an hour, known or not, so that the answers do not tell
    which names exist. Failures of known names are always kept, those of others for the last 1,024 names.
    """

    def __init__(self, path: Path, *, random: RandomBytes = os.urandom, cost: ScryptCost | None = None) -> None:
        """
        :raises FileExposed: if others may read the file.
        :raises PasswordsUnreadable: if it is damaged.
        """
        self._path = path
        self._random = random
        self._cost = cost or ScryptCost()
        self._entries: dict[str, _Entry] = {}
        self._stamp: tuple[int, int] | None = None
        self._read_again()
        self._nobody = _Entry(random(_SALT_BYTES), bytes(_HASH_BYTES), self._cost)
        self._failures: dict[str, _Failures] = {}
        self._strangers: OrderedDict[bytes, _Failures] = OrderedDict()
        self._at_once = asyncio.Semaphore(_CHECKS_AT_ONCE)  # bounds the memory that guesses can claim

    def __contains__(self, username: object) -> bool:
        return username in self._entries

    def keep(self, passwords: Mapping[str, str]) -> None:
        """Set the passwords of these users and write the file; the others stay as they are."""
        self._read_again()
        for username, password in passwords.items():
            salt = self._random(_SALT_BYTES)
            self._entries[username] = _Entry(salt, _scrypt(password, salt, self._cost), self._cost)
            self._failures.pop(username, None)
        replace_private(self._path, json.dumps({name: _written(e) for name, e in self._entries.items()}).encode())

    async def is_right(self, username: str, password: str, *, now: datetime) -> bool:
        """Whether this is the user's password. An unknown name takes the same work.

        :param now: system time.
        :raises LockedOut: after too many failures, even for the right password.
        :raises FileExposed, PasswordsUnreadable: if the file has become so.
        """
        self._read_again()
        failures = self._failures_of(username)
        failures.refuse(now)
        async with self._at_once:
            failures.refuse(now)  # others may have failed while this one waited its turn
            entry = self._entries.get(username)
            fits = await asyncio.to_thread((entry or self._nobody).fits, password)
            if entry is None or not fits:
                failures.add(now)
                return False
        failures.clear()
        return True

    def _read_again(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            status = self._path.stat()
            stamp = status.st_mtime_ns, status.st_ino  # each change is another file
            if stamp != self._stamp:
                self._entries, self._stamp = dict(_read(self._path)), stamp

    def _failures_of(self, username: str) -> _Failures:
        if username in self._entries:
            return self._failures.setdefault(username, _Failures())
        key = hashlib.sha256(username.encode(errors="surrogatepass")).digest()
        failures = self._strangers.setdefault(key, _Failures())
        self._strangers.move_to_end(key)
        if len(self._strangers) > _STRANGERS_MAX:
            self._strangers.popitem(last=False)
        return failures


class _Failures:
    """Failures in a row of one name."""

    def __init__(self) -> None:
        self._count = 0
        self._shut_until: datetime | None = None

    def refuse(self, now: datetime) -> None:
        """
        :raises LockedOut: while the name is shut.
        """
        if self._shut_until is None:
            return
        left = (self._shut_until - now).total_seconds()
        if left > 0:
            raise LockedOut(math.ceil(left))
        self.clear()

    def add(self, now: datetime) -> None:
        self._count += 1
        if self._count >= FAILURES_MAX:
            self._shut_until = now + LOCKED_FOR

    def clear(self) -> None:
        self._count = 0
        self._shut_until = None


def _scrypt(password: str, salt: bytes, cost: ScryptCost) -> bytes:
    memory = 128 * cost.r * (cost.n + cost.p + 2)
    text = password.encode(errors="surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=2 * memory, dklen=_HASH_BYTES)


def _written(entry: _Entry) -> dict[str, Any]:
    cost = entry.cost
    return {"salt": entry.salt.hex(), "hash": entry.digest.hex(), "n": cost.n, "r": cost.r, "p": cost.p}


def _read(path: Path) -> Iterator[tuple[str, _Entry]]:
    text = read_private(path)
    if text is None:
        return
    try:
        for name, entry in json.loads(text).items():
            cost = ScryptCost(entry["n"], entry["r"], entry["p"])
            yield name, _Entry(bytes.fromhex(entry["salt"]), bytes.fromhex(entry["hash"]), cost)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PasswordsUnreadable(
            Message(
                f"{path} 已损坏：请删除它，再重新装入示例县。",
                f"{path} is damaged: remove it and load the sample county again.",
            )
        ) from None
