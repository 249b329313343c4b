"""Tell the lives of one database apart, so that a restore neither hides rows nor lets an old position pass for a new.

Positions are (epoch, xid, …). Transaction ids start anew in a fresh cluster and run again after a restore to an earlier
point; so a restore raises the epoch, rows of older epochs count as below the horizon, and cursors of older epochs end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audit.rights import keep_append_only
from chassis.database.engine import driver_url
from chassis.errors import Message, Unavailable

STAMPED: Final = ("audit_entry", "change", "change_fields")
"""Tables whose column ``epoch`` defaults to the current one."""

CURRENT_EPOCH: Final = (
    "SELECT coalesce(max(e.number), 0) AS number,"
    " coalesce(bool_and(e.system_identifier = s.system_identifier)"
    " FILTER (WHERE e.number = (SELECT max(number) FROM epoch)), true) AS is_ours"
    " FROM pg_control_system() AS s LEFT JOIN epoch AS e ON true"
)
"""The current epoch's number, and whether it began in this very cluster."""

_EPOCH: Final = text(CURRENT_EPOCH)
_FIRST: Final = text(
    "INSERT INTO epoch (number, system_identifier, seals_kept, reason)"
    " SELECT 0, system_identifier, 0, 'first' FROM pg_control_system() ON CONFLICT DO NOTHING"
)
_LOCK_TIMEOUT_SECONDS: Final = 30


class RestoredDatabase(Unavailable):
    code, status = "database_restored", 503
    title = Message(
        "数据库是从备份恢复的，请管理员先登记恢复（提升世代）后再使用。",
        "This database was restored from a backup; an operator must record the restore (raise its epoch) first.",
    )


@dataclass(frozen=True, slots=True)
class Restore:
    """A recorded restore.

    :param epoch: the number of the life that began with it.
    :param seals_kept: how many seals of the audit chain the backup held.
    :param mac: MAC of the last of them, empty if there was none.
    """

    epoch: int
    seals_kept: int
    mac: bytes


async def current_epoch(connection: AsyncConnection) -> int:
    """The number of the present epoch; the first call on a new database writes epoch 0.

    :raises RestoredDatabase: if the database came from another cluster and nobody raised its epoch.
    """
    row = (await connection.execute(_EPOCH)).one()
    if not row.is_ours:
        raise RestoredDatabase
    if row.number == 0:
        await connection.execute(_FIRST)
    return int(row.number)


def raise_epoch(migrate_url: str, *, reason: str, above: int = -1) -> Restore:
    """Start a new epoch, as the operator's first step after a restore and before any program starts.

    :param above: the newest epoch known outside the database; the new one is greater than it too.
    :param migrate_url: of the role ``migrate``; the column defaults are changed under ``SET ROLE`` of the owner.
    """
    engine = create_engine(driver_url(migrate_url), hide_parameters=True)
    try:
        with engine.begin() as connection:
            return _raise(connection, reason, above)
    finally:
        engine.dispose()


def _raise(connection: Connection, reason: str, above: int) -> Restore:
    connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_SECONDS}s'"))
    connection.execute(
        text("SELECT set_config('role', regexp_replace(current_user, '_migrate$', '_owner'), true)")
    ).scalar_one()
    # Locked in one order and before the number is read: no row of the old epoch can come after it.
    for table in STAMPED:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
    known = int(connection.execute(text("SELECT coalesce(max(number), 0) FROM epoch")).scalar_one())
    number = max(known, above) + 1
    for table in STAMPED:
        connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN epoch SET DEFAULT {number}"))
    # Tables that a restore made as the owner have the default rights again.
    keep_append_only(connection)
    connection.execute(text("RESET ROLE"))
    last = connection.execute(text("SELECT sequence, mac FROM audit_seal ORDER BY sequence DESC LIMIT 1")).one_or_none()
    kept, mac = (int(last.sequence), bytes(last.mac)) if last else (0, b"")
    connection.execute(
        text(
            "INSERT INTO epoch (number, system_identifier, seals_kept, reason)"
            " SELECT :number, system_identifier, :kept, :reason FROM pg_control_system()"
        ),
        {"number": number, "kept": kept, "reason": reason},
    )
    return Restore(number, kept, mac)
