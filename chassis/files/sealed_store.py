"""Hold bytes in a folder or a bucket in encrypted pieces, each bound to its segment and its place there.

A segment is a run of bytes cut into pieces of one MiB, each sealed with the data key and stored under
``<2 digits>/<segment>/<number>``. A piece that is swapped, copied elsewhere or changed does not open; how many there
must be says the database. Writing one is a plain put, so nothing half-done is ever seen and no multipart upload is left
behind in a bucket.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID, uuid5

import obstore
from obstore.store import LocalStore, from_url

from chassis.identifiers import new_id

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from obstore.store import ObjectStore

PIECE_BYTES: Final = 1 << 20
HEAD_BYTES: Final = 1 << 16
_PLACE: Final = {"table": "stored_segment", "column": "piece"}


class Seals(Protocol):
    """What of the vault's encryptor is needed."""

    def seal(self, plain: str | bytes, *, table: str, column: str, row: UUID) -> bytes: ...

    def open_bytes(self, sealed: bytes, *, table: str, column: str, row: UUID) -> bytes: ...

    def needs_rotation(self, sealed: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Segment:
    """One stored run of bytes."""

    id: UUID
    size: int

    @property
    def pieces(self) -> int:
        return -(-self.size // PIECE_BYTES)


def open_objects(where: str | Path) -> ObjectStore:
    """The store at a folder (made if it is missing, for its owner alone) or at a URL such as ``s3://bucket/prefix``."""
    if isinstance(where, str) and "://" in where:
        return from_url(where)
    folder = Path(where)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(folder, automatic_cleanup=True)


class SealedStore:
    """Writes, reads and deletes segments. Safe to share between tasks and threads."""

    def __init__(self, objects: ObjectStore, seals: Seals) -> None:
        self._objects = objects
        self._seals = seals

    def writer(self) -> SegmentWriter:
        """Begin a segment under a fresh id."""
        return SegmentWriter(self)

    async def read(self, segments: Sequence[Segment], *, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes of some segments, one after the other, piece by piece, from ``start`` on.

        :raises SealBroken: if a piece was changed; what came before it was right.
        :raises FileNotFoundError: if a piece is missing.
        """
        for segment in segments:
            if start >= segment.size:
                start -= segment.size
                continue
            for number in range(start // PIECE_BYTES, segment.pieces):
                result = await obstore.get_async(self._objects, _path(segment.id, number))
                piece = self.opened(segment.id, number, bytes(await result.bytes_async()))
                yield piece[start - number * PIECE_BYTES :] if start > number * PIECE_BYTES else piece
            start = 0

    def open(self, segments: Sequence[Segment]) -> io.BufferedReader:
        """The same as a seekable stream that blocks, for a thread; it holds one piece in the clear, in memory only."""
        return io.BufferedReader(_Seekable(self, segments), HEAD_BYTES)

    async def delete(self, segment: UUID, pieces: int) -> None:
        """Remove a segment; pieces that are gone already are no fault."""
        for number in range(pieces):
            try:
                await obstore.delete_async(self._objects, _path(segment, number))
            except FileNotFoundError:
                continue

    async def list(self) -> AsyncIterator[tuple[UUID, int]]:
        """Every segment that the store holds, with its number of pieces, whether or not the database knows it."""
        counts: dict[UUID, int] = {}
        for group in range(256):
            async for batch in obstore.list(self._objects, prefix=f"{group:02x}"):
                for meta in batch:
                    _, segment, number = meta["path"].split("/")
                    identifier = UUID(segment)
                    counts[identifier] = max(counts.get(identifier, 0), int(number) + 1)
            for found in counts.items():
                yield found
            counts.clear()

    async def put(self, segment: UUID, number: int, plain: bytes) -> None:
        sealed = self._seals.seal(plain, **_PLACE, row=_row(segment, number))
        await obstore.put_async(self._objects, _path(segment, number), sealed, use_multipart=False)

    async def head(self, segment: UUID, number: int) -> bytes | None:
        """The first bytes of a piece as it lies in the store, which name its key; None if there is no such piece."""
        try:
            found = await obstore.get_range_async(self._objects, _path(segment, number), start=0, length=2)
        except FileNotFoundError:
            return None
        return bytes(found)

    async def reseal(self, segment: UUID, number: int) -> bool:
        """Seal a piece anew with the current key, if another one sealed it; whether that was so.

        The store puts a whole object in another's place at once, so who reads meanwhile gets the one or the other.
        """
        head = await self.head(segment, number)
        if head is None or not self._seals.needs_rotation(head):
            return False
        try:
            result = await obstore.get_async(self._objects, _path(segment, number))
        except FileNotFoundError:
            return False
        await self.put(segment, number, self.opened(segment, number, bytes(await result.bytes_async())))
        return True

    def get(self, segment: UUID, number: int) -> bytes:
        return self.opened(segment, number, bytes(obstore.get(self._objects, _path(segment, number)).bytes()))

    def opened(self, segment: UUID, number: int, sealed: bytes) -> bytes:
        return self._seals.open_bytes(sealed, **_PLACE, row=_row(segment, number))


class SegmentWriter:
    """Takes bytes as they come and keeps at most one piece of them in memory.

    ``head`` is the first 64 KiB, ``sha256`` the digest of all, ``size`` their number so far.
    """

    def __init__(self, store: SealedStore) -> None:
        self.id = new_id()
        self.size = 0
        self.head = b""
        self._store = store
        self._hash = hashlib.sha256()
        self._pending = bytearray()
        self._written = 0

    @property
    def sha256(self) -> bytes:
        return self._hash.digest()

    async def write(self, chunk: bytes) -> None:
        if len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        self._hash.update(chunk)
        self.size += len(chunk)
        self._pending += chunk
        while len(self._pending) >= PIECE_BYTES:
            await self._put(bytes(self._pending[:PIECE_BYTES]))
            del self._pending[:PIECE_BYTES]

    async def finish(self) -> Segment:
        """Write what is left. A segment of no bytes has no pieces."""
        if self._pending:
            await self._put(bytes(self._pending))
            self._pending.clear()
        return Segment(self.id, self.size)

    async def discard(self) -> None:
        """Remove what was written."""
        self._pending.clear()
        await self._store.delete(self.id, self._written)

    async def _put(self, plain: bytes) -> None:
        self._written += 1
        await self._store.put(self.id, self._written - 1, plain)


class _Seekable(io.RawIOBase):
    def __init__(self, store: SealedStore, segments: Sequence[Segment]) -> None:
        self._store = store
        self._segments = list(segments)
        self._size = sum(segment.size for segment in segments)
        self._at = 0
        self._held: tuple[UUID, int] | None = None
        self._piece = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the start of the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        chunk = self._chunk(len(view))
        view[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)

    def _chunk(self, length: int) -> bytes:
        start = self._at
        for segment in self._segments:
            if start >= segment.size:
                start -= segment.size
                continue
            number, within = divmod(start, PIECE_BYTES)
            if self._held != (segment.id, number):
                self._piece, self._held = self._store.get(segment.id, number), (segment.id, number)
            return self._piece[within : within + length]
        return b""


def _path(segment: UUID, number: int) -> str:
    # A UUIDv7 begins with the time: its last digits spread the folders evenly.
    return f"{segment.hex[-2:]}/{segment}/{number:06d}"


def _row(segment: UUID, number: int) -> UUID:
    return uuid5(segment, str(number))
