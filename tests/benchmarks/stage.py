"""Set up what benchmarks measure: a durable PostgreSQL, programs as processes of their own, signed-in requests."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from chassis.database import migrate
from chassis.database.provision import ServiceDatabase, ServicePasswords, provision
from chassis.database.server import EmbeddedPostgres, remove
from chassis.identifiers import new_id
from chassis.jobs.tables import JobState, job
from chassis.program import Program
from chassis.security.keys import KeyRing
from chassis.security.scope import Area, Assignment, Role
from deploy.embedded.issued_keys import IssuedKeys
from services.monitoring.app import SERVICE

_PASSWORDS = ServicePasswords(app="bench", migrate="bench", backup="bench")


@dataclass(frozen=True)
class Stage:
    """A PostgreSQL with fsync on, monitoring's database in it, and keys."""

    folder: Path
    postgres: EmbeddedPostgres
    monitoring: ServiceDatabase
    keys: IssuedKeys
    environment: Mapping[str, str]

    def token(self, role: Role, region: int) -> str:
        post = Assignment(new_id(), role, region)
        return self.keys.issue("bench", "bench", [post], now=datetime.now(UTC), lifetime=timedelta(hours=8))


@contextmanager
def stage() -> Iterator[Stage]:
    """Make the stage and clear it away."""
    with TemporaryDirectory(prefix="xj-bench-") as name:
        folder = Path(name)
        data = folder / "postgresql"
        try:
            with EmbeddedPostgres.start(data) as postgres:
                database = provision(postgres.superuser_url(), "monitoring", _PASSWORDS)
                migrate.upgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables)
                keys = IssuedKeys.load_or_create(folder)
                (folder / "jwks.json").write_text(json.dumps(keys.jwks()), "utf-8")
                environment = {
                    **os.environ,
                    "XIANJIE_MODE": "test",
                    "XIANJIE_DATABASE_URL": database.app_url,
                    "XIANJIE_DATA_DIRECTORY": str(folder),
                    "XIANJIE_JWKS_FILE": str(folder / "jwks.json"),
                    "XIANJIE_KEY_RING": KeyRing.generate(os.urandom).to_json(),
                }
                yield Stage(folder, postgres, database, keys, environment)
        finally:
            remove(data)


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
