"""Reference data is sent once: its tag is that of its content, and who has it gets 304 without a body."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from chassis.http.kept_answers import KeptAnswer
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from chassis.http.switchboard import Switchboard, add_flat


@pytest.fixture
async def wells():
    """``wells.said`` is what the source tells; it can change between two requests."""
    router = service_router("wells")
    app = FastAPI()
    app.state.said = {"depth": 7}

    @router.get("/wells", operation_id="well_list")
    @reference_data
    async def listed(request: Request) -> dict[str, int]:
        return request.app.state.said

    @router.get("/versioned", operation_id="well_versioned")
    @reference_data
    async def versioned(response: Response) -> dict[str, int]:
        response.headers["ETag"] = '"7"'
        return {"depth": 7}

    @router.get("/refused", operation_id="well_refused")
    @reference_data
    async def refused() -> Response:
        return Response(status_code=204)

    @router.get("/plain", operation_id="well_plain")
    async def plain() -> dict[str, int]:
        return {"depth": 7}

    add_flat(app.router, router, "")
    app.router.middleware_stack = Switchboard(app.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        client.app = app
        yield client


async def test_who_has_it_is_told_so_without_a_body(wells):
    first = await wells.get("/wells")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert first.headers["cache-control"] == "private, no-cache"
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await wells.get("/wells", headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert (again.headers["etag"], again.headers["cache-control"]) == (tag, "private, no-cache")
        assert "content-type" not in again.headers


async def test_several_headers_count_as_one_list(wells):
    tag = (await wells.get("/wells")).headers["etag"]
    again = await wells.get("/wells", headers=[("If-None-Match", '"other"'), ("If-None-Match", tag)])
    assert again.status_code == 304


async def test_a_change_is_sent_whole_under_another_tag(wells):
    tag = (await wells.get("/wells")).headers["etag"]
    wells.app.state.said = {"depth": 8}
    changed = await wells.get("/wells", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()) == (200, {"depth": 8})
    assert changed.headers["etag"] != tag


async def test_a_tag_of_the_routes_own_is_kept_so_that_if_match_can_use_it(wells):
    assert (await wells.get("/versioned")).headers["etag"] == '"7"'
    assert (await wells.get("/versioned", headers={"If-None-Match": '"7"'})).status_code == 304


async def test_what_is_not_a_whole_answer_or_not_marked_has_no_tag(wells):
    for path in ("/refused", "/plain"):
        answer = await wells.get(path, headers={"If-None-Match": "*"})
        assert answer.status_code in (200, 204)
        assert "etag" not in answer.headers


def asked(**headers):
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": given})


def test_each_form_of_a_kept_document_has_a_strong_tag_of_its_own():
    kept = KeptAnswer(b"x" * 2000, "text/plain")
    plain, packed = kept.respond(asked()), kept.respond(asked(accept_encoding="gzip"))
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["etag"] != packed.headers["etag"]
    assert all(answer.headers["etag"].startswith('"') for answer in (plain, packed))
    for answer in (plain, packed):
        tag = answer.headers["etag"]
        again = kept.respond(asked(accept_encoding="gzip", if_none_match=tag))
        assert (again.status_code, again.body, again.headers["etag"]) == (304, b"", tag)
    assert kept.respond(asked(if_none_match='"other"')).status_code == 200
