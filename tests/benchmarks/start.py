"""`start`: what `make run` executes, on an installed tree with its data, until every program is ready; and its memory.

The tree is compiled first, as `make install` does. The limits of quality.md are the baseline. The first start, which
makes the database and loads the sample county, is told beside it. Memory is the proportional set size (PSS) of all
processes but PostgreSQL's, so that pages which they share count once, after the platform has been signed in to and
asked for its document.
"""

from __future__ import annotations

import compileall
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
import psutil

from chassis.database.server import remove
from chassis.ports import free_port
from tests.benchmarks.report import Measured, median

SECONDS_MAX: Final = 5.0
MEGABYTES_MAX: Final = 400.0
STARTS: Final = 5
READY_SECONDS_MAX: Final = 120
CODE: Final = ("chassis", "services", "gateway", "deploy")
_ROOT: Final = Path(__file__).parents[2]
_LOADED: Final = "sample-loaded"


@dataclass(frozen=True)
class Platform:
    """A platform that is ready, and how long that took."""

    process: subprocess.Popen[bytes]
    port: int
    seconds: float

    def asked(self) -> None:
        """Sign in and ask for the document, as a first visitor does; both are made at the first question."""
        [entry, *_] = json.loads((self.data / "sign-ins.json").read_text("utf-8"))
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            form = {"grant_type": "password", "username": entry["username"], "password": entry["password"]}
            client.post("/oauth2/token", data=form).raise_for_status()
            client.get("/openapi.json").raise_for_status()

    @property
    def data(self) -> Path:
        return Path(self.process.args[3])  # type: ignore[index,arg-type]

    def megabytes(self) -> dict[str, float]:
        """The PSS of each process of ours."""
        own = psutil.Process(self.process.pid)
        found: dict[str, float] = {}
        for process in (own, *own.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                if process.name() != "postgres":
                    words = process.cmdline()
                    name = next((word for word in words if word in ("serve", "apis", "workers")), Path(words[-3]).name)
                    found[name] = process.memory_full_info().pss / 1e6
        return found


def run() -> Iterator[Measured]:
    """The median of several starts over the same data."""
    for package in CODE:
        compileall.compile_dir(_ROOT / package, quiet=1)
    with TemporaryDirectory(prefix="xj-bench-") as folder:
        data = Path(folder) / "data"
        try:
            with _started(data) as first:
                sys.stderr.write(f"start: the first start was ready after {first.seconds:.1f} s\n")
                _wait_for(data / _LOADED)
            starts = []
            for _ in range(STARTS):
                with _started(data) as platform:
                    platform.asked()
                    starts.append((platform.seconds, platform.megabytes()))
        finally:
            remove(data / "postgresql")
    for seconds, memory in starts:
        parts = ", ".join(f"{name} {size:.0f}" for name, size in memory.items())
        sys.stderr.write(f"start: {seconds:.2f} s; {sum(memory.values()):.0f} MB ({parts})\n")
    yield Measured("start", median([seconds for seconds, _ in starts]), SECONDS_MAX, "s", 1.0, "lower")
    held = median([sum(memory.values()) for _, memory in starts])
    yield Measured("start.memory", held, MEGABYTES_MAX, "MB", 1.0, "lower")


@contextmanager
def _started(data: Path) -> Iterator[Platform]:
    """`xianjie serve` as `make run` calls it, in a process group of its own; ended as by Ctrl-C."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "xianjie"), "serve", "--data", str(data), "--port", str(port)]
    began = time.monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True, env=_environment()
    )
    try:
        yield Platform(process, port, _ready(process, port) - began)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _environment() -> dict[str, str]:
    """This one's, less what would make it another platform."""
    return {name: value for name, value in os.environ.items() if not name.startswith("XIANJIE_")}


def _ready(process: subprocess.Popen[bytes], port: int) -> float:
    until = time.monotonic() + READY_SECONDS_MAX
    with httpx.Client(timeout=2) as client:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise RuntimeError(f"`xianjie serve` ended with {process.returncode}")
            with suppress(httpx.TransportError):
                if client.get(f"http://127.0.0.1:{port}/health/status").status_code == httpx.codes.OK:
                    return time.monotonic()
            time.sleep(0.01)
    raise RuntimeError(f"not ready after {READY_SECONDS_MAX} s")


def _wait_for(path: Path) -> None:
    until = time.monotonic() + READY_SECONDS_MAX
    while not path.exists():
        if time.monotonic() > until:
            raise RuntimeError(f"the sample county is not in after {READY_SECONDS_MAX} s")
        time.sleep(0.2)
