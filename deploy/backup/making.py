"""Make a backup of a running platform: a consistent dump of each database, then the stored files that they name.

Each database is dumped at a moment of its own; after a restore ``xianjie reconcile`` names what differs between two
services, and republishing closes it. The keys are not in it: a backup that opens itself protects nobody.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from chassis.clock import Clock
from chassis.database.server.binaries import reachable
from chassis.errors import Message
from deploy.backup.manifest import BackupUnusable, Dump, Manifest, digest_of, write_manifest
from deploy.backup.objects import backup_store, copy_missing, store_of
from deploy.backup.tools import run_tool
from deploy.embedded.installation import Installation
from deploy.progress import Progress, Tell

_DUMPING = Message("数据库", "databases")
_COPYING = Message("文件", "stored files")


def make_backup(installation: Installation, folder: Path, *, clock: Clock, tell: Tell) -> Manifest:
    """Write a backup of every service into ``folder``, which must be new or empty.

    :raises NotRunning: if nothing runs over the installation.
    :raises BackupUnusable: if the folder is not empty, or PostgreSQL's program fails; the folder is then no backup.
    :raises OSError: if the folder cannot be written.
    """
    run = installation.read_run()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupUnusable(
            Message(f"{folder} 不是空目录，请另选一个。", f"{folder} is not empty; choose another folder.")
        )
    began = clock.system_now()
    programs = reachable(None)
    dumps: list[Dump] = []
    for name, database in run.databases.items():
        tell(Progress(_DUMPING, len(dumps), len(run.databases)))
        dumps.append(_dump(programs, name, database.backup_url, folder, clock.system_now()))
    tell(Progress(_DUMPING, len(dumps), len(run.databases)))
    # After the dumps, so that every file a dump names is there; one that was purged meanwhile had had its time.
    objects = size = 0
    for name in run.databases:
        source = store_of(installation.directory, installation.settings(name).files_url, name)
        for held in copy_missing(source, backup_store(folder, name)):
            objects, size = objects + 1, size + held
            tell(Progress(_COPYING, objects, 0))
    manifest = Manifest(taken_at=began, dumps=tuple(dumps), objects=objects, objects_bytes=size)
    write_manifest(folder, manifest)
    return manifest


def _dump(programs: Path, service: str, url: str, folder: Path, at: datetime) -> Dump:
    path = folder / f"{service}.dump"
    path.touch(mode=0o600)
    run_tool(programs, "pg_dump", url, ["--format=custom", "--compress=gzip:1", "--file", path])
    return Dump(service=service, file=path.name, sha256=digest_of(path), size_bytes=path.stat().st_size, taken_at=at)
