"""Take in a file while it streams, keep it under its content's digest, give it back without holding a connection."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, NotFound, TooLarge
from chassis.files.media import Media, media_of
from chassis.files.sealed_store import HEAD_BYTES, SealedStore, Segment
from chassis.files.tables import file_hold, stored_file, stored_object, stored_segment
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.records import Aggregate

NAME_LENGTH_MAX: Final = 200
_REGIONS: Final = UUID("6b6b1f4e-7b0e-5c8f-9d55-5d1c7a3e9a10")


@dataclass(frozen=True, slots=True)
class Received:
    """A content that lies in the store and that no row knows yet.

    :param sha256: of the whole content; it goes through a keyed digest before it is stored.
    :param name: as the sender calls it, if known; personal data.
    """

    segments: tuple[Segment, ...]
    sha256: bytes
    media: Media
    name: str | None = None

    @property
    def size(self) -> int:
        return sum(segment.size for segment in self.segments)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is kept; ``name`` is personal data and shows only to who may read the file."""

    id: UUID
    region: int
    purpose: str
    media: Media
    size: int
    segments: tuple[Segment, ...]
    name: str | None = None

    def __repr__(self) -> str:
        return f"StoredFile({self.id}, {self.media}, {self.size} bytes)"


class Files:
    """The files of one program; hang it on ``program.extras``."""

    def __init__(self, store: SealedStore) -> None:
        self.store = store

    @classmethod
    def of(cls, program: Program) -> Files:
        """Those that the program was given when it started: ``program.extras[Files] = Files(…)``."""
        found: Files = program.extras[cls]
        return found

    async def receive(
        self,
        chunks: AsyncIterator[bytes],
        *,
        limit_bytes: int,
        accepted: frozenset[Media],
        name: str | None = None,
    ) -> Received:
        """Encrypt a content into the store while it comes in. No transaction is open, no connection is held.

        What was written is removed again when it is refused, cut off or cancelled.

        :raises TooLarge: as soon as it exceeds ``limit_bytes``.
        :raises UnsupportedMedia: as soon as its first 64 KiB show that it is not of an accepted kind.
        :raises InvalidInput: if it is empty.
        """
        writer = self.store.writer()
        media: Media | None = None
        try:
            async for chunk in chunks:
                await writer.write(chunk)
                if writer.size > limit_bytes:
                    raise too_large(limit_bytes)
                if media is None and writer.size >= HEAD_BYTES:
                    media = media_of(writer.head, accepted)
            media = media or media_of(writer.head, accepted)
            segment = await writer.finish()
        except BaseException:
            await asyncio.shield(writer.discard())
            raise
        return Received((segment,), writer.sha256, media, name)

    async def keep(
        self, unit: UnitOfWork, received: Received, *, purpose: str, region: int, keep_days: int
    ) -> tuple[StoredFile, bool]:
        """Make a file of a received content, in the unit's transaction.

        :param keep_days: how long it is kept when nothing holds it, from today's business date.
        :returns: the file, and whether ``received`` is what is kept: False when the division has that content already,
            and then :meth:`discard` it after the commit.
        """
        place = uuid5(_REGIONS, str(region))
        address = unit.vault.digests.of_value(received.sha256, table="stored_object", column="address", row=place)
        segments, fresh = await self._object(unit.connection, received, region, address)
        file_id = new_id()
        name = received.name and received.name[:NAME_LENGTH_MAX]
        await unit.connection.execute(
            insert(stored_file).values(
                id=file_id,
                region=region,
                object_id=select(stored_object.c.id).where(stored_object.c.address == address).scalar_subquery(),
                purpose=purpose,
                name=name and unit.vault.encryptor.seal(name, table="stored_file", column="name", row=file_id),
                stored_by=unit.actor.subject,
                assignment=unit.actor.assignment.id,
                keep_until=unit.clock.today() + timedelta(days=keep_days),
            )
        )
        unit.record("file.store", Aggregate("file", file_id, region, version=0))
        return StoredFile(file_id, region, purpose, received.media, received.size, segments, name), fresh

    async def _object(
        self, connection: AsyncConnection, received: Received, region: int, address: str
    ) -> tuple[tuple[Segment, ...], bool]:
        object_id = new_id()
        values = {"id": object_id, "region": region, "address": address, "size": received.size, "media": received.media}
        made = await connection.execute(
            # The update changes nothing and locks the row: a purge that runs beside this cannot take it away.
            upsert(stored_object)
            .values(values)
            .on_conflict_do_update(index_elements=["address"], set_={"address": address})
            .returning(stored_object.c.id)
        )
        kept = made.scalar_one()
        if kept != object_id:
            return await segments_of(connection, kept), False
        for position, segment in enumerate(received.segments):
            # Parts of an upload lie there already and change their owner.
            owner = {"object_id": object_id, "upload_id": None, "position": position}
            row = {"id": segment.id, "region": region, "size": segment.size, **owner}
            await connection.execute(
                upsert(stored_segment).values(row).on_conflict_do_update(index_elements=["id"], set_=owner)
            )
        return received.segments, True

    async def discard(self, received: Received) -> None:
        """Remove a received content that was not kept."""
        for segment in received.segments:
            await self.store.delete(segment.id, segment.pieces)

    async def find(self, unit: UnitOfWork, file_id: UUID) -> StoredFile:
        """A file of the unit's area.

        :raises NotFound: if there is none.
        """
        found = await unit.connection.execute(
            select(stored_file, stored_object.c.media, stored_object.c.size)
            .join(stored_object)
            .where(stored_file.c.id == file_id, stored_file.c.region.between(unit.area.lo, unit.area.hi))
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound
        name = row.name and unit.vault.encryptor.open(bytes(row.name), table="stored_file", column="name", row=file_id)
        segments = await segments_of(unit.connection, row.object_id)
        return StoredFile(file_id, row.region, row.purpose, Media(row.media), row.size, segments, name)

    def stream(self, file: StoredFile) -> AsyncIterator[bytes]:
        """The content, piece by piece; needs no transaction."""
        return self.store.read(file.segments)

    def open(self, file: StoredFile) -> io.BufferedReader:
        """The content as a seekable stream that blocks: for a thread."""
        return self.store.open(file.segments)


async def hold(unit: UnitOfWork, file: StoredFile, *, holder: str, holder_id: UUID) -> None:
    """Keep a file as long as something needs it, whatever its days; twice is as good as once."""
    values = {"file_id": file.id, "holder": holder, "holder_id": holder_id, "region": file.region}
    await unit.connection.execute(upsert(file_hold).values(values).on_conflict_do_nothing())


async def release(unit: UnitOfWork, file_id: UUID, *, holder: str, holder_id: UUID) -> None:
    """The holder needs the file no longer; its days decide again."""
    await unit.connection.execute(
        delete(file_hold).where(
            file_hold.c.file_id == file_id, file_hold.c.holder == holder, file_hold.c.holder_id == holder_id
        )
    )


async def segments_of(connection: AsyncConnection, object_id: Any) -> tuple[Segment, ...]:
    found: Sequence[Any] = (
        await connection.execute(
            select(stored_segment.c.id, stored_segment.c.size)
            .where(stored_segment.c.object_id == object_id)
            .order_by(stored_segment.c.position)
        )
    ).all()
    return tuple(Segment(row.id, row.size) for row in found)


def too_large(limit_bytes: int) -> TooLarge:
    size = f"{limit_bytes >> 20} MB" if limit_bytes >= 1 << 20 else f"{limit_bytes >> 10} KB"
    return TooLarge(
        Message(f"文件超过 {size}，请拆分后上传。", f"The file exceeds {size}; split it and send the parts.")
    )
