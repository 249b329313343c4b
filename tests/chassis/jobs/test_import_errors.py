"""The errors of an import are a page and a file, for who may read the import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import MetaData

from chassis.errors import Message
from chassis.exports.stream import Exports
from chassis.http.application import create_app
from chassis.jobs.import_routes import import_errors_router
from chassis.program import Program
from chassis.security.scope import Permission, Role
from chassis.service import Service
from chassis.testing.programs import TOWN, officer, sign_in
from tests.chassis.jobs.number_imports import imported, table_of

READ = Permission("import_read", frozenset({Role.COUNTY_OFFICER, Role.TOWN_OFFICER}))


@asynccontextmanager
async def client(program: Program, actor: Any) -> AsyncIterator[httpx.AsyncClient]:
    sign_in(program, actor)
    program.extras[Exports] = Exports(program)
    service = Service("test", Message("测试", "Test"), MetaData(), Path(), [import_errors_router("test", READ)])
    transport = httpx.ASGITransport(create_app(service, program))
    headers = {"Authorization": "Bearer x"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made:
        yield made
    await Exports.of(program).close()


async def test_the_errors_are_a_page_and_a_file_in_the_readers_language(program: Program):
    row = await imported(program, table_of(*((n, 3) for n in range(5))))
    async with client(program, officer()) as http:
        url = f"/v1/test/jobs/{row.id}/errors"
        seen: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = (await http.get(url, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            seen += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                break
        file = await http.get(f"{url}/file", headers={"Accept-Language": "en"})
    assert seen == [{"row": n + 2, "column": "amount", "code": "odd", "message": "只收偶数。"} for n in range(5)]
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "row,column,code,message"
    assert lines[1] == "2,amount,odd,Only even amounts are taken."
    assert len(lines) == 6


async def test_the_errors_of_a_county_are_not_there_for_a_town(program: Program):
    row = await imported(program, table_of((1, 3)))
    async with client(program, officer(Role.TOWN_OFFICER, TOWN)) as http:
        for path in ("errors", "errors/file"):
            assert (await http.get(f"/v1/test/jobs/{row.id}/{path}")).status_code == 404
