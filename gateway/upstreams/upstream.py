"""Exchange one request with one service: bounded in connections, waiting and time, repeated only where that is safe.

This is the one module that knows httpx. It uses httpx's transport, not its client: a client shared by all users
would keep cookies, follow redirects, add headers of its own and rewrite the path.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from chassis.errors import MalformedRequest
from gateway.errors import UpstreamBroken, UpstreamTimedOut
from gateway.settings import Address, GatewaySettings
from gateway.upstreams.breaker import Breaker
from gateway.upstreams.problems import UpstreamBusy, UpstreamDown

Header = tuple[bytes, bytes]
Body = AsyncIterable[bytes]

CONNECT_PAUSES_SECONDS: Final = (0.05, 0.2)
"""Before the second and third try to connect; nothing has been sent by then, so any method may be tried again."""

_REPEATABLE: Final = frozenset({"GET", "HEAD"})
_RETRY_AFTER_SECONDS: Final = 2
_FAILURES: Final = (UpstreamDown, UpstreamBroken, UpstreamTimedOut)


class _Stream(httpx.AsyncByteStream):
    def __init__(self, body: Body) -> None:
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._body.__aiter__()


class _NoBody(httpx.AsyncByteStream):
    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


_NO_BODY: Final = _NoBody()


class Answer:
    """What a service answers: the head is here, the body comes piece by piece. Close it, read to the end or not."""

    __slots__ = ("_is_closed", "_release", "_response", "headers", "status")

    def __init__(self, response: httpx.Response, release: Callable[[], None]) -> None:
        self._response = response
        self._release = release
        self._is_closed = False
        self.status = response.status_code
        self.headers: Sequence[Header] = response.headers.raw

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The body as it was sent, not decompressed.

        :raises UpstreamBroken: if it ends early.
        :raises UpstreamTimedOut: if the next piece does not come in time.
        """
        assert isinstance(self._response.stream, httpx.AsyncByteStream)
        try:
            async for piece in self._response.stream:
                yield piece
        except httpx.TimeoutException:
            raise UpstreamTimedOut from None
        except httpx.TransportError:
            raise UpstreamBroken from None

    async def aclose(self) -> None:
        """Give the connection back; one that was not read to its end is closed."""
        assert isinstance(self._response.stream, httpx.AsyncByteStream)
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self._response.stream.aclose()
        finally:
            self._release()


@dataclass(frozen=True, slots=True)
class Document:
    """A small answer as a whole; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Upstream:
    """One service. For one event loop; :meth:`aclose` it when the loop ends."""

    def __init__(self, name: str, address: Address, settings: GatewaySettings, breaker: Breaker) -> None:
        self.name = name
        self.breaker = breaker
        self._url = httpx.URL(address.origin)
        self._host = (b"host", self._url.netloc)
        self._slots = asyncio.Semaphore(settings.connections_max)
        # Apart, so that phones on a poor link, which send for minutes, keep nobody else from the service.
        self._incoming = asyncio.Semaphore(settings.incoming_max)
        # One connection each, the last used on top. A pool of httpcore's looks at all its connections, one by one and
        # with a system call each, twice for every request; and a request that is cancelled while it waits in such a
        # pool's own queue can leave a connection behind that is never used nor closed.
        self._free: list[httpx.AsyncHTTPTransport] = []
        self._trust = _trust(address, settings)
        self._socket = address.socket
        self._limits = httpx.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=settings.idle_connection_seconds
        )
        self._waiting = 0
        self._queue_max = settings.queue_max
        self._queue_seconds = settings.queue_seconds_max
        self._phases = {
            "connect": settings.connect_seconds_max,
            "pool": settings.queue_seconds_max,
            "write": settings.send_seconds_max,
            "read": settings.answer_seconds_max,
        }

    async def exchange(
        self,
        method: str,
        target: bytes,
        headers: list[Header],
        body: Body | None = None,
        *,
        is_incoming: bool = False,
    ) -> Answer:
        """Send a request as it is, and return once the head of the answer is there.

        :param target: path and query, sent byte for byte.
        :param headers: without ``Host``; with ``Content-Length`` or ``Transfer-Encoding`` if there is a body.
        :param body: read once, at the upstream's pace. What it raises is raised here.
        :param is_incoming: whether the body comes at a client's pace.
        :raises UpstreamDown: nothing was sent; also while the breaker is open.
        :raises UpstreamBusy: nothing was sent; all connections are in use.
        :raises UpstreamBroken: the connection ended without an answer.
        :raises UpstreamTimedOut: no answer in time.
        :raises MalformedRequest: the request cannot be put on the wire, such as a header with a line break.
        """
        if not self.breaker.admit():
            raise UpstreamDown(self.name, retry_after_seconds=self.breaker.rest_left())
        return await self._exchange(method, target, headers, body, self._incoming if is_incoming else self._slots)

    async def fetch(self, target: bytes, headers: list[Header], *, bytes_max: int, seconds_max: float) -> Document:
        """GET a document of the service itself; goes out even while the breaker is open, so that it notices a return.

        :raises DomainError: as :meth:`exchange`; ``UpstreamBroken`` also if the document is too large.
        """
        answer: Answer | None = None
        body = bytearray()
        try:
            async with asyncio.timeout(seconds_max):
                answer = await self._exchange("GET", target, headers, None, self._slots)
                async for piece in answer:
                    body += piece
                    if len(body) > bytes_max:
                        raise UpstreamBroken
        except TimeoutError:
            raise UpstreamTimedOut from None
        finally:
            if answer is not None:
                await answer.aclose()  # out of the timeout's reach: a half-closed stream would keep its place for ever
        read = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        return Document(answer.status, read, bytes(body))

    async def aclose(self) -> None:
        """Close what is kept open; an exchange under way ends by itself."""
        while self._free:
            await self._free.pop().aclose()

    async def _exchange(
        self, method: str, target: bytes, headers: list[Header], body: Body | None, slots: asyncio.Semaphore
    ) -> Answer:
        request = httpx.Request(
            method,
            self._url,
            headers=[self._host, *headers],
            stream=_NO_BODY if body is None else _Stream(body),
            extensions={"timeout": self._phases, "target": target},
        )
        try:
            await self._take_slot(slots)
            try:
                transport = self._free.pop() if self._free else self._open()
                try:
                    response = await self._answer(
                        transport, request, is_repeatable=body is None and method in _REPEATABLE
                    )
                except BaseException:
                    await transport.aclose()
                    raise
            except BaseException:
                slots.release()
                raise
        except _FAILURES:
            self.breaker.failed()
            raise
        except BaseException:
            self.breaker.abandoned()
            raise
        self.breaker.succeeded()
        return Answer(response, lambda: self._give_back(transport, slots))

    def _open(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(verify=self._trust, trust_env=False, uds=self._socket, limits=self._limits)

    def _give_back(self, transport: httpx.AsyncHTTPTransport, slots: asyncio.Semaphore) -> None:
        self._free.append(transport)
        slots.release()

    async def _take_slot(self, slots: asyncio.Semaphore) -> None:
        if not slots.locked():
            await slots.acquire()  # at once
            return
        if self._waiting >= self._queue_max:
            raise UpstreamBusy(self.name, retry_after_seconds=self._queue_seconds)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._queue_seconds):
                await slots.acquire()
        except TimeoutError:
            raise UpstreamBusy(self.name, retry_after_seconds=self._queue_seconds) from None
        finally:
            self._waiting -= 1

    async def _answer(
        self, transport: httpx.AsyncHTTPTransport, request: httpx.Request, *, is_repeatable: bool
    ) -> httpx.Response:
        pauses = iter(CONNECT_PAUSES_SECONDS)
        while True:
            try:
                return await transport.handle_async_request(request)
            except httpx.ConnectError:
                pause = next(pauses, None)
                if pause is None:
                    raise UpstreamDown(self.name, retry_after_seconds=_RETRY_AFTER_SECONDS) from None
                await asyncio.sleep(pause)
            except (httpx.ConnectTimeout, httpx.PoolTimeout):
                raise UpstreamDown(self.name, retry_after_seconds=_RETRY_AFTER_SECONDS) from None
            except httpx.TimeoutException:
                raise UpstreamTimedOut(headers={"Retry-After": str(_RETRY_AFTER_SECONDS)}) from None
            except httpx.LocalProtocolError:
                raise MalformedRequest from None
            except httpx.TransportError:
                # A kept connection may be closed by the service just as we use it; reading twice harms nobody.
                if not is_repeatable:
                    raise UpstreamBroken(headers={"Retry-After": str(_RETRY_AFTER_SECONDS)}) from None
                is_repeatable = False


def _trust(address: Address, settings: GatewaySettings) -> ssl.SSLContext:
    if address.origin.startswith("https:"):
        return ssl.create_default_context(cafile=settings.upstream_ca_file)
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; trusts nobody and costs no reading of certificates
