"""A path is passed on byte for byte, or refused; never rewritten."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import AddressTooLong, PathRefused
from gateway.targets import target_of
from tests.gateway.running import Recorder, gateway, service

BASE = b"/v1/monitoring/"
MISREAD = [
    b"../x", b"a/../../funds/x", b"..", b".", b"a/./b", b"a/..", b"%2e%2e/x", b"%2E./x", b".%2e", b"a/%2e/b",
    b"..;/x", b"a/..;v=1/x", b"%2e%2e%3b/x", b".;/x",
    b"%2f", b"a%2Fb", b"..%2fx", b"%5c", b"..%5Cx", b"a\\b", b"%252e%252e/x", b"a%25b", b"a//b", b"//",
    b"%00", b"a%00.json", b"%0d%0aX:1", b"%0a", b"%7f", b"%c2%85", b"%ff", b"%c0%ae%c0%ae/x", b"%e4%ba",
    b"%", b"%2", b"%zz", b"a%2", b"a b", b"a\tb", b"\xe4\xba\x91", b"a#b", b"a?b", b"a|b", b"a{b}", b'a"b', b"a<b>",
    b"a^b", b"a`b", b"\x00", b"\x7f",
]  # fmt: skip
SOUND = [
    b"", b"households", b"households/", b"households/0197c0de-0000-7000-8000-000000000001", b"a.b", b"...", b"..a",
    b".well-known", b"a;v=1", b"a:b@c", b"~!$&'()*+,;=", b"%E4%BA%91%E5%B2%AD", b"a%20b", b"%2e%2e%2e", b"a%2eb",
]  # fmt: skip


def scope(path, query=b""):
    return {"raw_path": path, "query_string": query}


@pytest.mark.parametrize("tail", MISREAD)
def test_a_path_that_can_be_read_in_two_ways_is_refused(tail):
    with pytest.raises(PathRefused):
        target_of(scope(BASE + tail), 8192)


@pytest.mark.parametrize("tail", SOUND)
def test_a_sound_path_is_kept_as_it_is(tail):
    assert target_of(scope(BASE + tail, b"a=%2e%2e/%00&b="), 8192) == BASE + tail + b"?a=%2e%2e/%00&b="


@pytest.mark.parametrize("query", [b"a b", b"\xff", b"a\x00", b"\r\n"])
def test_a_query_with_raw_control_or_foreign_bytes_is_refused(query):
    with pytest.raises(PathRefused):
        target_of(scope(b"/v1/monitoring", query), 8192)


def test_an_address_over_the_limit_is_refused():
    assert target_of(scope(b"/" + b"a" * 98), 100)
    with pytest.raises(AddressTooLong):
        target_of(scope(b"/" + b"a" * 98, b"q"), 100)


@given(st.binary(max_size=40), st.binary(max_size=20))
def test_whatever_passes_is_unchanged_and_has_one_reading(tail, query):
    try:
        target = target_of(scope(BASE + tail, query), 8192)
    except PathRefused:
        return
    assert target == BASE + tail + (b"?" + query if query else b"")
    assert b"?" not in tail
    segments = tail.removesuffix(b"/").split(b"/")
    assert not {b".", b".."} & set(segments)
    assert not any(byte <= 0x20 or byte >= 0x7F for byte in target)


@pytest.mark.parametrize("tail", [b"a/../../funds/x", b"%2e%2e/funds/x", b"a%2fb", b"a%00", b"..;/x"])
async def test_traversal_is_a_problem_and_reaches_no_service(tail):
    stub = Recorder()
    async with service(stub) as address, gateway({"monitoring": address, "funds": address}) as running:
        answer = await running.raw(b"GET %b%b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % (BASE, tail))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"code":"path_refused"' in answer
    assert stub.requests == []


async def test_an_encoded_path_arrives_byte_for_byte():
    stub = Recorder()
    target = b"/v1/monitoring/%E4%BA%91%e5%b2%ad/a%20b;v=1/?q=%2F%2e&r=a+b&&="
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        await running.raw(b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % target)
    assert stub.requests[0]["raw_path"] + b"?" + stub.requests[0]["query_string"] == target


async def test_a_long_address_is_a_problem():
    async with service(Recorder()) as address, gateway({"monitoring": address}, target_bytes_max=200) as running:
        answer = await running.client.get("/v1/monitoring/x", params={"q": "x" * 200})
    assert (answer.status_code, answer.json()["code"]) == (414, "address_too_long")
