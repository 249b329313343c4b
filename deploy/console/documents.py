"""Write the documents that are products: the APIs and the events."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from chassis.events import schemas
from chassis.events.asyncapi import asyncapi as asyncapi_of
from chassis.main import openapi_document
from deploy.console.saying import out
from deploy.embedded.installation import PROGRAMS, SERVICES
from gateway.app import create_gateway, own_document
from gateway.contract_document.contract import INFO
from gateway.contract_document.join import OWN, join
from gateway.settings import GatewaySettings

PLATFORM: Final = "xianjie"
"""The name of the document that clients get from the gateway."""

Folder = Annotated[Path | None, typer.Option("--write", help="写入此目录 / write into this folder", file_okay=False)]


def openapi(write: Folder = None) -> None:
    """接口文档 / the API documents of every service, of the gateway, and of the whole platform (OpenAPI 3.1)."""
    for name, text in api_texts().items():
        if write is None:
            out.print(text, markup=False)
        else:
            write.mkdir(parents=True, exist_ok=True)
            (write / f"{name}.json").write_text(text, "utf-8")


def api_texts() -> dict[str, str]:
    """Every API document as it is committed, by its name; the same code gives the same text on any machine."""
    return {name: _written(document) for name, document in api_documents().items()}


@cache
def api_documents() -> dict[str, dict[str, Any]]:
    """The document of each service, of the gateway, and what the gateway joins them to for clients, ``xianjie``.

    No program runs for it, so no address is in it, nor the sign-in that embedded mode alone offers.
    """
    services = {service.name: openapi_document(service) for service in SERVICES}
    settings = GatewaySettings(upstreams={name: f"unix:/nowhere/{name}.sock" for name in services})
    gateway = own_document(create_gateway(settings).own)
    whole = join({OWN: gateway, **services}, info=INFO, servers=[{"url": "/"}])
    return {**services, OWN: gateway, PLATFORM: whole}


def asyncapi(
    write: Annotated[
        Path | None, typer.Option("--write", help="写入此文件 / write to this file", dir_okay=False)
    ] = None,
) -> None:
    """事件文档 / the document of every service's events (AsyncAPI 3.0)."""
    if write is None:
        out.print(asyncapi_text(), markup=False)
    else:
        write.parent.mkdir(parents=True, exist_ok=True)
        write.write_text(asyncapi_text(), "utf-8")


def asyncapi_text() -> str:
    """The document as it is committed."""
    document = asyncapi_of(event for service in PROGRAMS for event in service.events)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def events(write: Annotated[Path, typer.Option("--write", file_okay=False)] = Path("docs/events")) -> None:
    """事件结构 / the schemas and examples of every event."""
    for path in schemas.write([event for service in PROGRAMS for event in service.events], write):
        out.print(str(path), markup=False)
