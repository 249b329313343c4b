"""Files are kept once per division, seen in their area only, and go when their days are over and nothing needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from chassis.clock import FixedClock, SystemClock
from chassis.errors import InvalidInput, NotFound, TooLarge, UnsupportedMedia
from chassis.files.files import Files, Received, StoredFile, hold, release
from chassis.files.media import EVIDENCE, TABLES, Media, media_of
from chassis.files.purge import FILES_SWEEP, delete_leftovers
from chassis.files.sealed_store import PIECE_BYTES
from chassis.files.tables import stored_file, stored_object
from chassis.identifiers import new_id
from chassis.jobs.sweeps import SweepRun
from chassis.program import Program
from chassis.security.scope import PLATFORM, Area
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer

OTHER_TOWN = 610999102000
CSV = "姓名,金额\n张三,5\n".encode()


async def in_chunks(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def taken(program: Program, content: bytes = CSV, **options: Any) -> Received:
    options = {"limit_bytes": 10 << 20, "accepted": TABLES, **options}
    return await Files.of(program).receive(in_chunks(content), **options)


async def kept(program: Program, received: Received, region: int = COUNTY, *, keep_days: int = 30) -> StoredFile:
    files = Files.of(program)
    async with program.unit(officer()) as unit:
        file, fresh = await files.keep(unit, received, purpose="import", region=region, keep_days=keep_days)
    if not fresh:
        await files.discard(received)
    return file


async def content_of(program: Program, file_id: UUID) -> bytes:
    async with program.unit(officer()) as unit:
        file = await Files.of(program).find(unit, file_id)
    return b"".join([piece async for piece in Files.of(program).stream(file)])


async def rows(program: Program, table: Any) -> int:
    async with program.database.transaction(Area.everywhere()) as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def sweep(program: Program) -> None:
    run = SweepRun(program, "files.purge", PLATFORM, program.clock.today())
    await FILES_SWEEP.run(run)


async def test_a_file_comes_back_as_it_was_handed_in(make_file_program):
    program = make_file_program()
    content = CSV + b"x,1\n" * 600_000
    file = await kept(program, await taken(program, content, name="张三.csv"))
    assert await content_of(program, file.id) == content
    async with program.unit(officer()) as unit:
        found = await Files.of(program).find(unit, file.id)
    assert (found.media, found.size, found.name) == (Media.CSV, len(content), "张三.csv")
    assert "张三" not in repr(found)


async def test_neither_name_nor_content_stands_in_the_database(make_file_program):
    program = make_file_program()
    received = await taken(program, name="张三.csv")
    await kept(program, received)
    async with program.database.transaction(Area.everywhere()) as connection:
        text_of_rows = ""
        for table in ("stored_file", "stored_object", "stored_segment", "audit_entry"):
            text_of_rows += str((await connection.execute(text(f"SELECT t::text FROM {table} t"))).all())
    assert "张三" not in text_of_rows
    assert "张三".encode().hex() not in text_of_rows
    assert received.sha256.hex() not in text_of_rows, "an open digest would tell who has the same file"


async def test_the_same_content_is_kept_once_in_a_division(make_file_program, stored):
    program = make_file_program()
    first = await kept(program, await taken(program))
    second = await kept(program, await taken(program))
    assert first.id != second.id
    assert (await rows(program, stored_file), await rows(program, stored_object), len(stored())) == (2, 1, 1)
    assert await content_of(program, second.id) == CSV


async def test_another_division_keeps_a_copy_of_its_own_under_another_address(make_file_program, stored):
    program = make_file_program()
    await kept(program, await taken(program), TOWN)
    await kept(program, await taken(program), VILLAGE)
    assert (await rows(program, stored_object), len(stored())) == (2, 2)


async def test_a_file_is_seen_in_its_area_only(make_file_program):
    program = make_file_program()
    file = await kept(program, await taken(program), TOWN)
    async with program.unit(officer(region=TOWN)) as unit:
        assert (await Files.of(program).find(unit, file.id)).id == file.id
    async with program.unit(officer(region=OTHER_TOWN)) as unit:
        with pytest.raises(NotFound):
            await Files.of(program).find(unit, file.id)


async def test_a_file_that_is_too_large_is_refused_while_it_comes_and_leaves_nothing(make_file_program, stored):
    program = make_file_program()
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1 << 20
            yield b"a,b\n" * (1 << 18)

    with pytest.raises(TooLarge):
        await Files.of(program).receive(endless(), limit_bytes=3 * PIECE_BYTES, accepted=TABLES)
    assert sent == 4 * PIECE_BYTES
    assert stored() == []


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", InvalidInput),
        (b"%PDF-1.7\n" + b"x" * 70_000, UnsupportedMedia),
        (b"MZ\x90\x00" + bytes(100), UnsupportedMedia),
    ],
)
async def test_what_is_no_table_is_refused_and_leaves_nothing(make_file_program, stored, content, refusal):
    program = make_file_program()
    with pytest.raises(refusal):
        await taken(program, content)
    assert stored() == []


async def test_a_transfer_that_breaks_leaves_nothing(make_file_program, stored):
    program = make_file_program()

    async def breaking() -> AsyncIterator[bytes]:
        yield b"a,b\n" * 600_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await Files.of(program).receive(breaking(), limit_bytes=10 << 20, accepted=TABLES)
    assert stored() == []


@pytest.mark.parametrize(
    ("head", "media"),
    [
        (CSV, Media.CSV),
        (b'{"a": 1}\n', Media.NDJSON),
        (b"PK\x03\x04rest", Media.XLSX),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", Media.XLS),
        (b"%PDF-1.7", Media.PDF),
        (b"\xff\xd8\xff\xe0" + bytes(20), Media.JPEG),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), Media.PNG),
    ],
)
def test_the_kind_is_told_from_the_bytes(head: bytes, media: Media):
    assert media_of(head, frozenset(Media)) is media


def test_a_refusal_says_what_is_taken():
    with pytest.raises(UnsupportedMedia) as refused:
        media_of(CSV, EVIDENCE)
    assert "jpg, pdf, png" in refused.value.detail.en


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_spreadsheets_unicode_text_is_told_how_to_be_saved(encoding):
    with pytest.raises(UnsupportedMedia) as refused:
        media_of("\ufeff身份证号,姓名\n".encode(encoding), TABLES)
    assert "CSV UTF-8" in refused.value.detail.zh


async def test_a_file_goes_on_the_day_after_its_last_and_its_content_with_the_last_file(make_file_program, stored):
    clock = FixedClock()
    program = make_file_program(clock=clock)
    short = await kept(program, await taken(program), keep_days=1)
    long = await kept(program, await taken(program), keep_days=3)
    clock.move(days=1)
    await sweep(program)
    assert await rows(program, stored_file) == 2, "the last day still counts"
    clock.move(days=1)
    await sweep(program)
    assert await content_of(program, long.id) == CSV, "another file needs the content"
    with pytest.raises(NotFound):
        await content_of(program, short.id)
    clock.move(days=2)
    await sweep(program)
    assert (await rows(program, stored_file), await rows(program, stored_object), stored()) == (0, 0, [])


async def test_a_file_that_something_holds_stays(make_file_program, stored):
    clock = FixedClock()
    program = make_file_program(clock=clock)
    file = await kept(program, await taken(program), keep_days=0)
    batch = new_id()
    async with program.unit(officer()) as unit:
        for _ in range(2):
            await hold(unit, file, holder="batch", holder_id=batch)
    clock.move(days=10)
    await sweep(program)
    assert len(stored()) == 1
    async with program.unit(officer()) as unit:
        await release(unit, file.id, holder="batch", holder_id=batch)
    await sweep(program)
    assert stored() == []


async def test_what_a_killed_request_left_goes_after_a_day_and_nothing_else(make_file_program, stored):
    clock = FixedClock()
    program = make_file_program(clock=clock)
    files = Files.of(program)
    file = await kept(program, await taken(program))
    await taken(program, b"left,over\n1,2\n")
    clock.instant = new_instant(timedelta(hours=12))
    assert await delete_leftovers(program, files) == 0, "a request may still be at work"
    clock.instant = new_instant(timedelta(hours=25))
    assert await delete_leftovers(program, files) == 1
    assert await content_of(program, file.id) == CSV
    assert len(stored()) == 1


def new_instant(later: timedelta) -> Any:
    return SystemClock().system_now() + later
