"""Fetch the services' own documents, of their APIs or events, and keep the last good copy of one that is down."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import orjson
import structlog

from chassis.errors import DomainError
from gateway.upstreams import Document, Upstream

State = Literal["current", "last_good", "missing"]
Kind = Literal["openapi", "asyncapi"]
DOCUMENT_BYTES_MAX: Final = 16_777_216

_log = structlog.get_logger(__name__)


class _Needed(NamedTuple):
    """What a document of a kind must have to be joined with others."""

    name: str
    version: str
    parts: tuple[str, ...]


_NEEDED: Final[dict[Kind, _Needed]] = {
    "openapi": _Needed("OpenAPI 3.1", "3.1.", ("paths",)),
    "asyncapi": _Needed("AsyncAPI 3.0", "3.0.", ("channels", "operations", "components")),
}


@dataclass(frozen=True, slots=True)
class Copy:
    """A service's document as it was when it was fetched; kept as text, since objects take many times its room."""

    body: bytes
    digest: str
    etag: str | None

    @property
    def document(self) -> dict[str, Any]:
        """The document itself, read anew each time."""
        document: dict[str, Any] = orjson.loads(self.body)
        return document


class Source:
    """One document of one service.

    :param document: ``openapi`` or ``asyncapi``: its name, and the key under which it tells its version.
    :param first_seconds_max: how long to wait while there is no copy. A service makes its document when it is first
        asked; a reader who waits is served better than one who gets a document without it.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        fresh_seconds: float,
        seconds_max: float,
        first_seconds_max: float,
        monotonic: Callable[[], float],
        document: Kind = "openapi",
    ) -> None:
        self._document: Final = document
        self.name = upstream.name
        self.copy: Copy | None = None
        self.state: State = "missing"
        self._upstream = upstream
        self._fresh_seconds = fresh_seconds
        self._seconds_max = seconds_max
        self._first_seconds_max = first_seconds_max
        self._monotonic = monotonic
        self._asked_at = float("-inf")

    @property
    def is_due(self) -> bool:
        return self._monotonic() - self._asked_at >= self._fresh_seconds

    async def refresh(self) -> None:
        """Ask the service, unless that was done lately; afterwards ``copy`` and ``state`` are as good as can be had."""
        if not self.is_due:
            return
        headers = [(b"accept", b"application/json"), (b"accept-encoding", b"identity")]
        if self.copy is not None and self.copy.etag is not None:
            headers.append((b"if-none-match", self.copy.etag.encode("latin-1")))
        try:
            answer = await self._upstream.fetch(
                f"/v1/{self.name}/{self._document}.json".encode("ascii"),
                headers,
                bytes_max=DOCUMENT_BYTES_MAX,
                seconds_max=self._first_seconds_max if self.copy is None else self._seconds_max,
            )
            self._take(answer)
        except (DomainError, ValueError) as error:
            self.state = "missing" if self.copy is None else "last_good"
            reason = error.code if isinstance(error, DomainError) else str(error)
            _log.warning(
                "service_document_not_fetched", service=self.name, kind=self._document, reason=reason, state=self.state
            )
        self._asked_at = self._monotonic()

    def _take(self, answer: Document) -> None:
        """
        :raises ValueError: if that is no such document.
        """
        if answer.status != 304 or self.copy is None:
            if answer.status != 200:
                raise ValueError(f"answered {answer.status}")
            self.copy = _read(answer, self._document)
        self.state = "current"


def _read(answer: Document, kind: Kind) -> Copy:
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise ValueError("answered no JSON") from None
    needed = _NEEDED[kind]
    version = document.get(kind) if isinstance(document, dict) else None
    if (
        not isinstance(version, str)
        or not version.startswith(needed.version)
        or any(not isinstance(document.get(part), dict) for part in needed.parts)
    ):
        raise ValueError(f"answered no {needed.name} document")
    return Copy(answer.body, hashlib.sha256(answer.body).hexdigest(), answer.headers.get("etag"))


async def refresh(sources: list[Source]) -> None:
    """Refresh all at once."""
    await asyncio.gather(*(source.refresh() for source in sources))
