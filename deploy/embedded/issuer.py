"""Sign in the sample users of an embedded platform, so that a first look needs no identity provider. Never elsewhere.

``POST /oauth2/token`` is the password grant of OAuth 2.0 (RFC 6749 section 4.3), which Swagger's Authorize button
speaks; ``GET /oauth2/jwks`` gives the public key. Other modes take tokens of a real issuer and have neither.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from chassis.clock import Clock
from chassis.security.scope import Assignment
from deploy.embedded.issued_keys import IssuedKeys
from deploy.embedded.passwords import LockedOut, PasswordBook

__all__ = ["Holder", "IssuedKeys", "LockedOut", "PasswordBook", "oauth2_router"]

FORM_BYTES_MAX: Final = 8192
_FIELDS_MAX: Final = 20
_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_NEVER_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_GRANT: Final = "password"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a user name stands for: the stable subject of tokens, and the posts that go into them."""

    subject: str
    assignments: Sequence[Assignment]


class _Refused(Exception):
    """An error answer of RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str, **headers: str) -> None:
        super().__init__(description)
        self.error = error
        self.headers = headers

    def answer(self) -> JSONResponse:
        body = {"error": self.error, "error_description": str(self)}
        return JSONResponse(body, status_code=400, headers=_NEVER_STORED | self.headers)


_TOKEN_DOCUMENT: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            _FORM_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "username", "password"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": [_GRANT]},
                        "username": {"type": "string"},
                        "password": {"type": "string", "format": "password"},
                    },
                }
            }
        },
    }
}


def oauth2_router(
    keys: IssuedKeys,
    passwords: PasswordBook,
    *,
    assignments_of: Callable[[str], Awaitable[Holder | None]],
    clock: Clock,
    lifetime: timedelta = timedelta(hours=8),
) -> APIRouter:
    """The two addresses of the embedded issuer.

    :param assignments_of: looks up, by user name, who signs in and with which posts; None if the person has left.
    :param lifetime: how long a token is good.
    """
    router = APIRouter(prefix="/oauth2", tags=["sign-in"])

    async def granted(request: Request) -> dict[str, Any]:
        username, password = _credentials(await _form(request))
        try:
            known = await passwords.is_right(username, password, now=clock.system_now())
        except LockedOut as locked:
            wait = str(locked.seconds)
            raise _Refused(
                "invalid_grant", f"too many failures; try again in {wait} s", **{"Retry-After": wait}
            ) from None
        holder = await assignments_of(username) if known else None
        if holder is None:
            raise _Refused("invalid_grant", "the user name or the password is wrong")
        token = keys.issue(holder.subject, username, holder.assignments, now=clock.system_now(), lifetime=lifetime)
        return {"access_token": token, "token_type": "Bearer", "expires_in": int(lifetime.total_seconds())}

    @router.post("/token", operation_id="token_issue", summary="Sign in", openapi_extra=_TOKEN_DOCUMENT)
    async def token(request: Request) -> JSONResponse:
        """Sign in with a user name and a password of `sign-ins.json`; answers as RFC 6749 says."""
        try:
            return JSONResponse(await granted(request), headers=_NEVER_STORED)
        except _Refused as refused:
            return refused.answer()

    @router.get("/jwks", operation_id="jwks_read", summary="The public key of tokens")
    async def jwks() -> dict[str, list[dict[str, str]]]:
        """The JWK Set (RFC 7517) that verifies our tokens."""
        return keys.jwks()

    return router


async def _form(request: Request) -> dict[str, str]:
    """The form's fields, each at most once (RFC 6749 section 3.2)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM_TYPE:
        raise _Refused("invalid_request", f"send the fields as {_FORM_TYPE}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES_MAX:
            raise _Refused("invalid_request", f"the form is larger than {FORM_BYTES_MAX} bytes")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_FIELDS_MAX,
        )
    except ValueError:
        raise _Refused("invalid_request", "the form cannot be read") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _Refused("invalid_request", "a field is given more than once")
    return fields


def _credentials(form: dict[str, str]) -> tuple[str, str]:
    grant = form.get("grant_type")
    if not grant:
        raise _Refused("invalid_request", "the field grant_type is missing")
    if grant != _GRANT:
        raise _Refused("unsupported_grant_type", f"the only grant_type here is {_GRANT}")
    username, password = form.get("username"), form.get("password")
    if not username or not password:
        raise _Refused("invalid_request", "the fields username and password are needed")
    return username, password
