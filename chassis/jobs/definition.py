"""Define a kind of deferred work, and ask for it inside the caller's own transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from procrastinate.jobs import Job
from sqlalchemy import func, insert, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Message, NotFound
from chassis.identifiers import new_id
from chassis.jobs.context import JobContext
from chassis.jobs.queue import QUEUE, queue_on
from chassis.jobs.tables import JobState, job
from chassis.records import Aggregate
from chassis.security.scope import area_of
from chassis.types import Model

P = TypeVar("P", bound=Model)


def _without_lock(_parameters: Any, _region: int) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True)
class JobKind(Generic[P]):
    """One kind of deferred work.

    :param name: stable; stands in rows of the queue, so a rename needs the old name beside the new.
    :param parameters: ids, dates and numbers; no personal data, since they are kept and shown.
    :param handler: does the work in chunks (see :class:`~chassis.jobs.context.JobContext`) and returns the result.
    :param lock: of jobs with the same lock one runs at a time, in the order in which they were asked for.
    :param attempts_max: how often it is begun anew after its worker died or the database asked to run it again.
    """

    name: str
    parameters: type[P]
    handler: Callable[[JobContext[P]], Awaitable[Mapping[str, Any] | None]]
    lock: Callable[[P, int], str | None] = _without_lock
    attempts_max: int = 5


class JobOver(Conflict):
    code, status = "job_over", 409
    title = Message("这项任务已经结束，无法取消。", "This job is over and cannot be cancelled.")


async def defer(
    unit: UnitOfWork,
    kind: JobKind[P],
    parameters: P,
    region: int,
    *,
    not_before: datetime | None = None,
    job_id: UUID | None = None,
) -> UUID:
    """Ask for work; it begins once the unit has committed, and never if it rolls back.

    :param region: the division whose area the work is bound to; it must lie in the unit's area.
    :param not_before: system time.
    :raises ValueError: if the region reaches beyond the unit's area.
    """
    if not unit.area.covers(area_of(region)):
        raise ValueError(f"{kind.name}: a job cannot reach beyond the area of the one who asks for it")
    identifier = job_id or new_id()
    queued = await queue_on(unit.connection).defer_job_async(
        Job(
            queue=QUEUE,
            task_name=kind.name,
            lock=kind.lock(parameters, region),
            queueing_lock=None,
            task_kwargs={"job": str(identifier), "region": region},
            scheduled_at=not_before,
        )
    )
    await unit.connection.execute(
        insert(job).values(
            id=identifier,
            kind=kind.name,
            region=region,
            requested_by=unit.actor.subject,
            assignment=unit.actor.assignment.id,
            parameters=parameters.model_dump(mode="json"),
            queue_id=queued.id,
            traceparent=unit.traceparent,
        )
    )
    unit.record("job.request", Aggregate("job", identifier, region, version=0))
    return identifier


async def cancel(unit: UnitOfWork, job_id: UUID) -> JobState:
    """Cancel a job that waits, or ask a running one to stop after the chunk that it is at; twice is as good as once.

    Chunks that were committed stay. Returns the state now.

    :raises NotFound: outside the unit's area.
    :raises JobOver: if it has succeeded or failed.
    """
    found = await unit.connection.execute(
        job.select().where(job.c.id == job_id, job.c.region.between(unit.area.lo, unit.area.hi)).with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    state = JobState(row.state)
    if state is JobState.CANCELLED or (state is JobState.RUNNING and row.cancel_requested_at is not None):
        return state
    if state.is_final:
        raise JobOver
    changes: dict[str, Any] = {"cancel_requested_at": func.clock_timestamp(), "version": job.c.version + 1}
    # A worker may have taken it from the queue and be about to mark it as running: then it finds the request there.
    if state is JobState.QUEUED and await queue_on(unit.connection).cancel_job_by_id_async(
        row.queue_id, delete_job=True
    ):
        state = JobState.CANCELLED
        changes |= {"state": state, "finished_at": func.clock_timestamp(), "queue_id": None}
    await unit.connection.execute(update(job).where(job.c.id == job_id).values(changes))
    unit.record("job.cancel", Aggregate("job", job_id, row.region, version=0))
    return state
