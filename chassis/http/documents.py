"""Serve what a service says of its operations and its events, for whoever joins the services' documents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import orjson
import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.children import ChildFailed, answer_of
from chassis.errors import Internal, Message
from chassis.events.asyncapi import asyncapi
from chassis.http.kept_answers import KeptAnswer
from chassis.service import Service

SECONDS_MAX: Final = 120
ROUTES_MAX: Final = 100
"""Of how many routes a document is made here: less than importing the service once more would take."""

_JSON: Final = "application/json"

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger(__name__)


class DocumentFailed(Internal):
    code, status = "document_failed", 500
    title = Message("接口文档生成失败，请稍后再试。", "The document could not be made; try again later.")


class Documents:
    """What one application says about itself, each made at the first request and kept.

    The application holds it, not a function within a route: FastAPI remembers functions of routes for the whole
    process, and with them whatever they close over.

    :param openapi: makes the document of its operations. One of many routes is made by the service's own command line
        in a process of its own: it makes every route and describes every model, which here would hold up all
        requests for seconds and leave fifty megabytes behind.
    :param routes: how many there are.
    """

    def __init__(self, service: Service, openapi: Callable[[], dict[str, Any]], *, routes: int) -> None:
        self._service = service
        self._openapi = openapi
        self._apart = service.package if routes > ROUTES_MAX else None
        self._operations: KeptAnswer | None = None
        self._making = asyncio.Lock()

    async def operations(self) -> KeptAnswer:
        """
        :raises DocumentFailed: if its process failed.
        """
        async with self._making:
            if self._operations is None:
                self._operations = await self._made()
            return self._operations

    async def _made(self) -> KeptAnswer:
        if self._apart is None:
            return _kept(self._openapi())
        try:
            made = await answer_of(self._apart, "openapi", "--one-line", seconds_max=SECONDS_MAX)
        except ChildFailed as failed:
            _log.error("document.failed", service=self._service.name, reason=str(failed))
            raise DocumentFailed from None
        return KeptAnswer(made.rstrip(), _JSON)

    @cached_property
    def events(self) -> KeptAnswer:
        return _kept(asyncapi(self._service.events))


@router.get("/openapi.json")
async def read_openapi(request: Request) -> Response:
    """The operations, as OpenAPI."""
    return (await _documents_of(request).operations()).respond(request)


@router.get("/asyncapi.json")
async def read_asyncapi(request: Request) -> Response:
    """The events, as AsyncAPI."""
    return _documents_of(request).events.respond(request)


def _documents_of(request: Request) -> Documents:
    documents: Documents = request.app.state.documents
    return documents


def _kept(document: dict[str, Any]) -> KeptAnswer:
    return KeptAnswer(orjson.dumps(document), _JSON)
