"""An exchange is repeated only where that is safe, waits a bounded time, and says what is known of its outcome."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import asynccontextmanager

import pytest

from chassis.errors import MalformedRequest
from chassis.ports import free_port
from gateway.errors import UpstreamBroken, UpstreamTimedOut
from gateway.settings import Address, GatewaySettings
from gateway.upstreams import Breaker, Upstream
from gateway.upstreams.problems import UpstreamBusy, UpstreamDown
from tests.gateway.running import Recorder, service


@asynccontextmanager
async def upstream_at(address, *, monotonic=time.monotonic, **settings):
    made = GatewaySettings(upstreams={"monitoring": address}, **({"connect_seconds_max": 1} | settings))
    breaker = Breaker(failures_max=made.breaker_failures, rest_seconds=made.breaker_seconds, monotonic=monotonic)
    upstream = Upstream("monitoring", Address.parse(address), made, breaker)
    yield upstream
    await upstream.aclose()


@asynccontextmanager
async def by_hand(*answers):
    """A service whose n-th request is answered with the n-th bytes and the connection closed; None: closed at once."""
    seen = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.split(b" ")[0])
        answer = answers[len(seen) - 1]
        if answer is not None:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def body_of(answer):
    try:
        return b"".join([piece async for piece in answer])
    finally:
        await answer.aclose()


async def pieces(*parts):
    for part in parts:
        yield part


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_read_whose_connection_breaks_unanswered_is_repeated_once(method):
    async with by_hand(None, OK) as (address, seen), upstream_at(address) as upstream:
        answer = await upstream.exchange(method, b"/x", [])
        assert answer.status == 200
        await answer.aclose()
    assert seen == [method.encode()] * 2


async def test_a_read_is_not_repeated_twice():
    async with by_hand(None, None, OK) as (address, seen), upstream_at(address) as upstream:
        with pytest.raises(UpstreamBroken):
            await upstream.exchange("GET", b"/x", [])
    assert len(seen) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_change_that_was_sent_is_never_repeated(method):
    async with by_hand(None, OK) as (address, seen), upstream_at(address) as upstream:
        with pytest.raises(UpstreamBroken):
            await upstream.exchange(method, b"/x", [(b"content-length", b"0")])
    assert seen == [method.encode()]


async def test_a_read_with_a_body_is_not_repeated():
    async with by_hand(None, OK) as (address, seen), upstream_at(address) as upstream:
        with pytest.raises(UpstreamBroken):
            await upstream.exchange("GET", b"/x", [(b"content-length", b"2")], pieces(b"ab"))
    assert len(seen) == 1


async def test_a_service_that_is_just_restarting_is_reached_by_a_change_too(monkeypatch):
    """Nothing has been sent before there is a connection, so that any method may be tried again."""
    monkeypatch.setattr("gateway.upstreams.upstream.CONNECT_PAUSES_SECONDS", (0.05,) * 100)  # however slow its start is
    port, stub = free_port(), Recorder()
    async with upstream_at(f"http://127.0.0.1:{port}") as upstream:
        asked = asyncio.create_task(upstream.exchange("POST", b"/x", [(b"content-length", b"2")], pieces(b"ab")))
        await asyncio.sleep(0.06)
        async with service(stub, port=port):
            assert await body_of(await asked) == b'{"ok":true}'
    assert stub.bodies == [b"ab"]
    assert upstream.breaker.state == "closed"


async def test_a_dead_service_costs_nothing_once_the_breaker_is_open_and_is_taken_back_when_it_answers():
    now = 0.0
    port = free_port()
    async with upstream_at(
        f"http://127.0.0.1:{port}", breaker_failures=2, breaker_seconds=5, monotonic=lambda: now
    ) as upstream:
        for _ in range(2):
            with pytest.raises(UpstreamDown):
                await upstream.exchange("GET", b"/x", [])
        connect, tries = upstream._open, []
        upstream._open = lambda: tries.append(1) or connect()
        for _ in range(50):
            with pytest.raises(UpstreamDown) as refused:
                await upstream.exchange("GET", b"/x", [])
        assert tries == []
        assert refused.value.headers["Retry-After"] == "5"
        async with service(Recorder(), port=port):
            with pytest.raises(UpstreamDown):
                await upstream.exchange("GET", b"/x", [])
            now = 5.0
            assert await body_of(await upstream.exchange("GET", b"/x", [])) == b'{"ok":true}'
    assert upstream.breaker.state == "closed"


async def test_a_fetch_goes_past_an_open_breaker_and_closes_it():
    port = free_port()
    async with upstream_at(f"http://127.0.0.1:{port}", breaker_failures=1) as upstream:
        with pytest.raises(UpstreamDown):
            await upstream.exchange("GET", b"/x", [])
        async with service(Recorder(), port=port):
            document = await upstream.fetch(b"/d", [], bytes_max=100, seconds_max=2)
    assert (document.status, document.body) == (200, b'{"ok":true}')
    assert upstream.breaker.state == "closed"


async def test_a_fetch_is_bounded_in_size_and_time():
    async def slow(scope, receive, send):
        await asyncio.sleep(5)

    async with service(Recorder()) as address, upstream_at(address, connections_max=1) as upstream:
        for _ in range(3):
            with pytest.raises(UpstreamBroken):
                await upstream.fetch(b"/d", [], bytes_max=10, seconds_max=2)
        assert (await upstream.fetch(b"/d", [], bytes_max=11, seconds_max=2)).body == b'{"ok":true}'
    async with service(slow) as address, upstream_at(address) as upstream:
        with pytest.raises(UpstreamTimedOut):
            await upstream.fetch(b"/d", [], bytes_max=10, seconds_max=0.1)


async def test_a_service_that_takes_no_connection_is_down():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        crowd = []
        for _ in range(4):  # until the kernel's queue of unaccepted connections is full
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            crowd.append(one)
        async with upstream_at(f"http://127.0.0.1:{port}", connect_seconds_max=0.2) as upstream:
            with pytest.raises(UpstreamDown):
                await upstream.exchange("POST", b"/x", [(b"content-length", b"0")])
        for one in crowd:
            one.close()


async def test_a_service_that_does_not_answer_in_time_is_a_timeout_with_an_unknown_outcome():
    calls = 0

    async def silent(scope, receive, send):
        nonlocal calls
        calls += 1
        await asyncio.sleep(5)

    async with service(silent) as address, upstream_at(address, answer_seconds_max=0.2) as upstream:
        with pytest.raises(UpstreamTimedOut) as late:
            await upstream.exchange("GET", b"/x", [])
    assert calls == 1
    assert "Retry-After" in late.value.headers


async def test_more_requests_than_connections_wait_their_turn_and_the_rest_is_refused():
    let_go = asyncio.Event()
    at_work = asyncio.Semaphore(0)
    begun = 0

    async def stub(scope, receive, send):
        nonlocal begun
        begun += 1
        at_work.release()
        await let_go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    limits = {"connections_max": 2, "queue_max": 1, "queue_seconds_max": 5}
    async with service(stub) as address, upstream_at(address, **limits) as upstream:

        async def ask():
            return await body_of(await upstream.exchange("GET", b"/x", []))

        taken = [asyncio.create_task(ask()) for _ in range(3)]
        for _ in range(2):
            await at_work.acquire()
        with pytest.raises(UpstreamBusy):
            await upstream.exchange("GET", b"/x", [])
        assert begun == 2
        let_go.set()
        assert await asyncio.gather(*taken) == [b"", b"", b""]
    assert upstream.breaker.state == "closed"


async def test_waiting_for_a_connection_is_bounded_in_time():
    async def stub(scope, receive, send):
        await asyncio.sleep(5)

    limits = {"connections_max": 1, "queue_seconds_max": 0.1}
    async with service(stub) as address, upstream_at(address, **limits) as upstream:
        first = asyncio.create_task(upstream.exchange("GET", b"/x", []))
        await asyncio.sleep(0.05)
        with pytest.raises(UpstreamBusy) as busy:
            await upstream.exchange("GET", b"/x", [])
        first.cancel()
        await asyncio.wait([first])
    assert busy.value.headers["Retry-After"] == "1"


async def test_cancelled_exchanges_leave_every_connection_free():
    """Cancelled at any moment: while waiting, connecting, sending or reading."""

    async def stub(scope, receive, send):
        await asyncio.sleep(0.02)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
        await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": b"end"})

    async with service(stub) as address, upstream_at(address, connections_max=4) as upstream:

        async def ask():
            return await body_of(await upstream.exchange("GET", b"/x", []))

        for turn in range(25):
            tasks = [asyncio.create_task(ask()) for _ in range(8)]
            await asyncio.sleep(0.003 * turn)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        async with asyncio.timeout(5):
            whole = await asyncio.gather(*(ask() for _ in range(8)))
    assert [len(one) for one in whole] == [100_003] * 8
    assert upstream.breaker.state == "closed"


async def test_connections_are_kept_and_used_again():
    stub = Recorder()
    async with service(stub) as address, upstream_at(address) as upstream:
        for _ in range(5):
            await body_of(await upstream.exchange("GET", b"/x", []))
    assert len({tuple(request["client"]) for request in stub.requests}) == 1


@pytest.mark.parametrize("header", [(b"x", b"a\x00b"), (b"x", b"a\nb"), (b"a b", b"x")])
async def test_what_cannot_be_put_on_the_wire_is_a_malformed_request(header):
    async with service(Recorder()) as address, upstream_at(address) as upstream:
        with pytest.raises(MalformedRequest):
            await upstream.exchange("GET", b"/x", [header])
    assert upstream.breaker.state == "closed"


async def test_what_the_body_raises_is_raised_and_is_not_the_services_fault():
    class Gone(Exception):
        pass

    async def broken():
        yield b"a"
        raise Gone

    async with service(Recorder()) as address, upstream_at(address, breaker_failures=1) as upstream:
        with pytest.raises(Gone):
            await upstream.exchange("POST", b"/x", [(b"transfer-encoding", b"chunked")], broken())
        assert upstream.breaker.state == "closed"
        assert await body_of(await upstream.exchange("GET", b"/x", [])) == b'{"ok":true}'
