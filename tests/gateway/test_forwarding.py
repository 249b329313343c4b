"""Headers end, pass, or are made at the gateway, as RFC 9110 and RFC 7239 say."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from chassis.errors import MalformedRequest
from gateway.errors import HeadersTooLarge
from gateway.forwarding import check_host, handed_back, outgoing
from tests.gateway.running import Recorder, gateway, service

LIMITS = {"bytes_max": 1000, "fields_max": 12}


def request(*headers, client="192.0.2.7", scheme="http"):
    return {"headers": list(headers), "client": (client, 1) if client else None, "scheme": scheme}


def sent(*headers, trusted=(), **scope):
    return dict(outgoing(request(*headers, **scope), trusted=[ip_network(n) for n in trusted], **LIMITS).headers)


@pytest.mark.parametrize(
    "name",
    ["connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade", "expect"],
)
def test_what_belongs_to_one_connection_is_not_sent_on(name):
    assert name.encode() not in sent((name.encode(), b"x"), (b"accept", b"y"))


def test_headers_that_connection_names_are_not_sent_on_but_the_length_always_is():
    headers = sent((b"connection", b"close, X-Secret , content-length"), (b"x-secret", b"1"), (b"content-length", b"4"))
    assert b"x-secret" not in headers
    assert headers[b"content-length"] == b"4"


def test_who_the_client_is_is_said_by_us_not_by_the_client():
    headers = sent(
        (b"x-forwarded-for", b"203.0.113.1"),
        (b"forwarded", b"for=203.0.113.1;proto=https"),
        (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-host", b"evil"),
        (b"x-real-ip", b"203.0.113.1"),
    )
    assert headers == {
        b"forwarded": b"for=192.0.2.7;proto=http",
        b"x-forwarded-for": b"192.0.2.7",
        b"x-forwarded-proto": b"http",
        b"via": b"1.1 xianjie",
    }


def test_our_own_proxies_are_believed_as_far_as_the_first_stranger():
    claim = (b"x-forwarded-for", b"203.0.113.66, 198.51.100.9, 10.0.0.5")
    headers = sent(claim, (b"x-forwarded-proto", b"https"), trusted=["10.0.0.0/8"], client="10.0.0.1")
    assert headers[b"x-forwarded-for"] == b"198.51.100.9"
    assert headers[b"forwarded"] == b"for=198.51.100.9;proto=https"


@pytest.mark.parametrize("claim", [b"not an address", b"", b"1.2.3.4:80, \xff", b"unknown, 999.1.1.1"])
def test_a_claim_that_is_no_address_leaves_the_nearest_one_that_is(claim):
    headers = sent((b"x-forwarded-for", claim), trusted=["10.0.0.0/8"], client="10.0.0.1")
    assert headers[b"x-forwarded-for"] == b"10.0.0.1"


def test_an_ipv6_client_is_quoted():
    assert sent(client="2001:db8::1")[b"forwarded"] == b'for="[2001:db8::1]";proto=http'


def test_a_client_on_a_unix_socket_is_unknown():
    headers = sent(client=None)
    assert headers[b"forwarded"] == b"for=unknown;proto=http"
    assert b"x-forwarded-for" not in headers


def test_too_many_or_too_long_headers_are_refused():
    with pytest.raises(HeadersTooLarge):
        sent(*[(b"a%d" % n, b"") for n in range(13)])
    with pytest.raises(HeadersTooLarge):
        sent((b"a", b"x" * 1000))
    assert sent((b"a", b"x" * 999))[b"a"] == b"x" * 999


@pytest.mark.parametrize(
    "headers",
    [
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"chunked"), (b"content-length", b"3")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"+1")],
        [(b"content-length", b"1, 1")],
        [(b"content-length", b"9" * 16)],
    ],
)
def test_a_body_framed_in_an_unclear_way_is_refused(headers):
    with pytest.raises(MalformedRequest):
        sent(*headers)


def test_the_body_is_announced_as_the_client_did():
    def length(*headers):
        return outgoing(request(*headers), trusted=(), **LIMITS).body_bytes

    assert length() is None
    assert length((b"content-length", b"0")) == 0
    assert length((b"content-length", b"12")) == 12
    assert length((b"transfer-encoding", b"Chunked")) == -1


@pytest.mark.parametrize("host", [b"a", b"127.0.0.1:8000", b"[::1]:8000", b"county.example", b"a_b-c.d"])
def test_a_host_is_taken(host):
    check_host([(b"host", host)], "1.1")


@pytest.mark.parametrize(
    "hosts", [[], [b"a", b"a"], [b""], [b"a/b"], [b"a@b"], [b"["], [b"a:port"], [b"a b"], [b"a\\b"], [b"a?b"]]
)
def test_no_host_two_hosts_or_none_that_is_one_are_refused(hosts):
    with pytest.raises(MalformedRequest):
        check_host([(b"host", host) for host in hosts], "1.1")


def test_an_old_client_needs_no_host():
    check_host([], "1.0")
    with pytest.raises(MalformedRequest):
        check_host([(b"host", b"a"), (b"host", b"b")], "1.0")


def test_an_answer_loses_what_belongs_to_the_services_connection():
    given = [(b"Connection", b"X-Hop"), (b"X-Hop", b"1"), (b"Transfer-Encoding", b"chunked"), (b"ETag", b'"1"'),
             (b"traceresponse", b"t"), (b"Content-Length", b"5")]  # fmt: skip
    assert handed_back(given, 200) == ([(b"etag", b'"1"'), (b"content-length", b"5")], 5)
    assert handed_back([(b"content-length", b"5")], 304) == ([], None)


async def test_host_and_connection_of_the_client_end_at_the_gateway():
    stub = Recorder()
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        await running.client.get("/v1/monitoring/x", headers={"Host": "county.example", "Authorization": "Bearer t"})
    assert stub.sent[b"host"] == address.removeprefix("http://").encode()
    assert stub.sent[b"authorization"] == b"Bearer t"
    assert stub.sent[b"x-forwarded-for"] == b"127.0.0.1"
    assert stub.sent[b"via"] == b"1.1 xianjie"


async def test_a_trace_goes_on_and_another_is_started():
    stub = Recorder(headers=[(b"traceresponse", b"00-" + b"b" * 32 + b"-" + b"b" * 16 + b"-01")])
    trace = "a" * 32
    given = {"traceparent": f"00-{trace}-{'1' * 16}-01", "tracestate": "v=1"}
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        answer = await running.client.get("/v1/monitoring/x", headers=given)
        continued = stub.sent
        await running.client.get("/v1/monitoring/x", headers={"traceparent": "rubbish", "tracestate": "v=1"})
        begun = stub.sent
    assert continued[b"traceparent"].decode().split("-")[1] == trace
    assert continued[b"traceparent"] != given["traceparent"].encode()
    assert continued[b"tracestate"] == b"v=1"
    assert answer.headers.get_list("traceresponse") == [continued[b"traceparent"].decode()]
    assert begun[b"traceparent"].decode().split("-")[1] not in (trace, "rubbish")
    assert b"tracestate" not in begun


async def test_cookies_of_one_client_are_not_sent_for_the_next():
    stub = Recorder(headers=[(b"set-cookie", b"session=1")])
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        await running.client.get("/v1/monitoring/x")
        running.client.cookies.clear()
        await running.client.get("/v1/monitoring/x")
    assert b"cookie" not in stub.sent


async def test_a_bad_host_is_a_problem_and_reaches_no_service():
    stub = Recorder()
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        for path in (b"/v1/monitoring/x", b"/v1/problems"):
            answer = await running.raw(b"GET %b HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n" % path)
            assert answer.startswith(b"HTTP/1.1 400")
            assert b'"code":"malformed_request"' in answer
    assert stub.requests == []


async def test_headers_over_the_limit_are_a_problem():
    async with service(Recorder()) as address, gateway({"monitoring": address}, header_bytes_max=2000) as running:
        answer = await running.client.get("/v1/monitoring/x", headers={"X-Long": "x" * 2000})
    assert (answer.status_code, answer.json()["code"]) == (431, "headers_too_large")
