"""Bring one service back to a backup, while the platform rests; what was there is kept beside it until discarded.

The dump is restored into a fresh database that takes the old one's name only when it is whole; then the restore is
recorded, which starts a new epoch: cursors of the former life end, and audit checkpoints beyond the backup count as
given up by this restore and not as a cut tail.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from chassis.audit.chain import RingChainKeys
from chassis.audit.checkpoints import CheckpointFile
from chassis.audit.epochs import Restore
from chassis.audit.restoring import record_restore
from chassis.clock import Clock
from chassis.database.provision import ServiceDatabase, ServicePasswords, provision
from chassis.database.server import EmbeddedPostgres
from chassis.errors import Message
from chassis.security.keys import KeyRing
from deploy.backup.manifest import checked, read_manifest
from deploy.backup.objects import backup_store, copy_missing, store_of
from deploy.backup.tools import run_tool
from deploy.embedded.installation import Installation
from deploy.progress import Progress, Tell

FORMER: Final = "_former"
"""What the database that a restore replaced is called, behind the service's name."""

_RESTORING: Final = Message("恢复", "restoring")
_COPYING: Final = Message("文件", "stored files")


def restore_service(
    installation: Installation,
    postgres: EmbeddedPostgres,
    folder: Path,
    service: str,
    passwords: ServicePasswords,
    *,
    reason: str,
    clock: Clock,
    tell: Tell,
) -> Restore:
    """Restore ``service`` from the backup in ``folder``. A failure leaves the database as it was.

    :param postgres: the installation's server, with no program of the platform running.
    :param reason: why; kept with the new epoch.
    :raises BackupUnusable: if the backup is not whole, or PostgreSQL's program fails.
    """
    dump = checked(folder, read_manifest(folder).dump_of(service))
    tell(Progress(_RESTORING, 0, 2))
    superuser = postgres.superuser_url()
    _drop(superuser, service + FORMER)
    _rename(superuser, service, service + FORMER)
    try:
        database = provision(superuser, service, passwords)
        # As the superuser: the dump gives each table to its owner, and the rights on it to the roles that had them.
        arguments: list[str | Path] = ["--single-transaction", "--exit-on-error", dump]
        run_tool(postgres.programs, "pg_restore", postgres.superuser_url(service), arguments)
        restore = _record(installation, database, service, reason, clock)
    except BaseException:
        _drop(superuser, service)
        _rename(superuser, service + FORMER, service)
        raise
    tell(Progress(_RESTORING, 1, 2))
    # The installation's settings need a run; files lie where a service without another address keeps them.
    target = store_of(installation.directory, None, service)
    for number, _ in enumerate(copy_missing(backup_store(folder, service), target), start=1):
        tell(Progress(_COPYING, number, 0))
    tell(Progress(_RESTORING, 2, 2))
    return restore


def discard_former(postgres: EmbeddedPostgres, service: str) -> None:
    """Delete what a restore of ``service`` replaced; nothing happens if there is none."""
    _drop(postgres.superuser_url(), service + FORMER)


def _record(installation: Installation, database: ServiceDatabase, service: str, reason: str, clock: Clock) -> Restore:
    keys = RingChainKeys(KeyRing.parse(installation.key_ring()))
    file = CheckpointFile.in_folder(installation.directory, service)
    return record_restore(database.migrate_url, file, keys, reason=reason, clock=clock)


def _rename(superuser_url: str, old: str, new: str) -> None:
    statement = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (old,)).fetchone() is not None:
            connection.execute(statement)


def _drop(superuser_url: str, name: str) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
