"""Write the documents that are products: the APIs and the events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from chassis.events import schemas
from chassis.events.asyncapi import asyncapi as asyncapi_of
from chassis.main import openapi_document
from deploy.console.saying import out
from deploy.embedded.installation import PROGRAMS, SERVICES

Folder = Annotated[Path | None, typer.Option("--write", help="写入此目录 / write into this folder", file_okay=False)]


def openapi(write: Folder = None) -> None:
    """接口文档 / the API documents of every service (OpenAPI 3.1)."""
    for service in SERVICES:
        text = json.dumps(openapi_document(service), ensure_ascii=False, indent=2) + "\n"
        if write is None:
            out.print(text, markup=False)
        else:
            write.mkdir(parents=True, exist_ok=True)
            (write / f"{service.name}.json").write_text(text, "utf-8")


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


def events(write: Annotated[Path, typer.Option("--write", file_okay=False)] = Path("docs/events")) -> None:
    """事件结构 / the schemas and examples of every event."""
    for path in schemas.write([event for service in PROGRAMS for event in service.events], write):
        out.print(str(path), markup=False)
