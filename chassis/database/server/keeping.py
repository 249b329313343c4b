"""Talk to the keeper process that holds a data directory and runs its server: PostgreSQL, or a broker."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import psutil

from chassis.database.server import failures
from chassis.database.server.folders import Account, Folders
from chassis.errors import Message

_GRACE_SECONDS: Final = 5  # a process that is about to stop still holds the lock
_ANSWER_SECONDS_MAX: Final = 30
_RELEASE_SECONDS_MAX: Final = 60  # above the keeper's own limits


class Keeper:
    """The lock on one data directory and, once started, its server. Ends with this process or by :meth:`release`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._pending = b""
        self._heard: list[dict[str, Any]] = []
        self.is_running = False

    @classmethod
    def hold(cls, folders: Folders, *, seconds_max: float, on_wait: Callable[[Message], None]) -> Keeper:
        """Take the lock, waiting for an earlier run that is stopping.

        Raises PostgresFailed when a living process keeps it, or when it does not come free in time.
        """
        began = time.monotonic()
        told = False
        while True:
            keeper = cls(spawn(folders.lock, folders.log))
            answer = keeper.hear(_ANSWER_SECONDS_MAX)
            if answer is not None and "held" in answer:
                return keeper
            keeper.release()
            if answer is None:
                step = Message("无法启动数据库看护进程", "The database's keeper process could not be started")
                raise failures.failed(step, log=folders.log, last_lines=last_lines(folders.log))
            waited = time.monotonic() - began
            holder = int(answer["busy"])
            if waited > (_GRACE_SECONDS if holder and psutil.pid_exists(holder) else seconds_max):
                raise failures.in_use(folders.data, pid=holder)
            if not told:
                on_wait(Message("正在等待上一次运行的数据库停止", "Waiting for the database of the last run to stop"))
                told = True
            time.sleep(0.05)

    def start(self, command: Sequence[str], *, environment: Mapping[str, str], account: Account | None) -> int:
        """Start the server; returns its process id. Raises OSError when the program cannot be run."""
        order = {
            "command": list(command),
            "environment": dict(environment),
            "user": account.uid if account else None,
            "group": account.gid if account else None,
        }
        if self._process.stdin is None:
            raise RuntimeError("the keeper was released")
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        answer = self.hear(_ANSWER_SECONDS_MAX)
        if answer is None or "started" not in answer:
            code = int(answer["refused"]) if answer else 0
            raise OSError(code, os.strerror(code) if code else "the keeper ended", command[0])
        self.is_running = True
        return int(answer["started"])

    def has_ended(self, *, within_seconds: float) -> bool:
        """Whether the server, or the keeper itself, ends within that time."""
        if self.is_running:
            answer = self.hear(within_seconds)
            if answer is not None or self._process.poll() is not None:
                self.is_running = False
        return not self.is_running

    def release(self) -> None:
        """Stop the server in order, if one runs, and give the lock back. May be called again."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()
        try:
            self._process.wait(_RELEASE_SECONDS_MAX)
        except subprocess.TimeoutExpired:  # its own limits are shorter, so it hangs in the kernel
            self._process.kill()
            self._process.wait()
        self.is_running = False

    def hear(self, seconds_max: float) -> dict[str, Any] | None:
        """The keeper's next words; None when it said nothing in that time, or ended."""
        if self._process.stdout is None:
            return None
        descriptor = self._process.stdout.fileno()
        deadline = time.monotonic() + seconds_max
        while not self._heard:
            readable, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(descriptor, 65536) if readable else b""
            if not chunk:
                if readable:
                    self._process.wait(_ANSWER_SECONDS_MAX)
                return None
            *lines, self._pending = (self._pending + chunk).split(b"\n")
            self._heard += [json.loads(line) for line in lines]
        return self._heard.pop(0)


def last_lines(log: Path, *, since_byte: int = 0, count: int = 15) -> str:
    """The end of the server's log, as far as it was written after ``since_byte``."""
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(since_byte, size - 16_384))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-count:])


def spawn(lock: Path, log: Path) -> subprocess.Popen[bytes]:
    """A keeper process that takes ``lock`` and lets its server write to ``log``; wrap it in :class:`Keeper`."""
    # Plain "-I -S": no site packages, no environment, half the memory and a start of 20 ms.
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", Path(__file__).with_name("keeper.py"), lock, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            bufsize=0,
            cwd="/",
            start_new_session=True,
        )
