"""Publish how far the audit chain reaches, where nobody who can write to the database can take it back.

A checkpoint is an event ``<service>.audit.sealed`` and a line of an append-only file outside PostgreSQL. Its MAC is the
chain's own at that seal, so that a line cannot be made up without the key; a chain that falls short of it was cut.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from chassis.audit.chain import ChainKeys, MacKey, is_equal, joined
from chassis.audit.epochs import Restore
from chassis.events.event import Event
from chassis.security.keys import UnknownKey

_RESTORED: Final = "restored"
_SEALED: Final = "sealed"


class AuditSealed(Event):
    """The audit chain of one service's database reaches this far (clause H).

    :param database: the service whose database it is.
    :param last_entry: id of the last sealed entry; ``count``: how many seals the chain has.
    :param mac: the last seal's MAC in hexadecimal; ``key_id`` names algorithm and key.
    :param epoch: the life of the database in which it was said; a restore begins the next one.
    """

    database: str
    last_entry: int
    count: int
    mac: str
    key_id: str
    epoch: int = 0


def sealed_event(service: str) -> type[AuditSealed]:
    """The event type ``<service>.audit.sealed`` of one service, for its ``contract``."""
    kind: type[AuditSealed] = type(
        "AuditSealed", (AuditSealed,), {"__doc__": AuditSealed.__doc__}, type=f"{service}.audit.sealed", version=1
    )
    return kind


def chain_subject(service: str) -> UUID:
    """The aggregate id of a service's audit chain; its version is the number of seals."""
    return uuid5(NAMESPACE_URL, f"urn:xianjie:{service}:audit")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A published end of the chain: seal ``count`` covers ``last_entry`` and has ``mac``."""

    epoch: int
    last_entry: int
    count: int
    mac: bytes
    key_id: str
    time: str

    @property
    def order(self) -> tuple[int, int]:
        return self.epoch, self.count


@dataclass(frozen=True, slots=True)
class RestoreMark:
    """A restore that an operator recorded: the chain went back to ``seals_kept`` seals and ``epoch`` began."""

    epoch: int
    seals_kept: int
    chain_mac: bytes
    key_id: str
    mac: bytes
    time: str

    @classmethod
    def sign(cls, database: str, restore: Restore, key: MacKey, *, time: str) -> RestoreMark:
        mac = key.mac(_restore_message(database, restore.epoch, restore.seals_kept, restore.mac, key.key_id))
        return cls(restore.epoch, restore.seals_kept, restore.mac, key.key_id, mac, time)

    def is_genuine(self, database: str, keys: ChainKeys) -> bool:
        """Whether somebody with the key wrote it: only then may checkpoints reach beyond the chain."""
        try:
            key = keys.named(self.key_id)
        except UnknownKey:
            return False
        return is_equal(
            key.mac(_restore_message(database, self.epoch, self.seals_kept, self.chain_mac, self.key_id)), self.mac
        )


def _restore_message(database: str, epoch: int, kept: int, chain_mac: bytes, key_id: str) -> bytes:
    return joined(b"restored", database.encode(), str(epoch).encode(), str(kept).encode(), chain_mac, key_id.encode())


@dataclass(frozen=True, slots=True)
class CheckpointHistory:
    """What the file says.

    :param unreadable_lines: numbers of lines that are none of ours; a crash leaves at most one, without its end.
    """

    checkpoints: tuple[Checkpoint, ...] = ()
    restores: tuple[RestoreMark, ...] = ()
    unreadable_lines: tuple[int, ...] = ()

    @property
    def last(self) -> tuple[int, int]:
        """Epoch and count of the furthest checkpoint; (-1, 0) without any."""
        return max((checkpoint.order for checkpoint in self.checkpoints), default=(-1, 0))

    def joined_with(self, checkpoints: Sequence[Checkpoint]) -> CheckpointHistory:
        """This history and what others kept of it: whoever changed the file must then have changed both."""
        return CheckpointHistory((*self.checkpoints, *checkpoints), self.restores, self.unreadable_lines)

    @property
    def newest_epoch(self) -> int:
        """The latest life of the database that the file knows of; -1 without any line."""
        epochs = [checkpoint.epoch for checkpoint in self.checkpoints] + [restore.epoch for restore in self.restores]
        return max(epochs, default=-1)


class CheckpointFile:
    """Checkpoints of one database as JSON lines, only ever appended to, synced to disk, mode 0600.

    Put it on storage that the database's administrators cannot write: an append-only mount or a forwarded folder. The
    folder must exist; it is not made, because that would hide a mount that is missing.
    """

    def __init__(self, path: Path, *, database: str) -> None:
        self.path = path
        self.database = database

    @classmethod
    def in_folder(cls, folder: Path, database: str) -> Self:
        """The file of ``database`` where a program's data directory has it."""
        return cls(folder / f"audit-{database}.jsonl", database=database)

    def read(self) -> CheckpointHistory:
        """Everything in the file; an empty history if there is no file yet."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return CheckpointHistory()
        checkpoints: list[Checkpoint] = []
        restores: list[RestoreMark] = []
        unreadable: list[int] = []
        for number, line in enumerate(content.split(b"\n"), start=1):
            if not line:
                continue
            found = _parsed(line, self.database)
            if isinstance(found, Checkpoint):
                checkpoints.append(found)
            elif isinstance(found, RestoreMark):
                restores.append(found)
            else:
                unreadable.append(number)
        return CheckpointHistory(tuple(checkpoints), tuple(restores), tuple(unreadable))

    def append(self, marks: Sequence[Checkpoint | RestoreMark]) -> None:
        """Add lines and wait until they are on disk.

        :raises OSError: if that fails; the lines stay owed and may be appended again.
        """
        if not marks:
            return
        is_new = not self.path.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            lines = b"".join(_line(mark, self.database) for mark in marks)
            size = os.fstat(handle).st_size
            # A crash may have cut the line before; ours must not grow onto it.
            if size and os.pread(handle, 1, size - 1) != b"\n":
                lines = b"\n" + lines
            while lines:
                lines = lines[os.write(handle, lines) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            _sync_folder(self.path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _line(mark: Checkpoint | RestoreMark, database: str) -> bytes:
    content: dict[str, Any] = {"database": database, "epoch": mark.epoch, "time": mark.time, "key_id": mark.key_id}
    if isinstance(mark, Checkpoint):
        content |= {"kind": _SEALED, "last_entry": mark.last_entry, "count": mark.count, "mac": mark.mac.hex()}
    else:
        content |= {
            "kind": _RESTORED,
            "seals_kept": mark.seals_kept,
            "chain_mac": mark.chain_mac.hex(),
            "mac": mark.mac.hex(),
        }
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def _parsed(line: bytes, database: str) -> Checkpoint | RestoreMark | None:
    try:
        content = orjson.loads(line)
        if content["database"] != database:
            return None
        epoch, time, key_id = int(content["epoch"]), str(content["time"]), str(content["key_id"])
        mac = bytes.fromhex(content["mac"])
        if content["kind"] == _SEALED:
            return Checkpoint(epoch, int(content["last_entry"]), int(content["count"]), mac, key_id, time)
        if content["kind"] == _RESTORED:
            chain_mac = bytes.fromhex(content["chain_mac"])
            return RestoreMark(epoch, int(content["seals_kept"]), chain_mac, key_id, mac, time)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None  # the caller counts the line as unreadable
    return None
