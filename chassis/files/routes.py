"""Upload a file in parts, and fetch one back; neither holds a connection of the pool while bytes move."""

# No postponed annotations here: FastAPI could not resolve those that name the parameters of a factory.

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, create_model
from starlette.responses import StreamingResponse

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import NAME_LENGTH_MAX, Files, StoredFile
from chassis.files.receiving import Part, UploadBodies, Whole
from chassis.files.uploads import Upload, add_part, begin_upload, complete_upload, find_upload
from chassis.files.uses import UploadUse, any_permission
from chassis.http.acting import reads, writes
from chassis.http.routers import service_router
from chassis.program import program_of
from chassis.security.scope import Permission
from chassis.types import Integer, Model, RegionCode, ShortText

PART_BYTES_MAX: Final = 16 << 20
"""A part of this size is lost at most when a link breaks before anything of it was acknowledged."""


class UploadCreate(Model):
    """A file to come in parts."""

    size: Annotated[Integer, Field(ge=1, description="Bytes of the whole file.")]
    name: Annotated[ShortText | None, Field(max_length=NAME_LENGTH_MAX)] = None
    region: RegionCode | None = Field(None, description="Whose file it is; absent: your post's own division.")


class UploadRead(Model):
    """An upload as it stands."""

    id: UUID
    size: int
    received: int = Field(description="Bytes stored so far: the offset of the next part.")
    complete: bool
    file_id: UUID | None = None


class FileRead(Model):
    """A file that was taken in whole."""

    id: UUID


def uploads_router(service: str, uses: Sequence[UploadUse]) -> APIRouter:
    """``/uploads`` of a service: begin, send parts by offset, ask where it stands, complete.

    :param service: its name, which makes the operations' ids unique across services.
    :param uses: what files are taken for; who has the right to one use may upload for it.
    """
    router = service_router("uploads", prefix="/uploads")
    by_purpose = {use.purpose: use for use in uses}
    permission = any_permission(uses)
    bodies = UploadBodies(by_purpose)
    body_model: Any = _create_model(service, by_purpose)

    @router.post("", operation_id=f"{service}_uploads_create", status_code=201, response_model=UploadRead)
    async def create(body: body_model, unit: Annotated[UnitOfWork, writes(permission)]) -> Response:
        """Begin an upload; send its parts with PUT, then complete it."""
        use = by_purpose[body.purpose]
        use.require(unit.actor)
        made = await begin_upload(
            unit, size=body.size, limit_bytes=use.limit_bytes, purpose=use.purpose, name=body.name, region=body.region
        )
        return _answer(made, status=201)

    @router.get("/{upload_id}", operation_id=f"{service}_uploads_get", response_model=UploadRead)
    async def get(upload_id: UUID, unit: Annotated[UnitOfWork, reads(permission)]) -> Response:
        """Where an upload stands, after a link broke."""
        return _answer(await find_upload(unit, upload_id))

    @router.put(
        "/{upload_id}",
        operation_id=f"{service}_uploads_append",
        response_model=UploadRead,
        max_body_size=PART_BYTES_MAX,
        openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}, "required": True}},
    )
    async def append(
        upload_id: UUID,
        offset: Annotated[int, Query(ge=0, description="Where the part begins: `received` of the upload.")],
        part: Annotated[Part, Depends(bodies.part, scope="function")],
        unit: Annotated[UnitOfWork, writes(permission)],
    ) -> Response:
        """Send the next part, at most 16 MiB. If the link breaks, what arrived of it is kept: ask where it stands."""
        segment = await part.writer.finish()
        if segment.size == 0:
            return _answer(await find_upload(unit, upload_id))
        added = await add_part(
            unit, upload_id, offset=offset, segment=segment, head=part.writer.head, accepted=part.use.accepted
        )
        part.taken_over = True
        return _answer(added)

    @router.post("/{upload_id}/complete", operation_id=f"{service}_uploads_complete", response_model=FileRead)
    async def complete(
        request: Request,
        whole: Annotated[Whole, Depends(bodies.whole, scope="function")],
        unit: Annotated[UnitOfWork, writes(permission)],
    ) -> Response:
        """Make a file of all parts; doing it twice gives the same file. Name it as `file_id` where a file is taken."""
        file_id = whole.upload.file_id
        if whole.received is not None:
            files = Files.of(program_of(request))
            file_id, whole.left_over = await complete_upload(
                unit,
                files,
                whole.upload,
                whole.received,
                keep_days=await whole.use.keep_days(unit, whole.upload.region),
            )
        assert file_id is not None
        return Response(FileRead(id=file_id).model_dump_json(), media_type="application/json")

    return router


def files_router(service: str, read: Permission) -> APIRouter:
    """``/files/{file_id}`` of a service: the content of one file of your area."""
    router = service_router("files", prefix="/files")

    @router.get(
        "/{file_id}",
        operation_id=f"{service}_files_get",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def get_file(request: Request, file_id: UUID, unit: Annotated[UnitOfWork, reads(read)]) -> Response:
        """The file as it was handed in."""
        files = Files.of(program_of(request))
        # The unit closes before the first byte leaves: the rows are read, the store needs none.
        return file_response(files, await files.find(unit, file_id))

    return router


def file_response(files: Files, file: StoredFile) -> StreamingResponse:
    """A file's content as a download under the name that its sender gave it; needs no transaction."""
    name = file.name or f"{file.id}.{file.media.extension}"
    headers = {
        "Content-Length": str(file.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(files.stream(file), headers=headers, media_type=file.media.value)


def _create_model(service: str, purposes: Sequence[str] | Any) -> Any:
    purpose = StrEnum(f"{service.capitalize()}UploadPurpose", {name.upper(): name for name in purposes})  # type: ignore[misc]
    described = Field(description="What it is for; it starts nothing else.")
    return create_model(
        f"{service.capitalize()}UploadCreate",
        __base__=UploadCreate,
        __doc__=UploadCreate.__doc__,
        purpose=(Annotated[purpose, described], ...),
    )


def _answer(at: Upload, *, status: int = 200) -> Response:
    read = UploadRead(id=at.id, size=at.size, received=at.received, complete=at.file_id is not None, file_id=at.file_id)
    headers = {"Upload-Offset": str(at.received)}
    content = read.model_dump_json(exclude_none=True)
    return Response(content, status_code=status, headers=headers, media_type="application/json")
