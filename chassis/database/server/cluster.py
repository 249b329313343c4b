"""Make PostgreSQL's own files once, with checksums and passwords, and recognise those that this version can open."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from chassis.database.server import binaries, failures, keeping
from chassis.database.server.folders import Folders, write_private
from chassis.errors import Message

SUPERUSER: Final = "postgres"

_NEW_CLUSTER_BYTES: Final = 256 * 1024 * 1024

Progress = Callable[[Message], None]


def prepared(where: Folders, programs: Path, *, fsync: bool, tell: Progress) -> str:
    """The superuser's password of a cluster of our version, which is made if there is none."""
    if where.cluster.is_dir():
        version = where.cluster / "PG_VERSION"
        if not version.is_file():
            raise failures.not_a_cluster(where.cluster)
        found = version.read_text("utf-8").strip()
        if found != binaries.POSTGRES_MAJOR:
            raise failures.another_version(where.cluster, found=found, expected=binaries.POSTGRES_MAJOR)
        if not where.password.is_file():
            raise failures.password_missing(where.password)
        return where.password.read_text("utf-8").strip()
    tell(Message("首次启动，正在建立数据库", "First start: making the database"))
    if shutil.disk_usage(where.home).free < _NEW_CLUSTER_BYTES:
        raise failures.disk_full(where.home)
    password = secrets.token_urlsafe(32)
    write_private(where.password, password + "\n")
    _make_cluster(where, programs, fsync=fsync)
    return password


def _make_cluster(where: Folders, programs: Path, *, fsync: bool) -> None:
    """Build the cluster aside and rename it into place, so that a killed first start leaves no half of one."""
    for interrupted in where.home.glob("cluster.new-*"):
        shutil.rmtree(interrupted, ignore_errors=True)
    staging = where.home / f"cluster.new-{secrets.token_hex(4)}"
    staging.mkdir(mode=0o700)
    where.own(staging)
    descriptor, name = tempfile.mkstemp(prefix=".initdb-", dir=where.home)  # the server's user cannot read ours
    password_copy = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(where.password.read_text("utf-8"))
        where.own(password_copy)
        made = subprocess.run(  # noqa: S603
            [
                programs / "initdb",
                *("--pgdata", staging),
                *("--username", SUPERUSER),
                *("--pwfile", password_copy),
                *("--auth=scram-sha-256", "--data-checksums", "--locale=C", "--encoding=UTF8"),
                *(() if fsync else ("--no-sync",)),
                "--no-instructions",
            ],
            env=binaries.ENVIRONMENT,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **binaries.as_account(where.account),
        )
        if made.returncode != 0:
            with where.log.open("a", encoding="utf-8") as log:
                log.write(made.stderr)
            step = Message("无法建立数据库", "The database could not be made")
            known = failures.known_reason(made.stderr, cluster=where.cluster, log=where.log)
            raise known or failures.failed(step, log=where.log, last_lines=keeping.last_lines(where.log))
        staging.rename(where.cluster)
    finally:
        password_copy.unlink()
        shutil.rmtree(staging, ignore_errors=True)
