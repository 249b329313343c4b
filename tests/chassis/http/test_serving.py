"""What a server answers by itself, before any application sees a request."""

from __future__ import annotations

import asyncio
import json

import pytest

from chassis.http.serving import served, server_config


async def _nobody(_scope, _receive, _send):
    raise AssertionError("the application has nothing to do with it")


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
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n610999197403123010",
    ],
    ids=["TLS", "endless address", "two lengths", "negative length"],
)
async def test_what_is_no_http_is_refused_by_a_problem(sent):
    async with served(server_config(_nobody, host="127.0.0.1", port=0, lifespan="off")) as server:
        port = server.servers[0].sockets[0].getsockname()[1]
        status, headers, body = await _answer_of(port, sent)
    assert status == "HTTP/1.1 400 Bad Request"
    assert (headers["content-type"], headers["connection"]) == ("application/problem+json", "close")
    told = json.loads(body)
    assert (told["code"], told["status"], told["errors"]) == ("malformed_request", 400, [])
    assert "610999" not in body.decode()
