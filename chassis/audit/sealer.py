"""Seal audit entries in order, one sealer per database at a time, so that commits never wait for each other.

Entries below the horizon are whole: every transaction there has ended. They are chained by (epoch, xid, id).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audit.chain import FORM, GENESIS, ChainKeys, canonical, covered_columns, seal_mac
from chassis.audit.checkpoints import AuditSealed, Checkpoint, CheckpointFile, chain_subject
from chassis.audit.epochs import current_epoch
from chassis.clock import Clock
from chassis.database.engine import Database
from chassis.identifiers import new_id
from chassis.security.scope import Area

BATCH: Final = 2000
CHECKPOINT_SEALS: Final = 10_000
CHECKPOINT_INTERVAL: Final = timedelta(minutes=5)
_LOCK: Final = 0x5EA1_0001

_TAKE: Final = text("SELECT pg_try_advisory_xact_lock(:lock)")
_LAST: Final = text(
    "SELECT sequence, entry_id, epoch, CAST(xid AS text) AS xid, mac, key_id FROM audit_seal"
    " ORDER BY sequence DESC LIMIT 1"
)
_NEXT: Final = text(
    f"""
    SELECT {covered_columns("audit_entry")}
    FROM audit_entry
    WHERE (epoch, xid, id) > (:epoch, CAST(:xid AS xid8), :id)
      AND (epoch, xid) < (:current, pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY audit_entry.epoch, audit_entry.xid, audit_entry.id LIMIT :batch
    """  # noqa: S608  # columns are ours
)
_SEAL: Final = text(
    """
    INSERT INTO audit_seal (sequence, entry_id, epoch, xid, form, mac, key_id)
    SELECT sequence, entry_id, epoch, CAST(xid AS xid8), :form, mac, :key_id
    FROM unnest(CAST(:sequences AS bigint[]), CAST(:entries AS bigint[]), CAST(:epochs AS bigint[]),
                CAST(:xids AS text[]), CAST(:macs AS bytea[])) AS new(sequence, entry_id, epoch, xid, mac)
    """
)
_LAST_CHECKPOINT: Final = text("SELECT sequence, time FROM audit_checkpoint ORDER BY sequence DESC LIMIT 1")
_CHECKPOINT: Final = text(
    """
    WITH kept AS (
        INSERT INTO audit_checkpoint (sequence, entry_id, epoch, mac, key_id, time)
        VALUES (:sequence, :entry_id, :epoch, :mac, :key_id, :time)
    ), said AS (
        INSERT INTO outbox (id, type, subject, aggregate_version, region, data)
        VALUES (:event_id, :type, :subject, :sequence, :region, CAST(:data AS jsonb))
        -- A chain that somebody threw away and that grows again must not stop here: verification tells.
        ON CONFLICT DO NOTHING RETURNING id
    )
    INSERT INTO pending (event_id) SELECT id FROM said
    """
)
_OWED: Final = text(
    "SELECT sequence, entry_id, epoch, mac, key_id, time FROM audit_checkpoint"
    " WHERE (epoch, sequence) > (:epoch, :count) ORDER BY epoch, sequence"
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one turn did.

    :param count: how many entries it sealed; ``is_behind``: whether more were waiting.
    :param published: whether a checkpoint was made, so that the relay has an event to send.
    """

    count: int = 0
    is_behind: bool = False
    published: bool = False


@dataclass(frozen=True, slots=True)
class _End:
    sequence: int
    entry_id: int
    epoch: int
    xid: str
    mac: bytes
    key_id: str


class Sealer:
    """Seals the entries of one service's database.

    :param event: the service's event type, from :func:`chassis.audit.checkpoints.sealed_event`.
    :param region: the division that the deployment serves; its checkpoints' events carry it.
    """

    def __init__(
        self,
        database: Database,
        keys: ChainKeys,
        file: CheckpointFile,
        *,
        event: type[AuditSealed],
        region: int,
        clock: Clock,
        batch: int = BATCH,
        checkpoint_seals: int = CHECKPOINT_SEALS,
        checkpoint_interval: timedelta = CHECKPOINT_INTERVAL,
    ) -> None:
        self._database = database
        self._keys = keys
        self._file = file
        self._event = event
        self._region = region
        self._clock = clock
        self._batch = batch
        self._checkpoint_seals = checkpoint_seals
        self._checkpoint_interval = checkpoint_interval
        self._owes_lines = True

    async def turn(self, *, publish: bool = False) -> Sealed:
        """Seal one batch and publish a checkpoint when one is due. Does nothing while another sealer is at work.

        :param publish: make a checkpoint now, due or not: at an orderly shutdown and for a backup.
        :raises RestoredDatabase: after a restore that nobody recorded.
        :raises OSError: if the file cannot be written; what is sealed stays, and the next turn writes it.
        """
        async with self._database.transaction(Area.everywhere()) as connection:
            if not (await connection.execute(_TAKE, {"lock": _LOCK})).scalar_one():
                return Sealed()
            epoch = await current_epoch(connection)
            end = await self._last(connection)
            rows = (
                await connection.execute(
                    _NEXT,
                    {
                        "epoch": end.epoch,
                        "xid": end.xid,
                        "id": end.entry_id,
                        "current": epoch,
                        "batch": self._batch,
                    },
                )
            ).all()
            if rows:
                end = await self._seal(connection, end, rows)
            published = await self._is_due(connection, end, always=publish)
            if published:
                await self._publish(connection, end, epoch)
        # After the commit: a line about seals that were rolled back would be a false alarm for ever.
        await self._write_owed()
        return Sealed(len(rows), is_behind=len(rows) == self._batch, published=published)

    async def _last(self, connection: AsyncConnection) -> _End:
        row = (await connection.execute(_LAST)).one_or_none()
        if row is None:
            return _End(0, 0, -1, "0", GENESIS, "")
        return _End(row.sequence, row.entry_id, row.epoch, row.xid, bytes(row.mac), row.key_id)

    async def _seal(self, connection: AsyncConnection, end: _End, rows: Sequence[Row[Any]]) -> _End:
        key = self._keys.current
        previous, sequence = end.mac, end.sequence
        macs: list[bytes] = []
        for row in rows:
            sequence += 1
            entry = canonical(row._asdict())
            previous = seal_mac(key, previous=previous, sequence=sequence, form=FORM, entry=entry)
            macs.append(previous)
        await connection.execute(
            _SEAL,
            {
                "form": FORM,
                "key_id": key.key_id,
                "sequences": list(range(end.sequence + 1, sequence + 1)),
                "entries": [row.id for row in rows],
                "epochs": [row.epoch for row in rows],
                "xids": [str(row.xid) for row in rows],
                "macs": macs,
            },
        )
        last = rows[-1]
        return _End(sequence, last.id, last.epoch, str(last.xid), previous, key.key_id)

    async def _is_due(self, connection: AsyncConnection, end: _End, *, always: bool) -> bool:
        before = (await connection.execute(_LAST_CHECKPOINT)).one_or_none()
        if before is None:
            return end.sequence > 0
        news = end.sequence - before.sequence
        waited: timedelta = self._clock.system_now() - before.time
        return news > 0 and (always or news >= self._checkpoint_seals or waited >= self._checkpoint_interval)

    async def _publish(self, connection: AsyncConnection, end: _End, epoch: int) -> None:
        event = self._event(
            database=self._event.service(),
            last_entry=end.entry_id,
            count=end.sequence,
            mac=end.mac.hex(),
            key_id=end.key_id,
            epoch=epoch,
        )
        # Straight into the outbox: an audit entry for each checkpoint would itself call for the next checkpoint.
        await connection.execute(
            _CHECKPOINT,
            {
                "sequence": end.sequence,
                "entry_id": end.entry_id,
                "epoch": epoch,
                "mac": end.mac,
                "key_id": end.key_id,
                "time": self._clock.system_now(),
                "event_id": new_id(),
                "type": event.wire_type(),
                "subject": chain_subject(event.service()),
                "region": self._region,
                "data": event.model_dump_json(),
            },
        )
        self._owes_lines = True

    async def _write_owed(self) -> None:
        """Bring the file up to the database, also after a crash between the commit and the line."""
        if not self._owes_lines:
            return
        epoch, count = (await asyncio.to_thread(self._file.read)).last
        async with self._database.transaction(Area.everywhere()) as connection:
            rows = (await connection.execute(_OWED, {"epoch": epoch, "count": count})).all()
        lines = [
            Checkpoint(row.epoch, row.entry_id, row.sequence, bytes(row.mac), row.key_id, row.time.isoformat())
            for row in rows
        ]
        await asyncio.to_thread(self._file.append, lines)
        self._owes_lines = False
