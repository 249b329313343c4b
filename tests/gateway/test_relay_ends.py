"""An exchange ends as it should when a client or a service breaks off, stalls, lasts too long or is down."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from chassis.ports import free_port
from tests.gateway.running import Recorder, gateway, service


@pytest.mark.parametrize("has_begun", [False, True], ids=["before the answer", "amid the answer"])
async def test_a_client_that_hangs_up_ends_the_exchange_with_the_service(has_begun):
    at_work, was_told = asyncio.Event(), asyncio.Event()

    async def stub(scope, receive, send):
        if has_begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
        at_work.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        was_told.set()

    async with service(stub) as address, gateway({"monitoring": address}, connections_max=1) as running:
        reader, writer = await running.connect()
        writer.write(b"GET /v1/monitoring/x HTTP/1.1\r\nHost: a\r\n\r\n")
        await at_work.wait()
        if has_begun:
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.close()
        async with asyncio.timeout(5):
            await was_told.wait()
        at_work.clear()
        again = asyncio.create_task(running.client.get("/v1/monitoring/x"))  # the one connection is free again
        async with asyncio.timeout(5):
            await at_work.wait()
        again.cancel()
        await asyncio.wait([again])


async def test_a_client_that_hangs_up_amid_its_upload_ends_the_exchange():
    was_told = asyncio.Event()

    async def stub(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass
        was_told.set()

    async with service(stub) as address, gateway({"monitoring": address}) as running:
        _, writer = await running.connect()
        writer.write(b"POST /v1/monitoring/imports HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.close()
        async with asyncio.timeout(5):
            await was_told.wait()


async def test_a_client_that_stops_sending_is_told_so_and_let_go():
    async with service(Recorder()) as address, gateway({"monitoring": address}, client_seconds_max=0.2) as running:
        reader, writer = await running.connect()
        writer.write(b"POST /v1/monitoring/imports HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"client_too_slow" in answer


async def test_an_exchange_that_lasts_too_long_is_ended():
    async def stub(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass

    async with service(stub) as address, gateway({"monitoring": address}, exchange_seconds_max=0.3) as running:
        answer = await running.client.get("/v1/monitoring/x")
    assert answer.status_code == 504
    assert answer.json()["code"] == "upstream_timed_out"


async def test_a_service_that_breaks_off_amid_its_answer_leaves_it_visibly_incomplete():
    async def stub(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        # ends here: the server closes the connection

    async with service(stub) as address, gateway({"monitoring": address}) as running:
        with pytest.raises(httpx.RemoteProtocolError):
            await running.client.get("/v1/monitoring/x")
        assert (await running.client.get("/health/ready")).status_code == 200


async def test_a_service_that_is_down_is_a_problem_in_the_readers_language():
    async with gateway({"monitoring": f"http://127.0.0.1:{free_port()}"}) as running:
        chinese = await running.client.get("/v1/monitoring/households")
        english = await running.client.get("/v1/monitoring/households", headers={"Accept-Language": "en"})
    for answer in (chinese, english):
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["instance"] == "/v1/monitoring/households"
        assert answer.json()["type"] == "/v1/problems/unavailable"
    assert "暂时不可用" in chinese.json()["detail"]
    assert "retry later" in english.json()["detail"]


async def test_a_body_for_a_service_that_is_down_is_refused_without_resetting_the_client():
    """Also if the body is far larger than what fits into the sockets' buffers."""
    async with gateway({"monitoring": f"http://127.0.0.1:{free_port()}"}) as running:
        answer = await running.client.post("/v1/monitoring/imports", content=b"x" * 3_000_000)
    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
