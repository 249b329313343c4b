"""A folder whose files lie in memory, for a test process's server.

A database for each test makes and deletes a thousand files. On ext4 that costs far more than the copying: a new file
may not take the place of one that was deleted in the last seconds, so each looks past all of those (0.2-0.4 s for a
database that is copied in 0.03 s in memory).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

_MEMORY: Final = Path("/dev/shm")  # noqa: S108  made by mkdtemp, so that the name is nobody else's
_PREFIX: Final = "xianjie-tests-"
_FREE_BYTES_MIN: Final = 4 * 2**30
"""About four times what a process's databases came to at most, as several processes run at once."""


@contextmanager
def folder_in_memory() -> Iterator[Path | None]:
    """A folder of this process alone, deleted afterwards; None where the machine has none or little memory is free.

    What an earlier process left that was killed is deleted too.
    """
    if not os.access(_MEMORY, os.W_OK | os.X_OK):
        yield None
        return
    _forget_the_dead()
    if min(shutil.disk_usage(_MEMORY).free, psutil.virtual_memory().available) < _FREE_BYTES_MIN:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MEMORY))
    folder.chmod(0o711)  # where root runs the tests, the server's own user passes through
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _forget_the_dead() -> None:
    for left in _MEMORY.glob(f"{_PREFIX}*"):
        process = left.name.removeprefix(_PREFIX).partition("-")[0]
        if left.stat().st_uid == os.geteuid() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)
