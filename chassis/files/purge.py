"""Delete what nobody needs any more: files past their days, contents without a file, and leftovers in the store.

Rows go first and are committed, then the bytes: a kill between the two leaves bytes without a row, which the look
through the store finds a day later, and never a row without bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, select

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Files, segments_of
from chassis.files.sealed_store import Segment
from chassis.files.tables import file_hold, stored_file, stored_object, stored_segment, upload
from chassis.jobs.sweeps import Sweep, SweepRun
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import Area

PURGE: Final = "files.purge"
LEFTOVER_AGE: Final = timedelta(days=1)
UPLOAD_DAYS: Final = 7
_BATCH: Final = 200


async def _purge(this: SweepRun) -> None:
    files = Files.of(this.program)
    for _ in count():
        async with this.unit() as unit:
            freed = await purge_files(unit, this.as_of)
        await _delete(files, freed.segments)
        if freed.files < _BATCH:
            break
    if this.as_of < this.program.clock.today():
        return  # what follows goes by the machine's time, so of days caught up with the last one does it
    async with this.unit() as unit:
        abandoned = await purge_uploads(unit, unit.clock.system_now())
    await _delete(files, abandoned)
    await delete_leftovers(this.program, files)


FILES_SWEEP: Final = Sweep(PURGE, _purge, per_area=False)
"""Every business day: files past their days, abandoned uploads, leftovers."""


class Freed:
    """How many files went, and what may be deleted from the store once that is committed."""

    def __init__(self) -> None:
        self.files = 0
        self.segments: list[Segment] = []


async def purge_files(unit: UnitOfWork, as_of: date) -> Freed:
    """Remove the rows of up to 200 files that were kept until a day before ``as_of`` and that nothing holds."""
    freed = Freed()
    held = exists().where(file_hold.c.file_id == stored_file.c.id)
    due = (
        select(stored_file.c.id)
        .where(stored_file.c.keep_until < as_of, ~held)
        .order_by(stored_file.c.keep_until)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    gone = await unit.connection.execute(
        delete(stored_file)
        .where(stored_file.c.id.in_(due))
        .returning(stored_file.c.id, stored_file.c.region, stored_file.c.object_id)
    )
    objects: set[UUID] = set()
    for row in gone:
        freed.files += 1
        objects.add(row.object_id)
        unit.record("file.purge", Aggregate("file", row.id, row.region, version=0))
    for object_id in sorted(objects):
        # The lock first: whoever keeps the same content at this moment holds it, and its file is then seen below.
        await unit.connection.execute(
            select(stored_object.c.id).where(stored_object.c.id == object_id).with_for_update()
        )
        used = exists().where(stored_file.c.object_id == object_id)
        if not await unit.connection.scalar(select(used)):
            freed.segments += await segments_of(unit.connection, object_id)
            await unit.connection.execute(delete(stored_object).where(stored_object.c.id == object_id))
    return freed


async def purge_uploads(unit: UnitOfWork, now: datetime) -> list[Segment]:
    """Remove uploads begun more than seven days ago, complete or not, with the parts that no file took over."""
    old = select(upload.c.id).where(upload.c.started_at < now - timedelta(days=UPLOAD_DAYS)).limit(_BATCH)
    ids = list((await unit.connection.execute(old.with_for_update(skip_locked=True))).scalars())
    parts = await unit.connection.execute(
        select(stored_segment.c.id, stored_segment.c.size).where(stored_segment.c.upload_id.in_(ids))
    )
    found = [Segment(row.id, row.size) for row in parts]
    await unit.connection.execute(delete(upload).where(upload.c.id.in_(ids)))
    return found


async def delete_leftovers(program: Program, files: Files) -> int:
    """Delete segments that no row knows and that are older than a day: left by requests that failed or were killed.

    The age is read off the id (UUIDv7). Returns how many segments went.
    """
    before = program.clock.system_now() - LEFTOVER_AGE
    deleted = 0
    batch: dict[UUID, int] = {}
    async for segment, pieces in files.store.list():
        if _made_at(segment) < before:
            batch[segment] = pieces
        if len(batch) >= _BATCH:
            deleted += await _delete_unknown(program, files, batch)
            batch = {}
    return deleted + await _delete_unknown(program, files, batch)


async def _delete_unknown(program: Program, files: Files, batch: dict[UUID, int]) -> int:
    async with program.database.transaction(Area.everywhere()) as connection:
        known = set(
            (await connection.execute(select(stored_segment.c.id).where(stored_segment.c.id.in_(batch)))).scalars()
        )
    for segment in batch.keys() - known:
        await files.store.delete(segment, batch[segment])
    return len(batch.keys() - known)


async def _delete(files: Files, segments: Sequence[Segment]) -> None:
    for segment in segments:
        await files.store.delete(segment.id, segment.pieces)


def _made_at(identifier: UUID) -> datetime:
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
