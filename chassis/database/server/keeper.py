"""Keep PostgreSQL for one supervising process, and never let it outlive that process, however that one dies.

Run as a script with ``python -I -S keeper.py LOCK SUPERVISOR_PID``; standard library only, one thread. Why a process of
its own: SIGKILL leaves the supervisor no last word, and a parent-death signal straight from it to PostgreSQL would fire
as soon as the *thread* that started PostgreSQL ends. The keeper sees its supervisor's death twice: its standard input
ends, and its parent changes (a forked child of the supervisor may still hold the pipe). Should the keeper itself be
killed, the parent-death signal reaches PostgreSQL: here it is safe, since the keeper has one thread and sets it after
the change of user, which would clear it. The keeper has a session of its own: Ctrl-C at the terminal reaches neither.

It holds LOCK by a record lock, which ends with the process and is not inherited by any child: so one server per data
directory, and a next run waits until the last one has stopped. It reads and writes lines of JSON: the order
``{"command", "environment", "user", "group"}`` starts the server; the answers are ``{"busy": pid}``,
``{"held": true}``, ``{"started": pid}``, ``{"refused": errno}`` and ``{"ended": code}``. End of input stops both.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

TICK_SECONDS = 0.5
FAST_SECONDS_MAX = 30  # a fast shutdown ends sessions and writes a checkpoint
IMMEDIATE_SECONDS_MAX = 10
PR_SET_PDEATHSIG = 1


class Keeper:
    """One lock, one supervisor, at most one server at a time."""

    def __init__(self, supervisor: int) -> None:
        self.supervisor = supervisor
        self.server: subprocess.Popen[bytes] | None = None
        self.terminated = False

    def keep(self, wake: int) -> None:
        pending = b""
        while not self.terminated and os.getppid() == self.supervisor:
            readable, _, _ = select.select([0, wake], [], [], TICK_SECONDS)
            if wake in readable:
                os.read(wake, 4096)
            if self.server is not None and self.server.poll() is not None:
                say(ended=self.server.returncode)
                self.server = None
            if 0 in readable:
                chunk = os.read(0, 65536)
                if not chunk:
                    break
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    self.start(json.loads(line))
        self.stop()

    def start(self, order: dict[str, Any]) -> None:
        rights = {} if order["user"] is None else {"user": order["user"], "group": order["group"], "extra_groups": []}
        try:
            self.server = subprocess.Popen(  # noqa: S603
                order["command"],
                env=order["environment"],
                stdin=subprocess.DEVNULL,
                stdout=2,
                stderr=2,
                cwd="/",
                preexec_fn=_death_follows(os.getpid()),
                **rights,
            )
        except OSError as error:
            say(refused=error.errno)
        else:
            say(started=self.server.pid)

    def stop(self) -> None:
        for order, patience in ((signal.SIGINT, FAST_SECONDS_MAX), (signal.SIGQUIT, IMMEDIATE_SECONDS_MAX)):
            if self.server is None:
                return
            self.server.send_signal(order)
            try:
                self.server.wait(patience)
            except subprocess.TimeoutExpired:
                continue
            self.server = None
        if self.server is not None:
            self.server.kill()
            self.server.wait()

    def terminate(self, _signal: int, _frame: FrameType | None) -> None:
        self.terminated = True


def say(**words: object) -> None:
    try:
        os.write(1, json.dumps(words).encode() + b"\n")
    except BrokenPipeError:
        return  # nobody listens any more: the loop notices the same and stops


def _death_follows(keeper: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask_for_a_signal_at_the_keepers_death() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))
        if os.getppid() != keeper:  # it died before we asked
            os._exit(1)

    return ask_for_a_signal_at_the_keepers_death


def _nothing(_signal: int, _frame: FrameType | None) -> None:
    """Unlike SIG_IGN this is not inherited through exec, so PostgreSQL sees its signals as usual."""


def main(lock_path: str, supervisor: int) -> int:
    lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        say(busy=int(os.pread(lock, 20, 0).strip() or 0))
        return 1
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{supervisor}\n".encode(), 0)
    keeper = Keeper(supervisor)
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, keeper.terminate)
    for harmless in (signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
        signal.signal(harmless, _nothing)
    say(held=True)
    keeper.keep(wake)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
