"""One document for the platform, made from running services, kept while one of them is down."""

from __future__ import annotations

import asyncio
import json

import pytest
from fastapi import APIRouter
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from chassis.main import openapi_document
from chassis.ports import free_port
from services.monitoring.app import SERVICE
from tests.gateway.running import Recorder, gateway, service


@pytest.fixture(scope="module")
def monitoring():
    """The document of the real service."""
    return json.dumps(openapi_document(SERVICE)).encode()


def small(program, **more):
    answer = {"200": {"description": "ok"}}
    paths = {f"/v1/{program}/items": {"get": {"operationId": f"{program}_read", "responses": answer}}}
    return json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **more}).encode()


@pytest.mark.budget(60)  # 8 to 10 s in CI
async def test_the_real_services_document_is_published_whole_and_valid_in_both_versions(monitoring):
    async with service(Recorder(body=monitoring)) as address, gateway({"monitoring": address}) as running:
        newer = (await running.client.get("/openapi.json")).json()
        older = (await running.client.get("/openapi-3.0.json")).json()
    assert list(OpenAPIV31SpecValidator(newer).iter_errors()) == []
    assert list(OpenAPIV30SpecValidator(older).iter_errors()) == []
    assert set(json.loads(monitoring)["paths"]) <= set(newer["paths"]) == set(older["paths"])
    assert "/v1/problems" in newer["paths"]
    assert "x-conflicts" not in newer
    assert newer["servers"] == [{"url": "/"}]
    assert newer["x-services"] == {"monitoring": {"state": "current"}}
    assert set(newer["components"]["securitySchemes"]) == {"bearer"}
    assert '"type": "null"' not in json.dumps(older)


async def test_the_issuers_routes_are_in_the_document_where_there_is_one(monitoring):
    issuer = APIRouter(prefix="/oauth2")

    @issuer.post("/token", operation_id="token_issue")
    async def token() -> dict[str, str]:
        return {"access_token": "t"}

    async with (
        service(Recorder(body=monitoring)) as address,
        gateway({"monitoring": address}, extra_routers=[issuer]) as running,
    ):
        document = (await running.client.get("/openapi.json")).json()
        assert (await running.client.post("/oauth2/token")).json() == {"access_token": "t"}
    flow = document["components"]["securitySchemes"]["signIn"]["flows"]["password"]
    assert flow["tokenUrl"] in document["paths"]


async def test_who_has_the_document_is_told_so_and_a_change_is_seen():
    stub = Recorder(body=small("funds"))
    async with service(stub) as address, gateway({"funds": address}) as running:
        first = await running.client.get("/openapi.json")
        same = await running.client.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})
        stub.body = small("funds", tags=[{"name": "new"}], **{"x-problems": [
            {"type": "/v1/problems/x", "code": "x", "status": 409, "title": {"zh": "一", "en": "a"}}]})  # fmt: skip
        changed = await running.client.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    assert "x" in [problem["code"] for problem in changed.json()["x-problems"]]


async def test_a_fresh_document_is_not_fetched_again():
    stub = Recorder(body=small("funds"))
    async with service(stub) as address, gateway({"funds": address}, document_fresh_seconds=60) as running:
        for _ in range(3):
            await asyncio.gather(*(running.client.get("/openapi.json") for _ in range(5)))
    assert len(stub.requests) == 1


async def test_the_services_own_etag_saves_the_transfer():
    class Tagged(Recorder):
        async def __call__(self, scope, receive, send):
            known = dict(scope["headers"]).get(b"if-none-match") == b'"1"'
            self.status = 304 if known else 200
            await super().__call__(scope, receive, send)

    stub = Tagged(body=small("funds"), headers=[(b"etag", b'"1"')])
    async with service(stub) as address, gateway({"funds": address}) as running:
        first = (await running.client.get("/openapi.json")).json()
        stub.body = b""
        assert (await running.client.get("/openapi.json")).json() == first
    assert stub.status == 304


async def test_a_service_that_makes_its_document_at_the_first_request_is_waited_for_and_later_not():
    class Slow(Recorder):
        async def __call__(self, scope, receive, send):
            await asyncio.sleep(0.3)
            await super().__call__(scope, receive, send)

    limits = {"document_seconds_max": 0.1, "document_first_seconds_max": 20}
    async with service(Slow(body=small("funds"))) as address, gateway({"funds": address}, **limits) as running:
        first = (await running.client.get("/openapi.json")).json()
        later = (await running.client.get("/openapi.json")).json()
    assert first["x-services"] == {"funds": {"state": "current"}}
    assert later["x-services"] == {"funds": {"state": "last_good"}}
    assert "/v1/funds/items" in first["paths"]


async def test_the_last_good_copy_is_kept_and_marked_while_a_service_is_down():
    port = free_port()
    dead = f"http://127.0.0.1:{free_port()}"
    async with gateway({"funds": f"http://127.0.0.1:{port}", "assets": dead}) as running:
        async with service(Recorder(body=small("funds")), port=port):
            before = (await running.client.get("/openapi.json")).json()
        after = (await running.client.get("/openapi.json")).json()
    assert before["x-services"] == {"assets": {"state": "missing"}, "funds": {"state": "current"}}
    assert after["x-services"] == {"assets": {"state": "missing"}, "funds": {"state": "last_good"}}
    assert after["paths"] == before["paths"]
    assert "/v1/funds/items" in after["paths"]


@pytest.mark.parametrize(
    "stub",
    [
        Recorder(body=b"no json"),
        Recorder(body=b"[]"),
        Recorder(body=b'{"openapi":"3.0.3","paths":{}}'),
        Recorder(body=b'{"openapi":"3.1.0"}'),
        Recorder(body=small("funds"), status=500),
    ],
    ids=["no json", "no object", "another version", "no paths", "an error"],
)
async def test_what_is_no_document_is_not_published(stub):
    async with service(stub) as address, gateway({"funds": address}) as running:
        answer = await running.client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["x-services"] == {"funds": {"state": "missing"}}


async def test_conflicts_are_published_with_the_document():
    clash = {"components": {"schemas": {"Item": {"type": "string"}}}}
    other = {"components": {"schemas": {"Item": {"type": "integer"}}}}
    async with (
        service(Recorder(body=small("funds", **clash))) as funds,
        service(Recorder(body=small("assets", **other))) as assets,
        gateway({"funds": funds, "assets": assets}) as running,
    ):
        document = (await running.client.get("/openapi.json")).json()
    assert [conflict["name"] for conflict in document["x-conflicts"]] == ["schemas/Item"]


async def test_the_catalogue_of_problems_has_every_code_in_both_languages(monitoring):
    async with service(Recorder(body=monitoring)) as address, gateway({"monitoring": address}) as running:
        chinese = await running.client.get("/v1/problems")
        english = await running.client.get("/v1/problems", headers={"Accept-Language": "en-GB"})
        same = await running.client.get(
            "/v1/problems", headers={"Accept-Language": "en-GB", "If-None-Match": english.headers["etag"]}
        )
        other = await running.client.get("/v1/problems", headers={"If-None-Match": english.headers["etag"]})
        one = await running.client.get("/v1/problems/upstream_timed_out", headers={"Accept-Language": "en"})
        none = await running.client.get("/v1/problems/nothing_such")
    items = chinese.json()["items"]
    codes = [item["code"] for item in items]
    expected = {entry["code"] for entry in json.loads(monitoring)["x-problems"]}
    assert expected | {"upstream_broken", "unknown_address", "unavailable"} <= set(codes)
    assert codes == sorted(codes)
    assert all(item["title"]["zh"] and item["title"]["en"] and item["summary"] == item["title"]["zh"] for item in items)
    assert all(item["type"] == f"/v1/problems/{item['code']}" for item in items)
    assert all(item["summary"] == item["title"]["en"] for item in english.json()["items"])
    assert (chinese.headers["content-language"], english.headers["content-language"]) == ("zh-CN", "en")
    assert (same.status_code, other.status_code) == (304, 200)
    assert one.json()["status"] == 504
    assert (none.status_code, none.json()["code"]) == (404, "unknown_address")
