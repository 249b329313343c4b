"""Take a file in parts, each stored before it is acknowledged, so that a broken link costs one part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Message, NotFound
from chassis.files.files import Files, Received, too_large
from chassis.files.media import Media, media_of
from chassis.files.sealed_store import HEAD_BYTES, SealedStore, Segment
from chassis.files.tables import stored_segment, upload
from chassis.identifiers import new_id
from chassis.security.scope import Area

PARTS_MAX: Final = 2_000
_GONE: Final = Message(
    "没有这次上传：可能已过七天，或不是您本人发起的。请重新上传。",
    "There is no such upload: it may be older than seven days, or not yours. Begin again.",
)


class WrongOffset(Conflict):
    code, status = "wrong_offset", 409
    title = Message("分段位置不对，请从已收到的位置继续。", "That is not where the upload stands; go on from there.")


class UploadComplete(Conflict):
    code, status = "upload_complete", 409
    title = Message("这个文件已上传完毕。", "This upload is complete already.")


class PartTooLong(Conflict):
    code, status = "part_too_long", 409
    title = Message(
        "这一段超出了开始时申报的文件大小，请核对文件后重新上传。",
        "This part reaches beyond the size that was announced; check the file and begin again.",
    )


class UploadIncomplete(Conflict):
    code, status = "upload_incomplete", 409
    title = Message("文件尚未传完，请先补传其余部分。", "Parts of the file are still missing; send them first.")


class TooManyParts(Conflict):
    code, status = "too_many_parts", 409
    title = Message("分段过多，请用更大的分段重新上传。", "There are too many parts; begin again with larger ones.")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as it stands; ``received`` is the offset of the next part."""

    id: UUID
    region: int
    purpose: str
    size: int
    received: int
    version: int
    file_id: UUID | None
    name: str | None = None


async def begin_upload(
    unit: UnitOfWork, *, size: int, limit_bytes: int, purpose: str, name: str | None, region: int | None = None
) -> Upload:
    """Announce a file of ``size`` bytes.

    :param region: whose file it is; by default the division of the actor's post.
    :raises TooLarge: beyond ``limit_bytes``.
    :raises NotFound: if the region lies outside the actor's area.
    """
    if size > limit_bytes:
        raise too_large(limit_bytes)
    identifier = new_id()
    region = unit.actor.assignment.region if region is None else region
    if not unit.area.covers(Area.of(region)):
        raise NotFound
    sealed = name and unit.vault.encryptor.seal(name, table="upload", column="name", row=identifier)
    await unit.connection.execute(
        insert(upload).values(
            id=identifier, region=region, purpose=purpose, size=size, name=sealed, started_by=unit.actor.subject
        )
    )
    return Upload(identifier, region, purpose, size, 0, 1, None, name)


async def find_upload(unit: UnitOfWork, upload_id: UUID, *, lock: bool = False) -> Upload:
    """An upload of the one who began it; nobody else can see or finish it.

    :raises NotFound: if there is none.
    """
    statement = select(upload).where(
        upload.c.id == upload_id,
        upload.c.started_by == unit.actor.subject,
        upload.c.region.between(unit.area.lo, unit.area.hi),
    )
    row = (await unit.connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound(_GONE)
    name = row.name and unit.vault.encryptor.open(bytes(row.name), table="upload", column="name", row=upload_id)
    return Upload(upload_id, row.region, row.purpose, row.size, row.received, row.version, row.file_id, name)


def check_offset(at: Upload, offset: int) -> None:
    """Refuse a part that does not begin where the upload stands.

    :raises WrongOffset: with the right one in the problem.
    :raises UploadComplete: if there is nothing more to send.
    """
    if at.file_id is not None:
        raise UploadComplete
    if offset != at.received:
        raise WrongOffset(headers={"Upload-Offset": str(at.received)}, extra={"received": at.received})


async def add_part(
    unit: UnitOfWork, upload_id: UUID, *, offset: int, segment: Segment, head: bytes, accepted: frozenset[Media]
) -> Upload:
    """Take over a part that lies in the store. The first one must show what the file is.

    :raises WrongOffset: if another part came in between.
    """
    at = await find_upload(unit, upload_id, lock=True)
    check_offset(at, offset)
    if offset == 0:
        media_of(head, accepted)
    count = await unit.connection.scalar(
        select(func.count()).select_from(stored_segment).where(stored_segment.c.upload_id == upload_id)
    )
    if (count or 0) >= PARTS_MAX:
        raise TooManyParts
    await unit.connection.execute(
        insert(stored_segment).values(
            id=segment.id, region=at.region, upload_id=upload_id, position=count, size=segment.size
        )
    )
    received = at.received + segment.size
    await unit.connection.execute(
        update(upload).where(upload.c.id == upload_id).values(received=received, version=upload.c.version + 1)
    )
    return Upload(at.id, at.region, at.purpose, at.size, received, at.version + 1, None, at.name)


async def parts_of(unit: UnitOfWork, upload_id: UUID) -> tuple[Segment, ...]:
    """The parts in order."""
    found = await unit.connection.execute(
        select(stored_segment.c.id, stored_segment.c.size)
        .where(stored_segment.c.upload_id == upload_id)
        .order_by(stored_segment.c.position)
    )
    return tuple(Segment(row.id, row.size) for row in found)


async def gather(store: SealedStore, segments: tuple[Segment, ...], accepted: frozenset[Media], name: Any) -> Received:
    """Read all parts once, outside any transaction, for the content's digest and kind."""
    digest, head = sha256(), b""
    chunks: AsyncIterator[bytes] = store.read(segments)
    async for chunk in chunks:
        digest.update(chunk)
        if len(head) < HEAD_BYTES:
            head += chunk[: HEAD_BYTES - len(head)]
    return Received(segments, digest.digest(), media_of(head, accepted), name)


async def complete_upload(
    unit: UnitOfWork, files: Files, at: Upload, received: Received, *, keep_days: int
) -> tuple[UUID, list[Segment]]:
    """Make the file of a whole upload. Returns its id, and the parts to delete after the commit: all of them, if the
    division has that content already."""
    locked = await find_upload(unit, at.id, lock=True)
    if locked.file_id is not None:
        return locked.file_id, []
    file, fresh = await files.keep(unit, received, purpose=at.purpose, region=at.region, keep_days=keep_days)
    if not fresh:
        await unit.connection.execute(delete(stored_segment).where(stored_segment.c.upload_id == at.id))
    await unit.connection.execute(
        update(upload).where(upload.c.id == at.id).values(file_id=file.id, version=upload.c.version + 1)
    )
    return file.id, [] if fresh else list(received.segments)
