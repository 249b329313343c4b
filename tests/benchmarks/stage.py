"""Set up what benchmarks measure: a durable PostgreSQL, programs as processes of their own, signed-in requests."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from chassis.database.provision import ServiceDatabase
from chassis.jobs.tables import JobState, job
from chassis.program import Program
from chassis.security.scope import Area
from services.monitoring.app import SERVICE
from tests.staging import Staged, staged


@dataclass
class Stage(Staged):
    """Monitoring's database and keys."""

    @property
    def monitoring(self) -> ServiceDatabase:
        return self.databases[SERVICE.name]

    @property
    def environment(self) -> Mapping[str, str]:
        return self.environment_of(SERVICE.name)


@contextmanager
def stage() -> Iterator[Stage]:
    """Make the stage and clear it away."""
    with staged(SERVICE) as made:
        yield Stage(**vars(made))


async def over(program: Program, asked: object) -> Any:
    """The row of a job once it has ended."""
    while True:
        async with program.database.transaction(Area.everywhere()) as connection:
            row = (await connection.execute(select(job).where(job.c.id == asked))).one()
        if JobState(row.state).is_final:
            return row
        await asyncio.sleep(0.1)


@contextmanager
def serving(command: list[str], environment: Mapping[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until its port answers, and end it afterwards."""
    process = subprocess.Popen([sys.executable, *command], env=dict(environment), stdout=sys.stderr)
    try:
        until = time.monotonic() + 30
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server {command} did not start")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def http_request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """An HTTP/1.1 request as bytes."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
