"""Serve what a service says of its operations and its events, for whoever joins the services' documents."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.events.asyncapi import asyncapi
from chassis.heap import give_back
from chassis.http.kept_answers import KeptAnswer
from chassis.service import Service

router = APIRouter(include_in_schema=False)


class Documents:
    """What one application says about itself, each made at the first request and kept.

    The application holds it, not a function within a route: FastAPI remembers functions of routes for the whole
    process, and with them whatever they close over.

    :param openapi: makes the document of its operations.
    """

    def __init__(self, service: Service, openapi: Callable[[], dict[str, Any]]) -> None:
        self._service = service
        self._openapi = openapi

    @cached_property
    def operations(self) -> KeptAnswer:
        made = _kept(self._openapi())
        give_back()  # hundreds of models were described, and tens of megabytes are free again
        return made

    @cached_property
    def events(self) -> KeptAnswer:
        return _kept(asyncapi(self._service.events))


@router.get("/openapi.json")
async def read_openapi(request: Request) -> Response:
    """The operations, as OpenAPI."""
    return _documents_of(request).operations.respond(request)


@router.get("/asyncapi.json")
async def read_asyncapi(request: Request) -> Response:
    """The events, as AsyncAPI."""
    return _documents_of(request).events.respond(request)


def _documents_of(request: Request) -> Documents:
    documents: Documents = request.app.state.documents
    return documents


def _kept(document: dict[str, Any]) -> KeptAnswer:
    return KeptAnswer(orjson.dumps(document), "application/json")
