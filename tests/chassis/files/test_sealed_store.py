"""Pieces come back as they went in, and open nowhere else than where they belong."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.files.sealed_store import PIECE_BYTES, SealedStore, Segment, open_objects
from chassis.identifiers import new_id
from chassis.security.encryption import Encryptor, SealBroken
from chassis.security.keys import KeyRing

RING = KeyRing.generate(os.urandom)


def make_store(where: object = "memory:///") -> SealedStore:
    return SealedStore(open_objects(where), Encryptor(RING))  # type: ignore[arg-type]


async def written(store: SealedStore, *chunks: bytes) -> Segment:
    writer = store.writer()
    for chunk in chunks:
        await writer.write(chunk)
    return await writer.finish()


async def everything(store: SealedStore, *segments: Segment, start: int = 0) -> bytes:
    return b"".join([piece async for piece in store.read(segments, start=start)])


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.sampled_from([1, 100, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3_000_000]), max_size=3),
    part=st.floats(0, 1),
)
async def test_what_was_written_is_read_from_any_place_on(sizes: list[int], part: float):
    store = make_store()
    contents = [os.urandom(size) for size in sizes]
    segments = [await written(store, content[:7], content[7:]) for content in contents]
    whole = b"".join(contents)
    start = int(len(whole) * part)
    assert await everything(store, *segments, start=start) == whole[start:]


async def test_the_seekable_stream_reads_like_a_file():
    store = make_store()
    content = os.urandom(2 * PIECE_BYTES + 5)
    first, second = await written(store, content[:1_500_000]), await written(store, content[1_500_000:])
    ours, file = store.open([first, second]), io.BytesIO(content)
    for offset, whence, length in [(0, 0, 10), (-3, 2, 10), (PIECE_BYTES - 4, 0, 8), (1_499_990, 0, 20), (5, 1, 100)]:
        assert ours.seek(offset, whence) == file.seek(offset, whence)
        assert ours.read(length) == file.read(length)
    assert (ours.seek(0), ours.read()) == (0, content)


async def test_a_content_lies_in_the_folder_encrypted_and_for_its_owner_alone(tmp_path):
    store = make_store(tmp_path / "store")
    await written(store, b"a line that must not be found" * 1000)
    (piece,) = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert b"must not be found" not in piece.read_bytes()
    assert (tmp_path / "store").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("attack", ["swap", "copy", "change", "cut"])
async def test_a_piece_that_was_tampered_with_does_not_open(tmp_path, attack: str):
    store = make_store(tmp_path)
    segment, other = await written(store, os.urandom(2 * PIECE_BYTES)), await written(store, os.urandom(PIECE_BYTES))

    def place(which: Segment, number: int):
        return tmp_path / which.id.hex[-2:] / str(which.id) / f"{number:06d}"

    first, second = place(segment, 0), place(segment, 1)
    sealed, second_sealed = first.read_bytes(), second.read_bytes()
    if attack == "swap":
        first.write_bytes(second_sealed)
        second.write_bytes(sealed)
    elif attack == "copy":
        first.write_bytes(place(other, 0).read_bytes())
    elif attack == "change":
        first.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    else:
        first.write_bytes(sealed[:-1])
    with pytest.raises(SealBroken):
        await everything(store, segment)


async def test_a_missing_piece_is_an_error_and_not_a_shorter_file(tmp_path):
    store = make_store(tmp_path)
    segment = await written(store, os.urandom(2 * PIECE_BYTES))
    (tmp_path / segment.id.hex[-2:] / str(segment.id) / "000001").unlink()
    with pytest.raises(FileNotFoundError):
        await everything(store, segment)


async def test_deleting_twice_is_no_fault_and_leaves_the_others():
    store = make_store()
    kept, gone = await written(store, b"kept"), await written(store, os.urandom(PIECE_BYTES + 1))
    for _ in range(2):
        await store.delete(gone.id, gone.pieces)
    assert [found async for found in store.list()] == [(kept.id, 1)]


async def test_the_listing_counts_the_pieces_of_every_segment():
    store = make_store()
    made = {(await written(store, os.urandom(n * PIECE_BYTES + 1))).id: n + 1 for n in range(3)}
    assert {segment: pieces async for segment, pieces in store.list()} == made


async def test_a_segment_of_nothing_reads_as_nothing():
    store = make_store()
    assert await everything(store, await written(store), Segment(new_id(), 0)) == b""
