"""Write every 4xx and 5xx as application/problem+json (RFC 9457), in the reader's language, without input values."""

from __future__ import annotations

from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import (
    Conflict,
    DomainError,
    Fault,
    Internal,
    InvalidInput,
    Language,
    MalformedRequest,
    MethodNotAllowed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooLarge,
    TooManyRequests,
    Unavailable,
    UnsupportedMedia,
)
from chassis.http.faults import faults_of
from chassis.http.language import language_of
from chassis.http.trace import trace_id_of
from chassis.security.masking import scrub

CONTENT_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/v1/problems/"

_log = structlog.get_logger(__name__)
_BY_STATUS: Final[dict[int, type[DomainError]]] = {
    400: MalformedRequest,
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    405: MethodNotAllowed,
    409: Conflict,
    413: TooLarge,
    415: UnsupportedMedia,
    422: InvalidInput,
    429: TooManyRequests,
    503: Unavailable,
}


def by_status(status: int) -> type[DomainError] | None:
    """The usual kind of problem of a status, if there is one."""
    return _BY_STATUS.get(status)


def problem(error: DomainError, *, language: Language, instance: str, trace_id: str | None) -> dict[str, Any]:
    """The problem document of ``error``.

    :param instance: the path alone: a query may hold what must not be repeated. An ID number or a phone that somebody
        put into the path itself is named there, not shown.
    """
    return {
        **error.extra,
        "type": TYPE_PREFIX + error.code,
        "title": error.title.in_language(language),
        "status": error.status,
        "detail": error.detail.in_language(language),
        "instance": scrub(instance),
        "code": error.code,
        "trace_id": trace_id,
        "errors": [_fault(fault, language) for fault in error.faults],
    }


def _fault(fault: Fault, language: Language) -> dict[str, str]:
    return {"pointer": fault.pointer, "code": fault.code, "message": fault.message.in_language(language)}


def problem_response(request: Request, error: DomainError) -> Response:
    language = language_of(request)
    document = problem(error, language=language, instance=request.scope["path"], trace_id=trace_id_of(request.scope))
    headers = {"Content-Language": "zh-CN" if language == "zh" else "en", "Cache-Control": "no-store", **error.headers}
    return Response(orjson.dumps(document), status_code=error.status, headers=headers, media_type=CONTENT_TYPE)


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error as a problem."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, DomainError)
        return problem_response(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = faults_of(error.errors(), body=error.body)
        if any(fault.code == "json_invalid" for fault in faults):
            return problem_response(request, MalformedRequest(faults[0].message, faults=faults))
        return problem_response(request, InvalidInput(faults=faults))

    async def from_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = _BY_STATUS.get(error.status_code, Internal if error.status_code >= 500 else MalformedRequest)
        return problem_response(request, kind(headers=error.headers))

    async def unexpected(request: Request, error: Exception) -> Response:
        # The type alone: an exception's text may quote the input.
        _log.error(
            "request_failed", path=request.scope["path"], error=type(error).__name__, exc_info=_without_text(error)
        )
        return problem_response(request, Internal())

    app.add_exception_handler(DomainError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, from_http)
    app.add_exception_handler(ResponseValidationError, unexpected)
    app.add_exception_handler(ValidationError, unexpected)
    app.add_exception_handler(Exception, unexpected)


def _without_text(error: BaseException) -> BaseException:
    redacted: BaseException = type("Redacted" + type(error).__name__, (Exception,), {})()
    return redacted.with_traceback(error.__traceback__)
