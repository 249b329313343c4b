"""Serve what a service says of its operations and its events, for whoever joins the services' documents."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.events.asyncapi import asyncapi
from chassis.heap import give_back
from chassis.http.kept_answers import KeptAnswer
from chassis.service import Service


def documents_router(service: Service, openapi: Callable[[], dict[str, Any]]) -> APIRouter:
    """``/openapi.json`` and ``/asyncapi.json`` of one service, each made at the first request and kept.

    :param openapi: makes the document of its operations.
    """
    router = APIRouter(include_in_schema=False)

    @cache
    def operations() -> KeptAnswer:
        made = _kept(openapi())
        give_back()  # hundreds of models were described, and tens of megabytes are free again
        return made

    @cache
    def events() -> KeptAnswer:
        return _kept(asyncapi(service.events))

    @router.get("/openapi.json")
    async def read_openapi(request: Request) -> Response:
        return operations().respond(request)

    @router.get("/asyncapi.json")
    async def read_asyncapi(request: Request) -> Response:
        return events().respond(request)

    return router


def _kept(document: dict[str, Any]) -> KeptAnswer:
    return KeptAnswer(orjson.dumps(document), "application/json")
