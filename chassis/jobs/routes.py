"""Show a job's progress, its end and what it counted; stop one."""

# No postponed annotations here: FastAPI could not resolve those that name the parameters of a factory.

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, WithJsonSchema
from sqlalchemy import ColumnElement, Row, and_, select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, NotFound
from chassis.http.acting import reads, writes
from chassis.http.choices import refuse_unlisted
from chassis.http.language import language_of
from chassis.http.pagination import Page, PageQuery, next_cursor
from chassis.http.preconditions import etag, is_unchanged
from chassis.http.routers import service_router
from chassis.jobs.definition import cancel
from chassis.jobs.tables import JOB_STATE_LABELS, JobState, job
from chassis.security.scope import Permission, Role
from chassis.types import Code, Model, RegionCode

State = Annotated[
    JobState,
    WithJsonSchema(
        {
            "type": "string",
            "title": "JobState",
            "enum": list(JobState),
            "x-enum-descriptions": [JOB_STATE_LABELS[state] for state in JobState],
        }
    ),
]


class JobProgress(Model):
    """How far a job is, in units of its own (rows, households, days)."""

    done: int
    total: int | None = Field(None, description="Absent while it is not known.")
    note: str | None = None


class JobFault(Model):
    """One of the faults for which a job failed."""

    pointer: str = Field(description="What is wrong, such as a column of the file.")
    code: str
    message: str


class JobError(Model):
    """Why a job failed: a code of ``/v1/problems``, a sentence, and every fault that it speaks of."""

    code: str
    message: str
    errors: list[JobFault] = Field(default_factory=list)


class JobRead(Model):
    """One job (任务)."""

    id: UUID
    kind: str
    region: RegionCode
    state: State
    requested_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    progress: JobProgress
    result: dict[str, Any] | None = Field(None, description="What the job counted, once it has succeeded.")
    error: JobError | None = None
    version: int


class JobPage(Page[JobRead]):
    """Jobs, the newest first."""


class JobQuery(PageQuery):
    """Filters of the list of jobs."""

    state: State | None = None
    kind: Code | None = None


def jobs_router(service: str, read: Permission, cancel_permission: Permission, *, kinds: Sequence[str]) -> APIRouter:
    """``/jobs`` of a service: list, one, cancel; each within the area of the one who asks.

    :param service: its name, which makes the operations' ids unique across services.
    :param kinds: the kinds of jobs that this service runs; asking for another is refused.
    """
    router = service_router("jobs", prefix="/jobs")

    @router.get("", operation_id=f"{service}_jobs_list", response_model=JobPage)
    async def list_jobs(
        request: Request, query: Annotated[JobQuery, Query()], unit: Annotated[UnitOfWork, reads(read)]
    ) -> Response:
        """The jobs of your area, the newest first."""
        operation = f"{service}_jobs_list"
        after = query.position(unit.vault.cursors, operation)
        statement = select(job).where(visible_to(unit))
        if query.state is not None:
            statement = statement.where(job.c.state == query.state)
        if query.kind is not None:
            refuse_unlisted("kind", [query.kind], kinds)
            statement = statement.where(job.c.kind == query.kind)
        if after is not None:
            statement = statement.where(job.c.id < UUID(str(after[0])))
        rows = (await unit.connection.execute(statement.order_by(job.c.id.desc()).limit(query.limit + 1))).all()
        kept, cursor = next_cursor(rows, query, unit.vault.cursors, operation, lambda row: [row.id])
        language = language_of(request)
        return _json(JobPage(items=[as_read(row, language) for row in kept], next_cursor=cursor))

    @router.get("/{job_id}", operation_id=f"{service}_jobs_get", response_model=JobRead)
    async def get_job(request: Request, job_id: UUID, unit: Annotated[UnitOfWork, reads(read)]) -> Response:
        """One job, with its progress; ask again with If-None-Match while it runs."""
        row = await _find(unit, job_id)
        headers = {"ETag": etag(row.version), "Vary": "Accept-Language"}
        if is_unchanged(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return _json(as_read(row, language_of(request)), headers)

    @router.post("/{job_id}/cancel", operation_id=f"{service}_jobs_cancel", response_model=JobRead)
    async def cancel_job(
        request: Request, job_id: UUID, unit: Annotated[UnitOfWork, writes(cancel_permission)]
    ) -> Response:
        """Stop a job: at once while it waits, after its present chunk while it runs. What it did so far stays.

        It needs no If-Match: progress moves the version every second, and the wish to stop does not depend on it.
        """
        await _find(unit, job_id)
        await cancel(unit, job_id)
        row = await _find(unit, job_id)
        return _json(as_read(row, language_of(request)), {"ETag": etag(row.version)})

    return router


def as_read(row: Row[Any], language: Language) -> JobRead:
    """A row of ``job`` as the API shows it."""
    return JobRead(
        id=row.id,
        kind=row.kind,
        region=row.region,
        state=JobState(row.state),
        requested_at=row.requested_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        cancel_requested_at=row.cancel_requested_at,
        progress=JobProgress(
            done=row.progress_done,
            total=row.progress_total,
            note=row.progress_note and row.progress_note[language],
        ),
        result=row.result,
        error=_error(row, language) if row.error_code else None,
        version=row.version,
    )


def _error(row: Row[Any], language: Language) -> JobError:
    # Absent where there are none, and from what an earlier release wrote.
    faults = [
        JobFault(pointer=fault["pointer"], code=fault["code"], message=fault[language])
        for fault in row.error.get("faults", ())
    ]
    return JobError(code=row.error_code, message=row.error[language], errors=faults)


def visible_to(unit: UnitOfWork) -> ColumnElement[bool]:
    """The jobs that the caller may know of: those of the area, and for a department's clerk only their own.

    A job of another department tells of its files (clause F1).
    """
    inside = job.c.region.between(unit.area.lo, unit.area.hi)
    if unit.actor.role is Role.DEPARTMENT_CLERK:
        return and_(inside, job.c.requested_by == unit.actor.subject)
    return inside


async def _find(unit: UnitOfWork, job_id: UUID) -> Row[Any]:
    found = await unit.connection.execute(select(job).where(job.c.id == job_id, visible_to(unit)))
    row = found.one_or_none()
    if row is None:
        raise NotFound
    return row


def _json(model: Model, headers: dict[str, str] | None = None) -> Response:
    content = model.model_dump_json(exclude_none=True)
    return Response(content, headers=headers, media_type="application/json")
