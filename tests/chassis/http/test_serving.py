"""What a server answers by itself, before any application sees a request."""

from __future__ import annotations

import asyncio
import json

import pytest
from uvicorn.server import ServerState

from chassis.http import serving
from chassis.http.serving import served, server_config


async def _nobody(_scope, _receive, _send):
    raise AssertionError("the application has nothing to do with it")


async def _two_parts(_scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"8")]})
    await send({"type": "http.response.body", "body": b"head", "more_body": True})
    await asyncio.sleep(0.01)
    await send({"type": "http.response.body", "body": b"tail"})


class _Calls(asyncio.Transport):
    """A transport that notes what it is told to send, call by call."""

    def __init__(self):
        super().__init__()
        self.sent = []
        self.closing = False

    def write(self, data):
        self.sent.append(bytes(data))

    def writelines(self, list_of_data):
        self.sent.append(b"".join(list_of_data))

    def close(self):
        self.closing = True

    def is_closing(self):
        return self.closing


def _connected(app):
    config = server_config(app, lifespan="off")
    config.load()
    transport = _Calls()
    protocol = config.http_protocol_class(config=config, server_state=ServerState(), app_state={})
    protocol.connection_made(transport)
    return protocol, transport


async def _answer_of(port, sent):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
    writer.close()
    status, *fields = head.decode().split("\r\n")
    return status, dict(field.split(": ", 1) for field in fields), body


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: iRUlT\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n610999197403123010",
    ],
    ids=["TLS", "endless address", "two lengths", "made-up encoding", "negative length"],
)
async def test_what_is_no_http_is_refused_by_a_problem(sent):
    async with served(server_config(_nobody, host="127.0.0.1", port=0, lifespan="off")) as server:
        port = server.servers[0].sockets[0].getsockname()[1]
        status, headers, body = await _answer_of(port, sent)
    assert status == "HTTP/1.1 400 Bad Request"
    assert (headers["content-type"], headers["connection"]) == ("application/problem+json", "close")
    told = json.loads(body)
    assert (told["code"], told["status"], told["errors"]) == ("malformed_request", 400, [])
    assert told["trace_id"] == "", "no request was asked"
    assert "610999" not in body.decode()


async def test_a_head_goes_out_with_the_first_of_its_body_and_nothing_waits_for_more():
    protocol, transport = _connected(_two_parts)
    protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.gather(*protocol.tasks)
    await asyncio.sleep(0)
    assert transport.sent == [b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhead", b"tail"]
    protocol.connection_lost(None)


async def test_what_is_kept_back_goes_out_before_a_connection_is_closed():
    protocol, transport = _connected(_two_parts)
    protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await asyncio.gather(*protocol.tasks)
    assert transport.closing
    assert b"".join(transport.sent).endswith(b"headtail")
    await asyncio.sleep(0)
    assert len(transport.sent) == 2
    protocol.connection_lost(None)


async def test_nothing_is_written_to_a_connection_that_is_gone():
    protocol, transport = _connected(_nobody)
    protocol.transport.write(b"kept back")
    transport.close()
    await asyncio.sleep(0)
    assert transport.sent == []
    protocol.connection_lost(None)


async def _fine(scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def _client_of(server):
    """The address of a server, for one client."""
    return asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: a"])
async def test_who_never_says_what_it_wants_is_let_go(monkeypatch, sent):
    monkeypatch.setattr(serving, "HEAD_SECONDS_MAX", 0.05)
    async with served(server_config(_nobody, host="127.0.0.1", port=0, lifespan="off")) as server:
        reader, writer = await _client_of(server)
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


@pytest.mark.parametrize("sent", [b"\r\n", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: a"])
async def test_so_is_who_leaves_the_next_request_unsaid(monkeypatch, sent):
    async with served(server_config(_fine, host="127.0.0.1", port=0, lifespan="off")) as server:
        reader, writer = await _client_of(server)
        writer.write(WHOLE)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr(serving, "HEAD_SECONDS_MAX", 0.05)  # only now, since the first head may take its time
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


async def test_an_answer_that_is_owed_comes_however_long_the_next_head_takes():
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope, receive, send):
        begun.set()
        await go_on.wait()
        await _fine(scope, receive, send)

    async with served(server_config(slow, host="127.0.0.1", port=0, lifespan="off")) as server:
        reader, writer = await _client_of(server)
        writer.write(WHOLE + WHOLE[:10])
        await asyncio.wait_for(begun.wait(), 10)
        [protocol] = server.server_state.connections
        protocol._give_up()
        go_on.set()
        assert (await asyncio.wait_for(reader.readuntil(b"ok"), 10)).startswith(b"HTTP/1.1 200")
        writer.write(WHOLE[10:])
        assert (await asyncio.wait_for(reader.readuntil(b"ok"), 10)).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_more_connections_than_may_be_are_refused_by_a_problem(monkeypatch):
    monkeypatch.setattr(serving, "CONCURRENCY_MAX", 2)
    async with served(server_config(_fine, host="127.0.0.1", port=0, lifespan="off")) as server:
        port = server.servers[0].sockets[0].getsockname()[1]
        _, waiting = await _client_of(server)
        status, headers, body = await _answer_of(port, WHOLE)
        waiting.close()
    assert status == "HTTP/1.1 503 Service Unavailable"
    assert headers["content-type"] == "application/problem+json"
    assert (headers["retry-after"], headers["connection"]) == ("2", "close")
    assert json.loads(body)["code"] == "unavailable"
