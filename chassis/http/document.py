"""Write the OpenAPI document as a product: every operation named, its permission, headers and problems listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from chassis.errors import DomainError, catalogue
from chassis.http.problems import CONTENT_TYPE, TYPE_PREFIX
from chassis.http.switchboard import all_made
from chassis.http.unit_route import acting_of

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `detail` says what to do, by Accept-Language; no input value is repeated.",
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "trace_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "title": "Fault",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_ALWAYS: Final = {"401": "NotSignedIn", "403": "NotAllowed", "422": "InvalidInput", "503": "Unavailable"}


def document(app: FastAPI) -> dict[str, Any]:
    """The service's OpenAPI 3.1 document."""
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
    spec["x-problems"] = [entry(kind) for kind in catalogue()]
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


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    acting = acting_of(route)
    headers = []
    answers = dict.fromkeys(["404", "409", "422", "503"])
    if acting is not None:
        operation["security"] = [{"signIn": []}, {"bearer": []}]
        operation["x-permission"] = acting.permission.name
        operation["x-roles"] = sorted(acting.permission.roles)
        headers.append(_header("Acting-As", "The assignment to act in; default: the only or main one.", "uuid"))
        answers |= dict.fromkeys(["401", "403", "404"])
    if acting is not None and acting.changes and method == "POST":
        headers.append(
            _header("Idempotency-Key", "8 to 128 visible signs, kept 30 days; the same key and body replay.")
        )
        answers |= dict.fromkeys(["409"])
    if getattr(route.endpoint, "needs_version", False):
        headers.append(_header("If-Match", "The ETag of the version that you read.", required=True))
        answers |= dict.fromkeys(["412", "428"])
    operation.setdefault("parameters", []).extend(headers)
    responses = operation["responses"]
    # A refusal that the route declares itself gets its body like the others.
    answers |= {status: None for status in responses if status.startswith("4")}
    if "requestBody" in operation:
        answers |= dict.fromkeys(["400", "413"])
    asked = {parameter["name"] for parameter in operation["parameters"]}
    if asked & {"file_id", "offset"}:  # it takes a file
        answers |= dict.fromkeys(["408", "413", "415"])
    for status in sorted(answers):
        responses[status] = {
            "description": _ALWAYS.get(status, "Refused"),
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    responses["default"] = {
        "description": "Any other refusal",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _header(name: str, description: str, form: str | None = None, *, required: bool = False) -> dict[str, Any]:
    schema = {"type": "string"} | ({"format": form} if form else {})
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}
