"""A file comes in parts over a link that breaks, and goes out without holding a connection."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import MetaData

from chassis.errors import Message
from chassis.files.files import Files
from chassis.files.media import EVIDENCE, TABLES
from chassis.files.routes import files_router, uploads_router
from chassis.files.sealed_store import PIECE_BYTES
from chassis.files.uses import UploadUse
from chassis.http.application import create_app
from chassis.program import Program
from chassis.security.scope import Actor, Permission, Role
from chassis.service import Service
from chassis.testing.programs import COUNTY, TOWN, officer, sign_in

SEND = Permission("file_send", frozenset({Role.COUNTY_OFFICER}))
READ = Permission("file_read", frozenset({Role.COUNTY_OFFICER, Role.TOWN_OFFICER}))
CONTENT = b"a,b\n" + b"".join(b"%d,%s\n" % (n, os.urandom(8).hex().encode()) for n in range(100_000))


async def thirty(_unit: Any, _region: int) -> int:
    return 30


USES = [
    UploadUse(purpose="import", permission=SEND, limit_bytes=4 << 20, accepted=TABLES, keep_days=thirty),
    UploadUse(purpose="evidence", permission=READ, limit_bytes=1 << 20, accepted=EVIDENCE, keep_days=thirty),
]


def application(program: Program, actor: Actor) -> Any:
    sign_in(program, actor)
    uploads = uploads_router("test", USES)
    service = Service("test", Message("测试", "Test"), MetaData(), Path(), [uploads, files_router("test", READ)])
    return create_app(service, program)


@asynccontextmanager
async def client(program: Program, actor: Actor | None = None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(program, actor or officer()))
    headers = {"Authorization": "Bearer x"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made:
        yield made


async def begun(http: httpx.AsyncClient, size: int = len(CONTENT), **body: Any) -> str:
    answer = await http.post("/v1/test/uploads", json={"size": size, "purpose": "import", **body})
    assert answer.status_code == 201, answer.text
    return f"/v1/test/uploads/{answer.json()['id']}"


async def test_a_file_sent_in_parts_is_the_file(make_file_program):
    program = make_file_program()
    async with client(program) as http:
        url = await begun(http, name="名单.csv")
        for start in range(0, len(CONTENT), 700_000):
            answer = await http.put(url, params={"offset": start}, content=CONTENT[start : start + 700_000])
            assert answer.status_code == 200, answer.text
        done = await http.post(f"{url}/complete")
        assert (await http.post(f"{url}/complete")).json() == done.json(), "twice gives the same file"
        assert (await http.get(url)).json()["complete"] is True
        back = await http.get(f"/v1/test/files/{done.json()['id']}")
    assert back.content == CONTENT
    assert back.headers["content-type"].startswith("text/csv")
    assert "filename*=UTF-8''%E5%90%8D" in back.headers["content-disposition"]


async def test_the_same_content_in_parts_and_at_once_is_kept_once(make_file_program, stored):
    program = make_file_program()
    async with client(program) as http:
        for part in (len(CONTENT), 1_000_000):
            url = await begun(http)
            for start in range(0, len(CONTENT), part):
                await http.put(url, params={"offset": start}, content=CONTENT[start : start + part])
            file_id = (await http.post(f"{url}/complete")).json()["id"]
        back = await http.get(f"/v1/test/files/{file_id}")
    assert back.content == CONTENT
    assert len(stored()) == -(-len(CONTENT) // PIECE_BYTES), "the second upload's parts are gone"


async def test_a_part_at_the_wrong_place_is_refused_with_the_right_one(make_file_program, stored):
    program = make_file_program()
    async with client(program) as http:
        url = await begun(http)
        await http.put(url, params={"offset": 0}, content=CONTENT[:1000])
        before = stored()
        for offset in (0, 999, 1001):
            answer = await http.put(url, params={"offset": offset}, content=CONTENT[:10])
            assert (answer.status_code, answer.json()["code"], answer.json()["received"]) == (409, "wrong_offset", 1000)
            assert answer.headers["upload-offset"] == "1000"
        assert stored() == before
        assert (await http.get(url)).json()["received"] == 1000


async def test_an_upload_is_completed_only_when_all_of_it_is_there(make_file_program):
    program = make_file_program()
    async with client(program) as http:
        url = await begun(http)
        await http.put(url, params={"offset": 0}, content=CONTENT[:1000])
        answer = await http.post(f"{url}/complete")
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")
        over = await http.put(url, params={"offset": 1000}, content=CONTENT)
        assert (over.status_code, over.json()["code"], over.json()["received"]) == (409, "part_too_long", 1000)
        assert (await http.get(url)).json()["received"] == 1000


async def test_a_first_part_that_is_no_table_is_refused(make_file_program, stored):
    program = make_file_program()
    async with client(program) as http:
        url = await begun(http, 5000)
        assert (await http.put(url, params={"offset": 0}, content=b"%PDF-1.7" + bytes(100))).status_code == 415
        assert (await http.get(url)).json()["received"] == 0
    assert stored() == []


@pytest.mark.parametrize(("size", "status"), [(0, 422), (5 << 20, 413)])
async def test_a_size_that_cannot_be_taken_is_refused_at_the_start(make_file_program, size: int, status: int):
    async with client(make_file_program()) as http:
        assert (await http.post("/v1/test/uploads", json={"size": size, "purpose": "import"})).status_code == status


async def test_a_part_beyond_its_limit_is_refused(make_file_program):
    program = make_file_program()
    async with client(program) as http:
        url = await begun(http, 4 << 20)
        assert (await http.put(url, params={"offset": 0}, content=b"a,b\n" * (5 << 20))).status_code == 413


async def test_each_purpose_has_its_own_right_size_and_kinds(make_file_program):
    program = make_file_program()
    town = officer(Role.TOWN_OFFICER, TOWN)
    async with client(program, town) as http:
        refused = await http.post("/v1/test/uploads", json={"size": 9, "purpose": "import"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
        over = await http.post("/v1/test/uploads", json={"size": 2 << 20, "purpose": "evidence"})
        assert over.status_code == 413
        url = await begun(http, 9, purpose="evidence")
        assert (await http.put(url, params={"offset": 0}, content=b"a,b\n1,2\n")).status_code == 415
        assert (await http.post("/v1/test/uploads", json={"size": 9})).status_code == 422
        outside = {"size": 9, "purpose": "evidence", "region": str(COUNTY)}
        assert (await http.post("/v1/test/uploads", json=outside)).status_code == 404, "only inside one's own area"


async def test_another_persons_upload_is_not_there(make_file_program):
    program = make_file_program()
    async with client(program) as http:
        url = await begun(http)
    async with client(program, officer()) as other:
        assert (await other.get(url)).status_code == 404
        assert (await other.put(url, params={"offset": 0}, content=b"a")).status_code == 404
        assert (await other.post(f"{url}/complete")).status_code == 404


async def test_what_arrived_before_a_link_broke_is_kept(make_file_program):
    program = make_file_program()
    actor = officer()
    async with client(program, actor) as http:
        url = await begun(http)
        sent = iter(
            [
                {"type": "http.request", "body": CONTENT[:100_000], "more_body": True},
                {"type": "http.request", "body": CONTENT[100_000:200_000], "more_body": True},
                {"type": "http.disconnect"},
            ]
        )

        async def receive() -> Any:
            return next(sent)

        async def send(_message: Any) -> None:
            return None

        scope = {
            "type": "http",
            "method": "PUT",
            "path": url,
            "raw_path": url.encode(),
            "query_string": b"offset=0",
            "headers": [(b"authorization", b"Bearer x"), (b"host", b"test")],
            "http_version": "1.1",
            "scheme": "http",
        }
        await application(program, actor)(scope, receive, send)
        assert (await http.get(url)).json()["received"] == 200_000
        rest = await http.put(url, params={"offset": 200_000}, content=CONTENT[200_000:])
        assert rest.status_code == 200
        file_id = (await http.post(f"{url}/complete")).json()["id"]
        assert (await http.get(f"/v1/test/files/{file_id}")).content == CONTENT


async def test_no_connection_is_held_while_a_file_goes_out(make_file_program):
    program = make_file_program()
    actor = officer()
    pool: Any = program.database.engine.pool
    async with client(program, actor) as http:
        url = await begun(http)
        await http.put(url, params={"offset": 0}, content=CONTENT)
        file_id = (await http.post(f"{url}/complete")).json()["id"]
    seen: list[int] = []
    stream = Files.stream

    async def watched(self: Files, file: Any) -> AsyncIterator[bytes]:
        async for piece in stream(self, file):
            seen.append(pool.checkedout())
            yield piece

    Files.stream = watched
    try:
        async with client(program, actor) as http:
            assert (await http.get(f"/v1/test/files/{file_id}")).content == CONTENT
    finally:
        Files.stream = stream
    assert seen == [0] * -(-len(CONTENT) // PIECE_BYTES)


async def test_a_file_of_the_county_is_not_there_for_a_town(make_file_program):
    program = make_file_program()
    async with client(program) as http:
        url = await begun(http)
        await http.put(url, params={"offset": 0}, content=CONTENT)
        file_id = UUID((await http.post(f"{url}/complete")).json()["id"])
    async with client(program, officer(Role.TOWN_OFFICER, TOWN)) as http:
        assert (await http.get(f"/v1/test/files/{file_id}")).status_code == 404
    async with client(program, officer(Role.COUNTY_OFFICER, COUNTY)) as http:
        assert (await http.get(f"/v1/test/files/{file_id}")).status_code == 200
