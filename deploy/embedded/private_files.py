"""Keep small secrets in files that only their owner can read, whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from chassis.errors import Message


class SecretUnusable(Exception):
    """A secret file of the data directory cannot be used; ``message`` says what to do, and repeats nothing of it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class FileExposed(SecretUnusable):
    """A secret file is readable by others; the message says how to mend it."""


def read_private(path: Path) -> bytes | None:
    """The content, or None if there is no such file.

    :raises FileExposed: if others than its owner may read or write it.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise FileExposed(
                    Message(
                        f"{path} 中有密钥或密码，但其他用户也能读写：请运行 chmod 600 {path}",
                        f"{path} holds a secret but others may read it: run `chmod 600 {path}`",
                    )
                )
            return file.read()
    except FileNotFoundError:
        return None


def create_private(path: Path, content: bytes) -> bool:
    """Write a file that does not exist yet; False if another process was first, whose file then stands."""
    scratch = _written(path, content)
    try:
        os.link(scratch, path)
    except FileExistsError:
        return False
    finally:
        scratch.unlink()
    return True


def replace_private(path: Path, content: bytes) -> None:
    """Write or replace a file; readers see the old content or the new one."""
    _written(path, content).replace(path)


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        scratch.unlink()
        raise
    return scratch
