"""A document's tag says its version, for a change, and its very content, for who has it already."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from chassis.http import problems
from chassis.http.document import document
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from chassis.http.switchboard import Switchboard, add_flat
from chassis.types import Model


class WellRead(Model):
    depth: int
    version: int


class BoreRead(Model):
    """Its own number beside the version that If-Match takes."""

    version: int = 3
    revision: int = 8


@pytest.fixture
async def wells():
    router = service_router("wells")
    app = FastAPI()
    app.state.depth = 7

    @router.get("/well", operation_id="well_read")
    async def read(request: Request, response: Response) -> WellRead:
        response.headers["ETag"] = etag(4)
        return WellRead(depth=request.app.state.depth, version=4)

    @router.get("/any", operation_id="any_read", response_model=WellRead | BoreRead)
    async def either() -> BoreRead:
        return BoreRead()

    @router.get("/list", operation_id="bore_list")
    async def listed() -> list[BoreRead]:
        return []

    @router.get("/bore", operation_id="bore_read")
    async def bore() -> BoreRead:
        return BoreRead()

    @router.post("/well/deepen", operation_id="well_deepen")
    @needs_version
    async def deepen(request: Request) -> WellRead:
        return WellRead(depth=8, version=expected_version(request))

    problems.install(app)
    add_flat(app.router, router, "")
    app.router.middleware_stack = Switchboard(app.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        client.app = app
        yield client


async def test_who_has_the_document_is_told_so_without_a_body(wells):
    first = await wells.get("/well")
    tag = first.headers["etag"]
    assert (tag.startswith('"4.'), first.headers["cache-control"]) == (True, "private, no-cache")
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await wells.get("/well", headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


async def test_what_shows_otherwise_is_sent_although_its_version_is_the_same(wells):
    tag = (await wells.get("/well")).headers["etag"]
    wells.app.state.depth = 9
    for given in (tag, '"4"'):
        changed = await wells.get("/well", headers={"If-None-Match": given})
        assert (changed.status_code, changed.json()["depth"]) == (200, 9)


async def test_the_tag_and_the_bare_version_are_what_a_change_takes(wells):
    tag = (await wells.get("/well")).headers["etag"]
    for given in (tag, f"W/{tag}", etag(4)):
        assert (await wells.post("/well/deepen", headers={"If-Match": given})).json()["version"] == 4
    for given in ('"4.x"', '"4."', '".4"', f'"{tag[3:]}'):
        assert (await wells.post("/well/deepen", headers={"If-Match": given})).status_code == 412


async def test_the_version_is_the_one_that_a_change_takes(wells):
    assert (await wells.get("/bore")).headers["etag"].startswith('"8.')
    assert (await wells.get("/any")).headers["etag"].startswith('"3.'), "both have a version, one alone a revision"
    assert "etag" not in (await wells.get("/list")).headers


async def test_the_document_of_the_interface_says_so(wells):
    wells.app.title, wells.app.version = "Wells", "1"
    paths = document(wells.app)["paths"]
    for path, method, expected in (("/well", "get", True), ("/bore", "get", True), ("/well/deepen", "post", False)):
        operation = paths[path][method]
        named = {one["name"] for one in operation.get("parameters", [])}
        assert ("304" in operation["responses"], "If-None-Match" in named) == (expected, expected), path
