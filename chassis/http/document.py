"""Write the OpenAPI document as a product: every operation named, its permission, headers and problems listed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from chassis.errors import DomainError, VersionMissing, VersionStale, catalogue
from chassis.http.answers import declared_answers, file_taken
from chassis.http.problems import CONTENT_TYPE, TYPE_PREFIX, by_status
from chassis.http.reference import is_reference
from chassis.http.switchboard import all_made
from chassis.http.unit_route import acting_of
from chassis.http.versioned import version_field

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `detail` says what to do, by Accept-Language; no input value is repeated.",
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/v1/problems/version_stale"]},
        "title": {"type": "string", "examples": [VersionStale.title.zh]},
        "status": {"type": "integer", "examples": [VersionStale.status]},
        "detail": {"type": "string", "examples": ["当前版本为 8，请刷新后重试。"]},
        "instance": {"type": "string", "description": "The path that was asked, without its query."},
        "code": {"type": "string", "examples": [VersionStale.code]},
        "trace_id": {"type": "string", "description": "Tell it to the administrator; the logs have it too."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "title": "Fault",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body, or a parameter's name."},
                    "code": {"type": "string", "examples": ["missing"]},
                    "message": {"type": "string", "examples": ["请填写此项。"]},
                },
            },
        },
    },
}

_CHASSIS: Final = Path(__file__).parents[1]


def document(app: FastAPI, *, code: Path | None = None) -> dict[str, Any]:
    """The program's OpenAPI 3.1 document.

    :param code: the folder of the program's own code, whose problems are listed beside the kernel's. What other code
        of the process has imported must not change what a program says of itself.
    """
    spec = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=all_made(app.router),
        separate_input_output_schemas=False,
    )
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = _PROBLEM
    spec["components"]["securitySchemes"] = {
        "signIn": {"type": "oauth2", "flows": {"password": {"tokenUrl": "/oauth2/token", "scopes": {}}}},
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
    for path, route in operations(app):
        for method in route.methods or ():
            operation = spec["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                _complete(operation, route, method)
    spec["x-problems"] = [entry(kind) for kind in catalogue() if _is_of(kind, code)]
    return spec


def operations(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Every documented route with its whole path; routers are included lazily, so ``app.routes`` does not tell."""
    for context in iter_route_contexts(all_made(app.router)):
        route = context.original_route
        if isinstance(route, APIRoute) and route.include_in_schema and context.path_format is not None:
            yield context.path_format, route


def entry(kind: type[DomainError]) -> dict[str, Any]:
    """One line of the catalogue of problems."""
    return {
        "type": TYPE_PREFIX + kind.code,
        "code": kind.code,
        "status": kind.status,
        "title": {"zh": kind.title.zh, "en": kind.title.en},
    }


def _is_of(kind: type[DomainError], code: Path | None) -> bool:
    defined_in = Path(sys.modules[kind.__module__].__file__ or "")
    if defined_in.is_relative_to(_CHASSIS):
        return not defined_in.is_relative_to(_CHASSIS / "testing")
    return code is not None and defined_in.is_relative_to(code)


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    _add_file(operation, route)
    answers: dict[str, list[type[DomainError]]] = {status: [] for status in ("404", "409", "422", "503")}
    if acting_of(route) is not None:
        answers |= {"401": [], "403": []}
    if "requestBody" in operation:
        answers |= {"400": [], "413": []}
    if getattr(route.endpoint, "needs_version", False) or getattr(route.endpoint, "takes_version", False):
        answers |= {"412": [VersionStale], "428": [VersionMissing]}
    answers |= declared_answers(route)
    _add_permission(operation, route)
    operation.setdefault("parameters", []).extend(_headers(route, method))
    responses = operation["responses"]
    if _may_be_unchanged(route):
        responses["304"] = {"description": "Unchanged since the ETag that If-None-Match names; no body."}
    # A refusal that the route declares itself gets its body like the others.
    answers |= {status: [] for status in responses if status.startswith("4") and status not in answers}
    for status in sorted(answers):
        responses[status] = _refusal(_said(status, answers[status]))
    responses["default"] = _refusal("Any other refusal")


def _add_permission(operation: dict[str, Any], route: APIRoute) -> None:
    acting = acting_of(route)
    if acting is not None:
        operation["security"] = [{"signIn": []}, {"bearer": []}]
        operation["x-permission"] = acting.permission.name
        operation["x-roles"] = sorted(acting.permission.roles)


def _headers(route: APIRoute, method: str) -> Iterator[dict[str, Any]]:
    acting = acting_of(route)
    if acting is not None:
        yield _header("Acting-As", "The assignment to act in; default: the only or main one.", "uuid")
    if acting is not None and acting.changes and method == "POST":
        yield _header("Idempotency-Key", "8 to 128 visible signs, kept 30 days; the same key and body replay.")
    if getattr(route.endpoint, "needs_version", False):
        yield _header("If-Match", "The ETag of the version that you read.", required=True)
    elif getattr(route.endpoint, "takes_version", False):
        yield _header("If-Match", "The ETag of the version that you read, to replace one; absent for the first.")
    if _may_be_unchanged(route):
        yield _header("If-None-Match", "The ETag of the answer that you have; 304 if it still holds.")


def _may_be_unchanged(route: APIRoute) -> bool:
    return is_reference(route.endpoint) or version_field(route) is not None


def _add_file(operation: dict[str, Any], route: APIRoute) -> None:
    """The body of an operation that takes a file: the file itself, or a form with it."""
    accepted = file_taken(route)
    if not accepted:
        return
    content: dict[str, Any] = {kind: {"schema": _file(kind)} for kind in accepted}
    form = {"type": "object", "required": ["file"], "properties": {"file": _file("application/octet-stream")}}
    operation["requestBody"] = {
        "required": False,
        "description": "The file itself, or a form with it as the part `file`; needed without `file_id`. "
        "Its content tells what it is.",
        "content": content | {"multipart/form-data": {"schema": form}},
    }


def _file(media: str) -> dict[str, Any]:
    return {"type": "string", "contentMediaType": media}


def _said(status: str, declared: Sequence[type[DomainError]]) -> str:
    usual = by_status(int(status))
    kinds = declared or ([usual] if usual else [])
    return " ".join(f"{kind.title.en} (`{kind.code}`)" for kind in kinds) or "Refused"


def _refusal(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _header(name: str, description: str, form: str | None = None, *, required: bool = False) -> dict[str, Any]:
    schema = {"type": "string"} | ({"format": form} if form else {})
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}
