"""A file comes in while no connection of the pool waits for it; what is refused or repeated leaves nothing behind."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import Request, Response
from sqlalchemy import MetaData, func, select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Message
from chassis.files.files import Files, Received
from chassis.files.media import TABLES
from chassis.files.sealed_store import SealedStore, open_objects
from chassis.files.tables import stored_file
from chassis.http.acting import writes
from chassis.http.application import create_app
from chassis.http.routers import service_router
from chassis.http.uploads import body_bytes, receive_file, receives
from chassis.program import Program
from chassis.security.scope import Area, Permission, Role
from chassis.service import Service
from chassis.testing.programs import officer, sign_in

SEND = Permission("file_send", frozenset({Role.COUNTY_OFFICER}))
LIMIT = 3 << 20
CSV = "姓名,金额\n张三,5\n".encode()
_spec = importlib.util.spec_from_file_location("jobs_conftest", Path(__file__).parent.parent / "jobs" / "conftest.py")
_jobs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_jobs)

router = service_router("uploads")
received_upload = receives(SEND, limit_bytes=LIMIT, accepted=TABLES)
hurried_upload = receives(SEND, limit_bytes=LIMIT, accepted=TABLES, idle_seconds=0.3)


class Unlucky(Conflict):
    code, status = "unlucky_for_a_test", 409
    title = Message("不巧。", "Unlucky.")


@router.post("/imports", operation_id="test_imports_create", max_body_size=body_bytes(LIMIT))
async def send(
    request: Request,
    received: Annotated[Received, received_upload],
    unit: Annotated[UnitOfWork, writes(SEND)],
    fail: bool = False,
) -> Response:
    file = await receive_file(request, unit, received, purpose="import", keep_days=30)
    if fail:
        raise Unlucky
    return Response(f'{{"id": "{file.id}", "name": {"true" if file.name else "false"}}}', 202)


@router.post("/hurried-imports", operation_id="test_hurried_imports_create", max_body_size=body_bytes(LIMIT))
async def send_in_a_hurry(
    received: Annotated[Received, hurried_upload], unit: Annotated[UnitOfWork, writes(SEND)]
) -> Response:
    return Response(status_code=202)


@pytest.fixture
def program(make_program: Callable[..., Program], make_database: Callable[..., Any], tmp_path: Path) -> Program:
    database = make_database()
    _jobs.complete(database.migrate_url)
    made = make_program("uploads", database=database)
    made.extras[Files] = Files(SealedStore(open_objects(tmp_path / "store"), made.vault.encryptor))
    return made


@asynccontextmanager
async def client(program: Program, role: Role = Role.COUNTY_OFFICER) -> AsyncIterator[httpx.AsyncClient]:
    actor = officer(role)

    sign_in(program, actor)
    service = Service("test", Message("测试", "Test"), MetaData(), Path(), [router])
    transport = httpx.ASGITransport(create_app(service, program))
    headers = {"Authorization": "Bearer x"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made:
        yield made


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "store").rglob("*") if path.is_file()]


async def files_known(program: Program) -> int:
    async with program.database.transaction(Area.everywhere()) as connection:
        return int(await connection.scalar(select(func.count()).select_from(stored_file)) or 0)


async def content_of(program: Program, answer: httpx.Response) -> bytes:
    async with program.unit(officer()) as unit:
        file = await Files.of(program).find(unit, UUID(answer.json()["id"]))
    return b"".join([piece async for piece in Files.of(program).stream(file)])


@pytest.mark.parametrize("form", ["raw", "multipart"])
async def test_a_file_larger_than_an_ordinary_body_is_kept(program: Program, form: str):
    content = CSV + b"x,1\n" * 600_000
    assert len(content) > program.settings.body_bytes_max
    async with client(program) as http:
        if form == "raw":
            answer = await http.post("/v1/test/imports", content=content)
        else:
            answer = await http.post("/v1/test/imports", files={"file": ("张三.csv", content, "text/plain")})
    assert answer.status_code == 202, answer.text
    assert answer.json()["name"] is (form == "multipart")
    assert await content_of(program, answer) == content


async def test_a_slow_client_holds_no_connection_while_it_sends(program: Program):
    seen: list[int] = []
    pool: Any = program.database.engine.pool

    async def slowly() -> AsyncIterator[bytes]:
        yield CSV
        for _ in range(5):
            await asyncio.sleep(0.05)
            seen.append(pool.checkedout())
            yield b"x,1\n"

    async with client(program) as http:
        answer = await http.post("/v1/test/imports", content=slowly())
    assert answer.status_code == 202
    assert seen == [0] * 5
    assert await content_of(program, answer) == CSV + b"x,1\n" * 5


async def test_more_slow_clients_than_connections_are_all_served(program: Program):
    start = asyncio.Event()

    async def slowly(number: int) -> AsyncIterator[bytes]:
        yield CSV
        await asyncio.wait_for(start.wait(), 5)
        yield f"x,{number}\n".encode()

    async with client(program) as http:
        number = program.settings.database_pool_size * 2
        sending = [asyncio.create_task(http.post("/v1/test/imports", content=slowly(n))) for n in range(number)]
        await asyncio.sleep(0.1)
        start.set()
        answers = await asyncio.gather(*sending)
    assert {answer.status_code for answer in answers} == {202}
    assert await files_known(program) == number


async def test_who_may_not_send_is_refused_before_a_byte_is_read(program: Program, tmp_path: Path):
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield CSV

    async with client(program, Role.AUDITOR) as http:
        assert (await http.post("/v1/test/imports", content=body())).status_code == 403
    assert (read, stored(tmp_path)) == ([], [])


async def test_a_client_that_stalls_is_told_so_and_leaves_nothing(program: Program, tmp_path: Path):
    async def stalling() -> AsyncIterator[bytes]:
        yield CSV
        await asyncio.sleep(5)
        yield b"never"

    async with client(program) as http:
        answer = await http.post("/v1/test/hurried-imports", content=stalling())
    assert (answer.status_code, answer.json()["code"]) == (408, "upload_stalled")
    assert stored(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"x,1\n" * (1 << 20), 413), (b"%PDF-1.7 and more", 415), (b"", 422)],
)
async def test_what_is_refused_leaves_nothing(program: Program, tmp_path: Path, content: bytes, status: int):
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 1 << 18):
            yield content[start : start + (1 << 18)]

    async with client(program) as http:
        assert (await http.post("/v1/test/imports", content=chunks())).status_code == status
    assert stored(tmp_path) == []
    assert await files_known(program) == 0


async def test_a_request_that_fails_later_keeps_no_row(program: Program, tmp_path: Path):
    async with client(program) as http:
        assert (await http.post("/v1/test/imports", params={"fail": "true"}, content=CSV)).status_code == 409
    assert await files_known(program) == 0


async def test_one_key_and_the_same_file_replay_the_answer_another_file_is_refused(program: Program, tmp_path: Path):
    headers = {"Idempotency-Key": "one-key-for-one-file"}
    async with client(program) as http:
        first = await http.post("/v1/test/imports", content=CSV, headers=headers)
        # The frame of a form differs every time; what counts is the file.
        again = await http.post("/v1/test/imports", files={"file": ("a.csv", CSV)}, headers=headers)
        other = await http.post("/v1/test/imports", content=CSV + b"x,2\n", headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert (await files_known(program), len(stored(tmp_path))) == (1, 1)


async def test_the_same_file_sent_twice_lies_in_the_store_once(program: Program, tmp_path: Path):
    async with client(program) as http:
        first = await http.post("/v1/test/imports", content=CSV)
        second = await http.post("/v1/test/imports", content=CSV)
    assert first.json()["id"] != second.json()["id"]
    assert (await files_known(program), len(stored(tmp_path))) == (2, 1)


BOUNDARY = "a-boundary"


def form(*parts: tuple[str, bytes], end: bool = True) -> bytes:
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode() if end else body


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (form(("file", CSV), ("file", CSV)), 422, "invalid_input"),
        (form(("other", CSV)), 422, "invalid_input"),
        (form(("file", CSV), end=False), 400, "malformed_request"),
        (b"no form at all", 400, "malformed_request"),
        (form(("f" * 5000, CSV)), 400, "malformed_request"),
    ],
)
async def test_a_form_that_is_not_one_file_is_refused(program: Program, tmp_path: Path, body, status, code):
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    async with client(program) as http:
        answer = await http.post("/v1/test/imports", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert stored(tmp_path) == []


@pytest.mark.parametrize("size", [1, 7, 64])
async def test_a_form_is_read_whatever_pieces_it_comes_in(program: Program, size: int):
    body = form(("file", CSV * 3))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    async with client(program) as http:
        answer = await http.post("/v1/test/imports", content=pieces(), headers=headers)
    assert await content_of(program, answer) == CSV * 3
