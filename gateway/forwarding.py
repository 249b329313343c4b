"""Turn the headers of one side of the gateway into those of the other (RFC 9110 section 7.6, RFC 7239).

What belongs to one connection ends here. Who the client is, is said by us: claims of the client itself are dropped,
and believed only if they come from one of our own proxies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from starlette.types import Scope

from chassis.errors import Fault, MalformedRequest, Message
from chassis.http.trace import trace_id_of, traceparent_of
from gateway.errors import HeadersTooLarge

Header = tuple[bytes, bytes]
Networks = Sequence[IPv4Network | IPv6Network]

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_CLAIMS: Final = frozenset(
    {
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"x-forwarded-server",
        b"x-real-ip",
    }
)
_NOT_SENT_ON: Final = _HOP_BY_HOP | _CLAIMS | {b"expect", b"host", b"traceparent", b"tracestate", b"via"}
_NOT_HANDED_BACK: Final = _HOP_BY_HOP | {b"traceresponse"}
_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")
_PROXIES_MAX: Final = 20
_VIA: Final = b"1.1 xianjie"
_BODILESS_STATUS: Final = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes to the upstream, and how long a body comes with it: None without one, -1 if it is not announced."""

    headers: list[Header]
    body_bytes: int | None


def check_host(headers: Iterable[Header], http_version: str) -> None:
    """RFC 9112 section 3.2: exactly one well-formed ``Host``.

    :raises MalformedRequest: if there is none, more than one, or one that is no host.
    """
    hosts = [value for name, value in headers if name == b"host"]
    if (len(hosts) == 1 and _HOST.fullmatch(hosts[0])) or (not hosts and http_version == "1.0"):
        return
    raise MalformedRequest(
        faults=[Fault("host", "host", Message("请带上一个正确的 Host 头。", "Send one well-formed Host header."))]
    )


def outgoing(scope: Scope, *, bytes_max: int, fields_max: int, trusted: Networks) -> Outgoing:
    """The headers for the upstream.

    :raises HeadersTooLarge: if there are too many, or too long.
    :raises MalformedRequest: if the body is framed in a way that we do not read.
    """
    given: list[Header] = scope["headers"]
    if len(given) > fields_max or sum([len(name) + len(value) for name, value in given]) > bytes_max:
        raise HeadersTooLarge
    kept: list[Header] = []
    set_aside: dict[bytes, bytes] = {}
    body_bytes: int | None = None
    for header in given:
        name, value = header
        if name in _NOT_SENT_ON:
            set_aside[name] = b"%b, %b" % (set_aside[name], value) if name in set_aside else value
            continue
        if name == b"content-length":
            body_bytes = _length(value)
        kept.append(header)
    if set_aside.get(b"connection", b"keep-alive") != b"keep-alive":
        kept = _without_nominated(kept, set_aside[b"connection"])
    if b"transfer-encoding" in set_aside:
        if set_aside[b"transfer-encoding"].lower() != b"chunked" or body_bytes is not None:
            raise MalformedRequest
        body_bytes = -1
        kept.append((b"transfer-encoding", b"chunked"))
    kept += _client_headers(*_client(scope, set_aside, trusted))
    kept.append((b"via", b"%b, %b" % (set_aside[b"via"], _VIA) if b"via" in set_aside else _VIA))
    kept += _trace(scope, set_aside)
    return Outgoing(kept, body_bytes)


def handed_back(headers: Iterable[Header], status: int) -> tuple[list[Header], int | None]:
    """The headers for the client, names in lower case, and the announced length of the body."""
    kept: list[Header] = []
    nominated: bytes | None = None
    length: int | None = None
    for raw, value in headers:
        name = raw.lower()
        if name in _NOT_HANDED_BACK:
            if name == b"connection" and value.lower() not in (b"close", b"keep-alive"):
                nominated = value
            continue
        if name == b"content-length":
            if status in _BODILESS_STATUS:
                continue
            length = int(value)
        kept.append((name, value))
    if nominated is not None:
        kept = _without_nominated(kept, nominated)
    return kept, length


def _length(value: bytes) -> int:
    if not value.isdigit() or len(value) > 15:
        raise MalformedRequest
    return int(value)


def _without_nominated(headers: list[Header], connection: bytes) -> list[Header]:
    # The length is ours to keep right: nobody may have it dropped and the body read as the next request.
    nominated = {token.strip().lower() for token in connection.split(b",")} - {b"content-length"}
    return [header for header in headers if header[0] not in nominated]


def _trace(scope: Scope, set_aside: dict[bytes, bytes]) -> list[Header]:
    parent = traceparent_of(scope)
    if parent is None:
        return []
    headers = [(b"traceparent", parent.encode())]
    # W3C Trace Context: the vendors' part is void without the trace that it belongs to.
    is_continued = set_aside.get(b"traceparent", b"")[3:35].decode("latin-1") == trace_id_of(scope)
    if is_continued and b"tracestate" in set_aside:
        headers.append((b"tracestate", set_aside[b"tracestate"]))
    return headers


def _client(scope: Scope, claims: dict[bytes, bytes], trusted: Networks) -> tuple[str | None, str]:
    """Address and scheme of the client: the peer, or whom our own proxies name."""
    address: str | None = scope["client"][0] if scope.get("client") else None
    scheme: str = scope.get("scheme", "http")
    if not trusted or address is None or not _is_in(address, trusted):
        return address, scheme
    claimed = claims.get(b"x-forwarded-proto", b"").decode("latin-1").strip()
    named = claims.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
    for entry in reversed(named[-_PROXIES_MAX:]):
        candidate = _address(entry)
        if candidate is None:
            break
        address = candidate
        if not _is_in(candidate, trusted):
            break
    return address, claimed if claimed in ("http", "https") else scheme


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None


def _is_in(address: str, networks: Networks) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


@lru_cache(maxsize=1024)
def _client_headers(address: str | None, scheme: str) -> tuple[Header, ...]:
    proto = scheme.encode("ascii", "replace")
    if address is None or _address(address) is None:  # a Unix socket has no address to tell
        return ((b"forwarded", b"for=unknown;proto=" + proto), (b"x-forwarded-proto", proto))
    plain = address.encode("ascii", "replace")
    node = b'"[%b]"' % plain if b":" in plain else plain
    return (
        (b"forwarded", b"for=%b;proto=%b" % (node, proto)),
        (b"x-forwarded-for", plain),
        (b"x-forwarded-proto", proto),
    )
