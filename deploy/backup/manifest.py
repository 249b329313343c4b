"""Say what a backup holds, in one file that is written last: a folder without it is no backup."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from chassis.errors import Message
from chassis.types import Model
from deploy.embedded.private_files import replace_private

NAME: Final = "manifest.json"
_BLOCK_BYTES: Final = 1 << 20


class BackupUnusable(Exception):
    """A backup cannot be made there, or is not whole; the message says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class Dump(Model):
    """One service's database. ``file`` lies beside the manifest; ``sha256`` is of its content, in hexadecimal."""

    service: str
    file: str
    sha256: str
    size_bytes: int
    taken_at: datetime


class Manifest(Model):
    """What lies in the folder. ``objects`` counts the pieces of stored files, all of them still encrypted."""

    form: Literal[1] = 1
    taken_at: datetime
    dumps: tuple[Dump, ...]
    objects: int
    objects_bytes: int

    def dump_of(self, service: str) -> Dump:
        """The dump of one service.

        :raises BackupUnusable: if the backup has none.
        """
        for dump in self.dumps:
            if dump.service == service:
                return dump
        held = "、".join(dump.service for dump in self.dumps)
        raise BackupUnusable(
            Message(f"此备份不含 {service}，只有：{held}。", f"This backup does not hold {service}; it has: {held}.")
        )


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make the folder a backup."""
    replace_private(folder / NAME, manifest.model_dump_json(indent=2).encode())


def read_manifest(folder: Path) -> Manifest:
    """What the backup in ``folder`` holds.

    :raises BackupUnusable: if there is none.
    """
    try:
        return Manifest.model_validate_json((folder / NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise BackupUnusable(
            Message(
                f"{folder} 不是完整的备份（缺少可读的 {NAME}），请另选一份。",
                f"{folder} is no whole backup (no readable {NAME}); choose another.",
            )
        ) from error


def checked(folder: Path, dump: Dump) -> Path:
    """The file of a dump, after its digest was compared.

    :raises BackupUnusable: if it is missing or was changed.
    """
    path = folder / dump.file
    if not path.is_file() or digest_of(path) != dump.sha256:
        raise BackupUnusable(
            Message(
                f"备份文件 {path} 缺失或已损坏，请另选一份备份。",
                f"The backup's file {path} is missing or damaged; choose another backup.",
            )
        )
    return path


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
