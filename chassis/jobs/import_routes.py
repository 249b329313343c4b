"""List what was wrong in an import, row by row, as a page and as a file."""

# No postponed annotations here: FastAPI could not resolve those that name the parameters of a factory.

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import select
from starlette.responses import StreamingResponse

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.exports.columns import ExportColumn, ExportType
from chassis.exports.encoders import ExportFormat
from chassis.exports.stream import Exports
from chassis.http.acting import reads
from chassis.http.language import language_of
from chassis.http.pagination import Page, PageQuery, keyset, next_cursor
from chassis.http.routers import service_router
from chassis.jobs.routes import visible_to
from chassis.jobs.tables import import_error, job
from chassis.program import program_of
from chassis.security.scope import Permission
from chassis.types import Model


class ImportErrorRead(Model):
    """One fault of one row."""

    row: int = Field(description="As the sender's spreadsheet counts, from 1.")
    column: str = Field(description="Our column's name; empty if the row as a whole is at fault.")
    code: str
    message: str


class ImportErrorPage(Page[ImportErrorRead]):
    """The faults of an import, by row."""


class ImportErrorQuery(PageQuery):
    """The query of the list of faults."""


def import_errors_router(service: str, read: Permission) -> APIRouter:
    """``/jobs/{job_id}/errors`` and ``/jobs/{job_id}/errors/file`` of a service.

    :param service: its name, which makes the operations' ids unique across services.
    """
    router = service_router("jobs", prefix="/jobs/{job_id}/errors")

    @router.get("", operation_id=f"{service}_import_errors_list", response_model=ImportErrorPage)
    async def list_errors(
        request: Request,
        job_id: UUID,
        query: Annotated[ImportErrorQuery, Query()],
        unit: Annotated[UnitOfWork, reads(read)],
    ) -> Response:
        """What was wrong, row by row; growing while the import runs."""
        await _require(unit, job_id)
        operation = f"{service}_import_errors_list:{job_id}"
        after = query.position(unit.vault.cursors, operation)
        statement = select(import_error).where(import_error.c.job_id == job_id)
        keys = [import_error.c.row, import_error.c.position]
        rows = (await unit.connection.execute(keyset(statement, keys, after, query.limit))).all()
        kept, cursor = next_cursor(rows, query, unit.vault.cursors, operation, lambda row: [row.row, row.position])
        language = language_of(request)
        items = [
            ImportErrorRead(row=row.row, column=row.column, code=row.code, message=row.message[language])
            for row in kept
        ]
        page = ImportErrorPage(items=items, next_cursor=cursor)
        return Response(page.model_dump_json(exclude_none=True), media_type="application/json")

    @router.get(
        "/file",
        operation_id=f"{service}_import_errors_download",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def download_errors(
        request: Request,
        job_id: UUID,
        unit: Annotated[UnitOfWork, reads(read)],
        format: ExportFormat = ExportFormat.CSV,  # noqa: A002  # the name of the query parameter
    ) -> Response:
        """All of it as one file."""
        await _require(unit, job_id)
        error = import_error.c
        message = error.message[language_of(request)].astext
        statement = (
            select(error.row, error.column, error.code, message.label("message"))
            .where(error.job_id == job_id, error.region.between(unit.area.lo, unit.area.hi))
            .order_by(error.row, error.position)
        )
        columns = [
            ExportColumn("row", ExportType.INTEGER),
            *(ExportColumn(name) for name in ("column", "code", "message")),
        ]
        exports = Exports.of(program_of(request))
        return await exports.respond(statement, columns, area=unit.area, form=format, name=f"errors-{job_id}")

    return router


async def _require(unit: UnitOfWork, job_id: UUID) -> None:
    statement = select(job.c.id).where(job.c.id == job_id, visible_to(unit))
    if await unit.connection.scalar(statement) is None:
        raise NotFound
