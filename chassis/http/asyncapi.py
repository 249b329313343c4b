"""Serve what a service says of its events, for whoever joins the services' documents."""

from __future__ import annotations

import json
from functools import cache

from fastapi import APIRouter
from starlette.responses import Response

from chassis.events.asyncapi import asyncapi
from chassis.service import Service


def asyncapi_router(service: Service) -> APIRouter:
    """``/asyncapi.json`` of one service."""
    router = APIRouter(include_in_schema=False)

    @cache
    def document() -> bytes:
        return json.dumps(asyncapi(service.events), ensure_ascii=False).encode()

    @router.get("/asyncapi.json")
    async def read_asyncapi() -> Response:
        return Response(document(), media_type="application/json")

    return router
