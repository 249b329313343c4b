"""Requests pass through to the services, streamed, bounded, and end with their client."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from chassis.ports import free_port
from tests.gateway.running import Recorder, gateway, service


async def chunk(reader: asyncio.StreamReader) -> bytes:
    """The next chunk of a chunked answer."""
    size = int(await reader.readline(), 16)
    data = await reader.readexactly(size)
    await reader.readexactly(2)
    return data


async def test_a_request_reaches_its_service_and_the_answer_comes_back_untouched():
    stub = Recorder(status=201, headers=[(b"etag", b'"7"'), (b"content-type", b"text/x"), (b"x-two", b"a"),
                                         (b"x-two", b"b")], body=b"made")  # fmt: skip
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        answer = await running.client.post("/v1/monitoring/households?a=1&a=2", content=b"{}")
    assert (answer.status_code, answer.content) == (201, b"made")
    assert answer.headers["etag"] == '"7"'
    assert answer.headers.get_list("x-two") == ["a", "b"]
    assert stub.bodies == [b"{}"]
    assert stub.requests[0]["query_string"] == b"a=1&a=2"


async def test_a_service_on_a_unix_socket_is_reached(tmp_path):
    stub = Recorder()
    async with service(stub, uds=tmp_path / "m.sock") as address, gateway({"monitoring": address}) as running:
        answer = await running.client.get("/v1/monitoring")
    assert answer.json() == {"ok": True}
    assert stub.requests[0]["path"] == "/v1/monitoring"


async def test_an_upload_arrives_piece_by_piece_while_the_client_still_sends():
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    async def stub(scope, receive, send):
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            if message["body"]:
                await arrived.put(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    async def pieces():
        for number in range(3):
            yield b"piece %d" % number
            async with asyncio.timeout(5):  # the next piece is sent only when this one has come through
                assert await arrived.get() == b"piece %d" % number

    async with service(stub) as address, gateway({"monitoring": address}) as running:
        answer = await running.client.post("/v1/monitoring/imports", content=pieces())
    assert answer.text == "done"


@pytest.mark.parametrize("noun", [b"reports", b"imports"])
async def test_clients_that_are_slow_to_send_keep_nobody_from_the_service(noun):
    limits = {"connections_max": 1, "incoming_max": 2, "queue_max": 0}
    slow = b"POST /v1/monitoring/%b HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nslo" % noun
    async with service(Recorder()) as address, gateway({"monitoring": address}, **limits) as running:
        clients = [await running.connect() for _ in range(2)]
        for _, writer in clients:
            writer.write(slow)
            await writer.drain()
        assert (await running.client.get("/v1/monitoring")).status_code == 200
        assert (await running.client.post("/v1/monitoring/reports", content=b"quick")).status_code == 200
        for reader, writer in clients:
            writer.write(b"w sent")
            async with asyncio.timeout(10):
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            writer.close()


async def test_an_answer_comes_back_piece_by_piece_while_the_service_still_writes():
    let_go = asyncio.Event()

    async def stub(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await let_go.wait()
        await send({"type": "http.response.body", "body": b"second"})

    async with (
        service(stub) as address,
        gateway({"monitoring": address}) as running,
        running.client.stream("GET", "/v1/monitoring/exports") as answer,
    ):
        pieces = answer.aiter_raw()
        async with asyncio.timeout(5):
            assert await anext(pieces) == b"first"
        let_go.set()
        assert await anext(pieces) == b"second"


async def test_a_client_that_takes_nothing_holds_the_service_back():
    """Back-pressure: what nobody reads is not read from the service either."""
    sent = 0
    piece = b"x" * 65536

    async def stub(scope, receive, send):
        nonlocal sent
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(2000):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            sent += 1
        await send({"type": "http.response.body", "body": b""})

    async with (
        service(stub) as address,
        gateway({"monitoring": address}) as running,
        running.client.stream("GET", "/v1/monitoring/exports"),
    ):
        before, settled = -1, 0
        while settled < 5:
            settled = settled + 1 if sent == before else 0
            before = sent
            await asyncio.sleep(0.1)
        assert 0 < sent < 1000


async def test_a_body_over_the_limit_is_refused_before_the_service_hears_of_it():
    stub = Recorder()
    async with service(stub) as address, gateway({"monitoring": address}, body_bytes_max=1000) as running:
        answer = await running.client.post("/v1/monitoring/reports", content=b"x" * 1001)
        exact = await running.client.post("/v1/monitoring/reports", content=b"x" * 1000)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    assert exact.status_code == 200
    assert stub.bodies == [b"x" * 1000]


async def test_a_body_of_unknown_length_is_cut_off_at_the_limit():
    broke_off = asyncio.Event()

    async def stub(scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            assert message["more_body"]
        broke_off.set()

    async def long():
        for _ in range(1000):
            yield b"x" * 1000

    async with service(stub) as address, gateway({"monitoring": address}, body_bytes_max=1000) as running:
        answer = await running.client.post("/v1/monitoring/reports", content=long())
        async with asyncio.timeout(5):
            await broke_off.wait()
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


async def test_a_client_that_never_ends_its_body_is_refused_and_then_cut_off():
    async with service(Recorder()) as address, gateway({"monitoring": address}, body_bytes_max=1000) as running:
        reader, writer = await running.connect()
        writer.write(b"POST /v1/monitoring/reports HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")

        async def send_on():
            while True:
                writer.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
                await writer.drain()

        sending = asyncio.create_task(send_on())
        async with asyncio.timeout(10):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413")
            with pytest.raises(ConnectionError):
                await sending
        writer.close()


async def test_uploads_have_a_limit_of_their_own():
    stub = Recorder()
    limits = {"body_bytes_max": 1000, "upload_bytes_max": 3000}
    async with service(stub) as address, gateway({"monitoring": address}, **limits) as running:
        taken = await running.client.post("/v1/monitoring/households/imports", content=b"x" * 3000)
        refused = await running.client.post("/v1/monitoring/households/imports", content=b"x" * 3001)
        query = await running.client.post("/v1/monitoring/households?a=/imports/", content=b"x" * 1001)
    assert [taken.status_code, refused.status_code, query.status_code] == [200, 413, 413]


async def test_a_services_own_problem_passes_untouched():
    problem = b'{"type":"/v1/problems/state_refused","status":409}'
    headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"9")]
    async with (
        service(Recorder(status=409, headers=headers, body=problem)) as address,
        gateway({"monitoring": address}) as running,
    ):
        answer = await running.client.post("/v1/monitoring/cases/1/approve")
    assert (answer.status_code, answer.content) == (409, problem)
    assert answer.headers["retry-after"] == "9"


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PROPFIND"])
async def test_a_method_outside_the_list_is_refused(method):
    stub = Recorder()
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        answer = await running.client.request(method, "/v1/monitoring/x")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PATCH, POST, PUT"
    assert stub.requests == []


async def test_head_has_the_length_and_no_body():
    stub = Recorder(headers=[(b"content-length", b"11")])
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        answer = await running.client.head("/v1/monitoring/x")
        after = await running.client.get("/v1/monitoring/x")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "11", b"")
    assert after.content == b'{"ok":true}'


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_body_stays_without(status):
    async def stub(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": [(b"etag", b'"1"')]})
        await send({"type": "http.response.body", "body": b""})

    async with service(stub) as address, gateway({"monitoring": address}) as running:
        answers = [await running.client.get("/v1/monitoring/x") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, status]
    assert answers[1].headers["etag"] == '"1"'


async def test_a_compressed_answer_is_passed_on_compressed():
    packed = gzip.compress(b"text" * 100)
    stub = Recorder(headers=[(b"content-encoding", b"gzip")], body=packed)
    async with (
        service(stub) as address,
        gateway({"monitoring": address}) as running,
        running.client.stream("GET", "/v1/monitoring/x", headers={"Accept-Encoding": "gzip"}) as answer,
    ):
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert raw == packed
    assert stub.sent[b"accept-encoding"] == b"gzip"


async def test_expect_continue_is_answered_only_when_the_service_takes_the_body():
    stub = Recorder()
    head = (
        b"POST /v1/%b/imports HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
        b"Connection: close\r\n\r\n"
    )
    dead = f"http://127.0.0.1:{free_port()}"
    async with service(stub) as address, gateway({"monitoring": address, "funds": dead}) as running:
        reader, writer = await running.connect()
        writer.write(head % b"monitoring")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        writer.write(b"body")
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
        refused = await running.raw(head % b"funds")
    assert refused.startswith(b"HTTP/1.1 503")
    assert stub.bodies == [b"body"]
    assert b"expect" not in stub.sent


async def test_many_exchanges_at_once_do_not_mix():
    async def stub(scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message["more_body"]:
                break
        await asyncio.sleep(0.001 * (len(body) % 7))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["query_string"] + b"|" + body})

    async with service(stub) as address, gateway({"monitoring": address}, connections_max=8) as running:
        answers = await asyncio.gather(
            *(running.client.post(f"/v1/monitoring/x?n={n}", content=b"b" * n) for n in range(60))
        )
    assert [answer.content for answer in answers] == [b"n=%d|" % n + b"b" * n for n in range(60)]
