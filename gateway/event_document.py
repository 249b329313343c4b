"""Serve one AsyncAPI document of the whole platform, made from what each service says of its events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.events.asyncapi import join
from chassis.http.kept_answers import KeptAnswer
from gateway.contract_document.sources import Source, refresh
from gateway.settings import GatewaySettings
from gateway.upstreams import Upstreams

_MEDIA_TYPE: Final = "application/json"


class EventDocument:
    """Joins the services' documents when asked, and again only if one of them has changed or gone.

    ``x-services`` in it tells for each service whether its part is ``current``, the ``last_good`` copy, or ``missing``.
    """

    def __init__(
        self, upstreams: Upstreams, settings: GatewaySettings, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._sources = [
            Source(
                upstream,
                fresh_seconds=settings.document_fresh_seconds,
                seconds_max=settings.document_seconds_max,
                first_seconds_max=settings.document_first_seconds_max,
                monotonic=monotonic,
                document="asyncapi",
            )
            for upstream in upstreams.values()
        ]
        self._joining = asyncio.Lock()
        self._known: tuple[object, KeptAnswer] | None = None

    async def current(self) -> KeptAnswer:
        """The document, with what each service said at most ``document_fresh_seconds`` ago."""
        async with self._joining:
            await refresh(self._sources)
            version = tuple((source.state, source.copy.digest if source.copy else "") for source in self._sources)
            if self._known is None or self._known[0] != version:
                document = join({source.name: source.copy.document for source in self._sources if source.copy})
                document["x-services"] = {source.name: {"state": source.state} for source in self._sources}
                self._known = (version, KeptAnswer(orjson.dumps(document), _MEDIA_TYPE))
            return self._known[1]


def events_router(events: EventDocument) -> APIRouter:
    """``/asyncapi.json``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/asyncapi.json")
    async def read_asyncapi(request: Request) -> Response:
        return (await events.current()).respond(request)

    return router
