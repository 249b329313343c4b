"""Start from a file that was uploaded in parts, as if it came in the request's body."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound
from chassis.files.files import Files, Received, StoredFile, too_large
from chassis.files.media import Media
from chassis.files.tables import stored_file
from chassis.files.uploads import gather

_OTHER_PURPOSE: Final = Message(
    "这个文件是为其他用途上传的，请按此用途重新上传。",
    "This file was uploaded for another purpose; upload it for this one.",
)
_OTHER_REGION: Final = Message(
    "这个文件属于其他区划，请在上传时注明所属区划。",
    "This file is another division's; name the division when you begin the upload.",
)


class UploadedFileMissing(NotFound):
    code, status = "uploaded_file_missing", 404
    title = Message(
        "没有可用的文件：可能已过保存期，或不是您本人上传的。请重新上传。",
        "There is no such file: it may be past the days for which it was kept, or not yours. Upload it again.",
    )


async def read_uploaded(
    unit: UnitOfWork, files: Files, file_id: UUID, *, limit_bytes: int, accepted: frozenset[Media]
) -> Received:
    """The file's content, read through for its digest and kind once the unit is closed.

    :raises UploadedFileMissing: if the actor uploaded no such file, or its days are over.
    :raises TooLarge: beyond ``limit_bytes``. :raises UnsupportedMedia: if it is of no accepted kind.
    """
    async with unit:
        file = await _own(unit, files, file_id)
    if file.size > limit_bytes:
        raise too_large(limit_bytes)
    return await gather(files.store, file.segments, accepted, file.name)


async def use_uploaded(
    unit: UnitOfWork, files: Files, file_id: UUID, *, purpose: str, region: int, keep_days: int
) -> StoredFile:
    """The file, kept at least as long from today as one that comes in now.

    :raises UploadedFileMissing: as :func:`read_uploaded`.
    :raises InvalidInput: if it was uploaded for another purpose or another division.
    """
    file = await _own(unit, files, file_id, lock=True)
    faults = []
    if file.purpose != purpose:
        faults.append(Fault("?file_id", "other_purpose", _OTHER_PURPOSE))
    if file.region != region:
        faults.append(Fault("?file_id", "other_region", _OTHER_REGION))
    if faults:
        raise InvalidInput(faults=faults)
    until = unit.clock.today() + timedelta(days=keep_days)
    await unit.connection.execute(
        update(stored_file)
        .where(stored_file.c.id == file_id)
        .values(keep_until=func.greatest(stored_file.c.keep_until, until))
    )
    return file


async def _own(unit: UnitOfWork, files: Files, file_id: UUID, *, lock: bool = False) -> StoredFile:
    # One whose days are over is as good as gone, though the purge may not have come to it yet.
    statement = select(stored_file.c.id).where(
        stored_file.c.id == file_id,
        stored_file.c.stored_by == unit.actor.subject,
        stored_file.c.keep_until >= unit.clock.today(),
        stored_file.c.region.between(unit.area.lo, unit.area.hi),
    )
    found = await unit.connection.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise UploadedFileMissing
    return await files.find(unit, file_id)
