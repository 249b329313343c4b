"""Serve the pages with a Content-Security-Policy that lets nothing in from elsewhere: a county has no internet."""

from __future__ import annotations

import mimetypes
from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.http.kept_answers import KeptAnswer
from gateway.errors import UnknownAddress

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_OURS: Final = files(__package__)
_SWAGGER: Final = files("fastapi_offline") / "static"
ASSETS: Final = {
    "docs.js": _OURS,
    "home.css": _OURS,
    "favicon.png": _SWAGGER,
    "swagger-ui.css": _SWAGGER,
    "swagger-ui-bundle.js": _SWAGGER,
}
"""File names under ``/docs/assets`` and the folder that each lies in."""

_PAGE_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_ASSET_SECONDS: Final = 3600


def pages_router(*, docs: bool) -> APIRouter:
    """``/`` and, if wanted, ``/docs``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def home(request: Request) -> Response:
        return _page("home.html").respond(request)

    @router.get("/docs/assets/{name}")
    async def asset(request: Request, name: str) -> Response:
        if name not in ASSETS:
            raise UnknownAddress
        return _asset(name).respond(request)

    if docs:

        @router.get("/docs")
        async def docs_page(request: Request) -> Response:
            return _page("docs.html").respond(request)

    return router


@cache
def _page(name: str) -> KeptAnswer:
    return KeptAnswer((_OURS / name).read_bytes(), "text/html; charset=utf-8", headers=_PAGE_HEADERS)


@cache
def _asset(name: str) -> KeptAnswer:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kept = {"Cache-Control": f"public, max-age={_ASSET_SECONDS}"}
    return KeptAnswer((ASSETS[name] / name).read_bytes(), media_type, headers=kept)
