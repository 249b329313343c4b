"""Stop what an earlier run that was killed left behind, so that a data directory never has two servers."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil

from chassis.database.server.folders import Folders

_FAST_SECONDS_MAX = 20
_IMMEDIATE_SECONDS_MAX = 10


def stop_leftovers(folders: Folders) -> bool:
    """Stop every process of an earlier server of this data directory; whether there was any.

    The caller holds the lock. After a postmaster was killed its backends may run on: PostgreSQL would not start beside
    them, so they are stopped too (the next start recovers from the log of changes).
    """
    pid_file = folders.cluster / "postmaster.pid"
    if not pid_file.exists():
        return False
    found = _processes(folders.name)
    postmaster = [process for process in found if process.pid == postmaster_pid(pid_file)]
    _signal(postmaster or found, signal.SIGINT if postmaster else signal.SIGQUIT)
    _, alive = psutil.wait_procs(found, timeout=_FAST_SECONDS_MAX if postmaster else _IMMEDIATE_SECONDS_MAX)
    if alive:
        _signal(alive, signal.SIGQUIT)
        _, alive = psutil.wait_procs(alive, timeout=_IMMEDIATE_SECONDS_MAX)
        _signal(alive, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=_IMMEDIATE_SECONDS_MAX)
    # Its number may have gone to another process since, perhaps after a reboot: PostgreSQL would refuse for ever.
    left = postmaster_pid(pid_file)
    if left and psutil.pid_exists(left) and not _processes(folders.name):
        pid_file.unlink(missing_ok=True)
    return bool(found)


def postmaster_pid(pid_file: Path) -> int | None:
    """The server's process number as it wrote it; None when there is no such file or not yet a number in it."""
    first = _lines(pid_file)[:1]
    return abs(int(first[0])) if first and first[0].strip().lstrip("-").isdigit() else None


def is_ready(pid_file: Path, *, pid: int) -> bool:
    """Whether the server with that process number says that it takes connections."""
    lines = _lines(pid_file)
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _lines(pid_file: Path) -> list[str]:
    try:
        return pid_file.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []


def _processes(name: str) -> list[psutil.Process]:
    """All with the server's name in their title, which root can read in a container too (working folders it cannot)."""
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and any(name in word for word in process.info["cmdline"] or ())
    ]


def _signal(processes: list[psutil.Process], order: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(order)
        except psutil.NoSuchProcess:
            continue
