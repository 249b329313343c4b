"""Pass requests on to the services and their answers back, piece by piece, holding neither as a whole.

Plain ASGI: this is the path that every request of every client takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import structlog
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from chassis.errors import DomainError, Internal, MethodNotAllowed, TooLarge
from chassis.http.problems import problem_response
from gateway.client_watch import ClientWatch
from gateway.errors import ClientTooSlow, UpstreamTimedOut
from gateway.forwarding import handed_back, outgoing
from gateway.settings import GatewaySettings
from gateway.targets import target_of
from gateway.upstreams import Answer, Upstream, Upstreams

METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

_log = structlog.get_logger(__name__)
_PREFIX: Final = b"/v1/"
_LINGER_SECONDS: Final = 2.0
_LINGER_BYTES: Final = 4_194_304


class _ClientGone(Exception):
    """Nobody waits for an answer any more."""


class Relay:
    """The pass-through to every upstream."""

    def __init__(self, upstreams: Upstreams, settings: GatewaySettings) -> None:
        self._upstreams = {name.encode("ascii"): upstream for name, upstream in upstreams.items()}
        self._settings = settings
        self._upload_segments = frozenset(segment.encode("utf-8") for segment in settings.upload_segments)

    def upstream_for(self, raw_path: bytes) -> Upstream | None:
        """The service that ``/v1/<name>`` or anything below it belongs to."""
        if not raw_path.startswith(_PREFIX):
            return None
        return self._upstreams.get(raw_path[len(_PREFIX) :].partition(b"/")[0])

    async def relay(self, upstream: Upstream, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request from ``upstream``."""
        await _Exchange(self._settings, self._upload_segments, upstream, scope, receive, send).run()


class _Exchange:
    __slots__ = ("_body_is_read", "_is_started", "_receive", "_scope", "_send", "_settings", "_upload_segments",
                 "_upstream", "_watch")  # fmt: skip

    def __init__(
        self,
        settings: GatewaySettings,
        upload_segments: frozenset[bytes],
        upstream: Upstream,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._settings = settings
        self._upload_segments = upload_segments
        self._upstream = upstream
        self._scope = scope
        self._receive = receive
        self._send = send
        self._watch = ClientWatch(receive, seconds_max=settings.exchange_seconds_max)
        self._is_started = False
        self._body_is_read = True

    async def run(self) -> None:
        refusal: DomainError | None = None
        try:
            await self._pass_on()
        except _ClientGone:
            return
        except DomainError as error:
            refusal = error
        except asyncio.CancelledError:
            if not self._watch.caught():
                raise
            if self._watch.reason == "client_gone":
                return
            refusal = UpstreamTimedOut(headers={"Retry-After": "2"})
        except Exception as error:  # noqa: BLE001 - nothing lies further out that could answer as a problem
            # The type alone: an exception's text may quote the request.
            _log.error("relay_failed", service=self._upstream.name, error=type(error).__name__)
            refusal = Internal()
        finally:
            self._watch.close()
        if refusal is not None:
            await self._refuse(refusal)

    async def _pass_on(self) -> None:
        method = self._scope["method"]
        headers_of = outgoing(
            self._scope,
            bytes_max=self._settings.header_bytes_max,
            fields_max=self._settings.header_fields_max,
            trusted=self._settings.trusted_proxies,
        )
        self._body_is_read = not headers_of.body_bytes
        if method not in METHODS:
            raise MethodNotAllowed(headers={"Allow": ", ".join(METHODS)})
        target = target_of(self._scope, self._settings.target_bytes_max)
        body = None
        if self._body_is_read:
            self._watch.body_is_through()
        else:
            body = await self._body(headers_of.body_bytes or 0)
        # One that is read already comes at once; another one at its client's pace.
        answer = await self._upstream.exchange(
            method, target, headers_of.headers, body, is_incoming=not self._body_is_read
        )
        self._watch.body_is_through()  # also if the upstream answered without reading all of it
        try:
            await self._hand_back(answer)
        finally:
            self._watch.close()
            await answer.aclose()

    async def _body(self, announced: int) -> AsyncIterator[bytes]:
        """What the client sends: gathered first if it is small, so that a slow client takes no connection meanwhile.

        :raises TooLarge: at once if the announced length is over the limit.
        """
        settings = self._settings
        is_upload = not self._upload_segments.isdisjoint(self._scope["raw_path"].split(b"/"))
        bytes_max = settings.upload_bytes_max if is_upload else settings.body_bytes_max
        if announced > bytes_max:
            raise TooLarge
        pieces = self._pieces(bytes_max)
        if is_upload or self._is_awaiting or not 0 < announced <= settings.gathered_bytes_max:
            return pieces
        return _at_once(b"".join([piece async for piece in pieces]))

    @property
    def _is_awaiting(self) -> bool:
        """Whether the client waits for the word to go on before it sends its body."""
        return any(name == b"expect" for name, _ in self._scope["headers"])

    async def _pieces(self, bytes_max: int) -> AsyncIterator[bytes]:
        received = 0
        while not self._body_is_read:
            try:
                async with asyncio.timeout(self._settings.client_seconds_max):
                    message = await self._receive()
            except TimeoutError:
                raise ClientTooSlow from None
            if message["type"] == "http.disconnect":
                raise _ClientGone
            if self._watch.is_too_late:
                raise ClientTooSlow
            piece = message.get("body", b"")
            received += len(piece)
            if received > bytes_max:
                raise TooLarge
            self._body_is_read = not message.get("more_body", False)
            if piece:
                yield piece
        self._watch.body_is_through()

    async def _hand_back(self, answer: Answer) -> None:
        headers, left = handed_back(answer.headers, answer.status)
        self._is_started = True
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        is_first, is_whole = True, False
        async for piece in answer:
            if left is not None:
                left -= len(piece)
                is_whole = left == 0
            if is_whole:
                self._watch.close()
            message: Message = {"type": "http.response.body", "body": piece, "more_body": not is_whole}
            if is_first:
                is_first = False
                await self._send(message)
            else:
                await self._send_in_time(message)
        if not is_whole:
            self._watch.close()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_in_time(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._settings.client_seconds_max):
                await self._send(message)
        except TimeoutError:
            _log.warning("client_takes_no_answer", service=self._upstream.name)
            raise _ClientGone from None

    async def _refuse(self, error: DomainError) -> None:
        if error.status >= 500:
            _log.warning("relay_refused", service=self._upstream.name, code=error.code, is_started=self._is_started)
        if self._is_started:
            return  # an answer cut short is seen as such by the client: the server closes the connection
        response = problem_response(Request(self._scope), error)
        if self._body_is_read:
            await response(self._scope, self._receive, self._send)
            return
        headers = [*response.raw_headers, (b"connection", b"close")]
        await self._send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await self._send({"type": "http.response.body", "body": response.body, "more_body": True})
        if not self._is_awaiting and not isinstance(error, ClientTooSlow):
            await self._linger()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _linger(self) -> None:
        """Take a little more of a body that nobody wants: closing at once resets a client before it reads why."""
        left = _LINGER_BYTES
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                while left > 0:
                    message = await self._receive()
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        return
                    left -= len(message.get("body", b""))
        except TimeoutError:
            return


async def _at_once(body: bytes) -> AsyncIterator[bytes]:
    yield body
