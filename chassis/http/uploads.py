"""Take in a file of any size: authorised before its first byte, encrypted while it comes, with no transaction open.

A client on a poor link sends for minutes; a connection of the pool must not wait for it. So the body is received by a
dependency that stands before ``writes(…)`` in the route's signature, and the unit of work begins when all of it is in::

    @router.post("/imports", operation_id="monitoring_imports_create", max_body_size=body_bytes(IMPORT_BYTES_MAX))
    async def start_import(
        request: Request,
        received: Annotated[Received, receives(REGISTER, limit_bytes=IMPORT_BYTES_MAX, accepted=TABLES)],
        unit: Annotated[UnitOfWork, writes(REGISTER)],
    ) -> Response:
        file = await receive_file(request, unit, received, purpose="import", keep_days=days)

The client sends the file itself as the body, or one multipart part named ``file``; or it names as ``?file_id=`` a file
that it uploaded in parts before. Nothing touches a disk unencrypted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import (
    DomainError,
    Fault,
    InvalidInput,
    MalformedRequest,
    Message,
    NotAllowed,
    TooLarge,
    UnsupportedMedia,
)
from chassis.files.files import Files, Received, StoredFile
from chassis.files.media import Media
from chassis.files.starting import read_uploaded, use_uploaded
from chassis.http.acting import actor_of
from chassis.http.answers import may_answer, takes_file
from chassis.http.edge import edge_of
from chassis.http.form_file import FormFile
from chassis.http.trace import traceparent_of
from chassis.program import program_of
from chassis.security.scope import Permission

IDLE_SECONDS_MAX: Final = 60.0
"""How long a client may send nothing before it is told to begin again."""

_MULTIPART_EXTRA_BYTES: Final = 16_384
STREAMS: Final = "xianjie.streams_body"
"""In a request's scope: the body is streamed, so that opening the unit must not read it."""

_RECEIVED: Final = "xianjie.received"
_BODY_TOO: Final = Message(
    "已用 file_id 指定文件，请不要再附带正文。", "The request names a file by `file_id`; send no body with it."
)


class UploadStalled(DomainError):
    code, status = "upload_stalled", 408
    title = Message(
        "文件传输中断，请重新上传；网络不稳时请用分段上传。",
        "The transfer stalled; send the file again, in parts if the link is poor.",
    )


def body_bytes(limit_bytes: int) -> int:
    """The route's ``max_body_size`` for a file of ``limit_bytes``: room for a multipart frame around it."""
    return limit_bytes + _MULTIPART_EXTRA_BYTES


def receives(
    permission: Permission,
    *,
    limit_bytes: int,
    accepted: frozenset[Media],
    idle_seconds: float = IDLE_SECONDS_MAX,
) -> Any:
    """``received: Annotated[Received, receives(…)]``, before ``unit`` in the signature.

    What was received is removed again unless :func:`receive_file` keeps it.
    """
    uploaded = _Uploaded(permission, limit_bytes, accepted)

    @takes_file(kind.value for kind in accepted)
    @may_answer(MalformedRequest, UploadStalled, TooLarge, UnsupportedMedia)
    async def receive(request: Request) -> AsyncIterator[Received]:
        if (file_id := _file_id(request)) is not None:
            yield await uploaded.read(request, file_id)
            return
        if not permission.allows((await actor_of(request)).role):
            raise NotAllowed
        request.scope[STREAMS] = True
        files = Files.of(program_of(request))
        held: _Held | None = request.scope.get(_RECEIVED)
        if held is None:  # a route that is run again after a lost race finds its body here
            held = request.scope[_RECEIVED] = _Held(await _receive(request, files, limit_bytes, accepted, idle_seconds))
        try:
            yield held.received
        except BaseException:
            # A commit whose answer was lost may have happened: what a unit has taken over is left to the purge.
            if not held.taken_over:
                await files.discard(held.received)
            raise
        if not held.taken_over or held.is_double:
            await files.discard(held.received)

    return Depends(receive, scope="function")


def receives_uploaded(permission: Permission, *, limit_bytes: int, accepted: frozenset[Media]) -> Any:
    """``received: Annotated[Received | None, receives_uploaded(…)]`` for a route that reads a small body itself: None
    unless the request names a file that was uploaded before."""
    uploaded = _Uploaded(permission, limit_bytes, accepted)

    @may_answer(MalformedRequest, UploadStalled, TooLarge, UnsupportedMedia)
    async def receive(request: Request) -> Received | None:
        file_id = _file_id(request)
        return None if file_id is None else await uploaded.read(request, file_id)

    return Depends(receive)


async def receive_file(
    request: Request,
    unit: UnitOfWork,
    received: Received,
    *,
    purpose: str,
    keep_days: int,
    region: int | None = None,
) -> StoredFile:
    """Keep what was received, in the unit's transaction; with an Idempotency-Key, replay the answer to the same file.

    :param keep_days: how many days it is kept when nothing holds it; a parameter of the county.
    :param region: whose file it is; by default the division of the actor's post.
    """
    program = program_of(request)
    edge_of(request).settle_body(program, received.sha256)
    region = unit.actor.assignment.region if region is None else region
    files = Files.of(program)
    held: _Held = request.scope[_RECEIVED]
    if held.file_id is not None:
        return await use_uploaded(unit, files, held.file_id, purpose=purpose, region=region, keep_days=keep_days)
    file, fresh = await files.keep(unit, received, purpose=purpose, region=region, keep_days=keep_days)
    held.taken_over, held.is_double = True, not fresh
    return file


def _file_id(request: Request) -> UUID | None:
    """The file that the request names; the route's query, a :class:`~chassis.files.schemas.FileQuery`, declares it.

    :raises InvalidInput: if it is no id.
    """
    named = request.query_params.get("file_id")
    try:
        return None if named is None else UUID(named)
    except ValueError:
        fault = Fault("?file_id", "uuid_parsing", Message("请提交有效的 UUID。", "Send a valid UUID."))
        raise InvalidInput(faults=[fault]) from None


@dataclass
class _Held:
    received: Received
    taken_over: bool = False
    is_double: bool = False
    file_id: UUID | None = None


@dataclass(frozen=True)
class _Uploaded:
    """Reads a file that was uploaded before; it stays whatever becomes of the request."""

    permission: Permission
    limit_bytes: int
    accepted: frozenset[Media]

    async def read(self, request: Request, file_id: UUID) -> Received:
        actor = await actor_of(request)
        if not self.permission.allows(actor.role):
            raise NotAllowed
        if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
            raise InvalidInput(faults=[Fault("?file_id", "body_too", _BODY_TOO)])
        request.scope[STREAMS] = True  # so that the key is bound to the content and not to the empty body
        held: _Held | None = request.scope.get(_RECEIVED)
        if held is None:
            program = program_of(request)
            received = await read_uploaded(
                program.unit(actor, traceparent=traceparent_of(request.scope)),
                Files.of(program),
                file_id,
                limit_bytes=self.limit_bytes,
                accepted=self.accepted,
            )
            held = request.scope[_RECEIVED] = _Held(received, file_id=file_id)
        return held.received


async def _receive(
    request: Request, files: Files, limit_bytes: int, accepted: frozenset[Media], idle_seconds: float
) -> Received:
    chunks = body_chunks(request, idle_seconds)
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        return await files.receive(chunks, limit_bytes=limit_bytes, accepted=accepted)
    form = FormFile(options.get(b"boundary", b""))
    received = await files.receive(form.read(chunks), limit_bytes=limit_bytes, accepted=accepted)
    return Received(received.segments, received.sha256, received.media, form.name)


async def body_chunks(request: Request, idle_seconds: float = IDLE_SECONDS_MAX) -> AsyncIterator[bytes]:
    """The request's body as it comes in.

    :raises UploadStalled: if the client sends nothing for so long, or is gone.
    """
    stream = aiter(request.stream())
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), idle_seconds)
        except StopAsyncIteration:
            return
        except (TimeoutError, ClientDisconnect):
            raise UploadStalled from None
        if chunk:
            yield chunk
