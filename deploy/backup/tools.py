"""Run PostgreSQL's own dump and restore programs, with the password in their environment and in no argument."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from chassis.database.server.binaries import ENVIRONMENT
from chassis.errors import Message
from deploy.backup.manifest import BackupUnusable


def run_tool(programs: Path, name: str, url: str, arguments: Sequence[str | Path]) -> None:
    """Run ``name`` from ``programs`` against the database at ``url``.

    Its complaints may quote rows, so none of them is shown: the first line's kind is enough for the operator.

    :raises BackupUnusable: if it fails.
    """
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    login, _, password = user.partition(":")
    address = parts._replace(netloc=f"{login}@{place}").geturl()
    ended = subprocess.run(  # noqa: S603  # PostgreSQL's program out of our own package
        [programs / name, "--no-password", "--dbname", address, *arguments],
        env={**ENVIRONMENT, "PGPASSWORD": unquote(password)},
        capture_output=True,
        check=False,
    )
    if ended.returncode != 0:
        raise BackupUnusable(
            Message(
                f"{name} 未能完成（退出码 {ended.returncode}）。请检查磁盘空间和数据库日志后重试。",
                f"{name} did not finish (exit code {ended.returncode}). Look at the disk's free space and the"
                " database's log, then try again.",
            )
        )
