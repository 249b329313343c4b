"""A declared route is made at its first request; before and after, the application answers alike."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from chassis.http import problems
from chassis.http.routers import LateRoute, service_router
from chassis.http.switchboard import Switchboard, add_flat, all_made


def application():
    router = service_router("wells")

    @router.get("/wells/{well_id}", operation_id="well_read")
    async def read(well_id: int) -> dict[str, int]:
        return {"well": well_id}

    @router.get("/wells/deepest", operation_id="well_deepest")
    async def deepest() -> dict[str, str]:
        return {"well": "the deepest"}

    @router.delete("/wells/{well_id}", operation_id="well_delete", status_code=204)
    async def delete(well_id: int) -> None:
        return None

    app = FastAPI(redirect_slashes=False)
    add_flat(app.router, router, "/v1/test")
    app.router.middleware_stack = Switchboard(app.router)
    return app


def late(app):
    return [route for route in app.router.routes if isinstance(route, LateRoute)]


def how_many_are_made(app):
    return sum(route._made is not None for route in late(app))


@pytest.fixture
async def asked():
    app = application()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/v1/test") as client:
        yield app, client


async def test_nothing_is_made_before_it_is_asked_for(asked):
    app, client = asked
    assert (len(late(app)), how_many_are_made(app)) == (3, 0)
    for _ in range(2):
        answer = await client.get("/wells/7")
        assert (answer.status_code, answer.json()) == (200, {"well": 7})
        assert how_many_are_made(app) == 1


async def test_what_no_route_takes_is_refused_alike_whether_or_not_routes_are_made(asked):
    app, client = asked
    for _ in range(2):
        assert (await client.get("/springs")).status_code == 404
        assert (await client.get("/wells/7/")).status_code == 404
        wrong = await client.post("/wells/7")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "DELETE, GET, HEAD")
        head, whole = await client.head("/wells/7"), await client.get("/wells/7")
        assert (head.status_code, head.headers, head.content) == (200, whole.headers, b"")
        assert (await client.get("/wells/deep")).status_code == 422
        all_made(app.router)


async def test_the_first_declared_of_two_that_match_wins(asked):
    _, client = asked
    assert (await client.get("/wells/deepest")).status_code == 422  # read as a well's number


def test_all_are_made_in_the_order_of_declaration():
    app = application()
    late(app)[2].made  # noqa: B018 - as a first request does
    made = [route for route in all_made(app.router) if getattr(route, "operation_id", None)]
    assert [route.operation_id for route in made] == ["well_read", "well_deepest", "well_delete"]
    assert [route.path for route in made] == [
        "/v1/test/wells/{well_id}",
        "/v1/test/wells/deepest",
        "/v1/test/wells/{well_id}",
    ]
    assert all_made(app.router) == all_made(app.router)


def test_a_plain_router_is_added_as_it_is():
    plain = APIRouter(prefix="/health", include_in_schema=False)

    @plain.get("/live")
    async def live() -> str:
        return "live"

    app = FastAPI()
    add_flat(app.router, plain, "")
    assert "/health/live" in [getattr(route, "path", "") for route in app.router.routes]


async def test_an_id_number_in_the_path_is_not_repeated(asked):
    app, client = asked
    problems.install(app)
    answer = await client.get("/springs/610999197403123010")
    assert (answer.status_code, answer.json()["instance"]) == (404, "/v1/test/springs/[identity number]")
