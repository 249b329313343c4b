"""Move a job and its row in the queue from state to state in one transaction, so that the two never part ways.

Locks are always taken in the order job, queue; only the fetch touches the queue alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from procrastinate.jobs import Job, Status
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.engine import SET_AREA
from chassis.errors import DomainError, Internal, Message
from chassis.jobs.queue import QUEUE, queue_on
from chassis.jobs.tables import JobState, job
from chassis.security.scope import area_of

_ENDED: Final = {"finished_at": func.clock_timestamp(), "version": job.c.version + 1, "queue_id": None}
_BACK: Final = {"state": JobState.QUEUED, "version": job.c.version + 1}

# One worker of a database at a time looks after the dead ones, the turns and the sweeps.
_KEEPER: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended('xianjie.jobs.keeper', 0))")
# The share of the key keeps a pruning keeper away until this transaction has given the worker its job.
_KNOWN: Final = text("SELECT id FROM procrastinate_workers WHERE id = :worker FOR KEY SHARE")
_STILL_TAKEN: Final = text(
    "SELECT id FROM procrastinate_jobs WHERE id = :queue_id AND worker_id = :worker AND status = 'doing'"
)


class JobDied(Internal):
    code, status = "job_died", 500
    title = Message(
        "任务多次中断，已停止重试。请把任务编号告诉管理员。",
        "The job was cut off too often and is not tried again; tell the administrator its id.",
    )


class JobKindUnknown(Internal):
    code, status = "job_kind_unknown", 500
    title = Message(
        "这个版本的程序不认识此类任务，请重新提交。",
        "This version of the program does not know this kind of job; ask for it again.",
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A job of the queue that a worker has taken and must end or give back.

    :ivar worker: who took it; None if the queue knows that worker no longer.
    """

    queue_id: int
    job_id: UUID
    region: int
    worker: int | None

    @classmethod
    def of(cls, queued: Job) -> Taken:
        assert queued.id is not None
        told = queued.task_kwargs
        return cls(queued.id, UUID(str(told["job"])), int(str(told["region"])), queued.worker_id)


async def take(connection: AsyncConnection, worker: int) -> Taken | None:
    """The next job that may run, marked as this worker's."""
    queued = await queue_on(connection).fetch_job([QUEUE], worker)
    return None if queued is None else Taken.of(queued)


async def start(connection: AsyncConnection, taken: Taken) -> Any:
    """Mark the job as running and return its row; None if there is nothing to run, or if it was taken over before it
    began: then the queue's row is somebody else's."""
    await bind(connection, taken.region)
    # With the job's row locked nobody takes it over any more; who did so before has committed.
    await connection.execute(select(job.c.id).where(job.c.id == taken.job_id).with_for_update())
    if await connection.scalar(_STILL_TAKEN, {"queue_id": taken.queue_id, "worker": taken.worker}) is None:
        return None
    found = await connection.execute(
        update(job)
        .where(job.c.id == taken.job_id, job.c.state == JobState.QUEUED, job.c.cancel_requested_at.is_(None))
        .values(
            state=JobState.RUNNING,
            run=job.c.run + 1,
            attempts=job.c.attempts + 1,
            started_at=func.coalesce(job.c.started_at, func.clock_timestamp()),
            heartbeat_at=func.clock_timestamp(),
            version=job.c.version + 1,
        )
        .returning(job)
    )
    row = found.one_or_none()
    if row is None:
        await connection.execute(
            update(job)
            .where(job.c.id == taken.job_id, job.c.state == JobState.QUEUED)
            .values(state=JobState.CANCELLED, **_ENDED)
        )
        await _leave(connection, taken.queue_id)
    return row


async def end(
    connection: AsyncConnection,
    taken: Taken,
    run: int,
    state: JobState,
    *,
    result: Mapping[str, Any] | None = None,
    error: DomainError | None = None,
) -> bool:
    """Bring a run to its end; False if another run has taken over, and then nothing is changed."""
    await bind(connection, taken.region)
    ended = await connection.execute(
        _current(taken, run).values(
            state=state,
            result=None if result is None else dict(result),
            error_code=error.code if error else None,
            error=_told(error) if error else None,
            **_ENDED,
        )
    )
    if ended.rowcount == 0:
        return False
    await _leave(connection, taken.queue_id)
    return True


async def give_back(connection: AsyncConnection, taken: Taken, run: int, *, at: datetime, counts: bool) -> bool:
    """Let the job wait again until ``at``; ``counts`` says whether this start was one of its attempts."""
    await bind(connection, taken.region)
    attempts = job.c.attempts if counts else job.c.attempts - 1
    given = await connection.execute(_current(taken, run).values(attempts=attempts, **_BACK))
    if given.rowcount == 0:
        return False
    await queue_on(connection).retry_job_by_id_async(taken.queue_id, at)
    return True


async def take_over_dead(
    connection: AsyncConnection, *, stalled_seconds: float, attempts_max: Mapping[str, int], at: datetime
) -> int:
    """Let every job of a worker without a heartbeat wait again, or fail it after its last attempt. Returns how many."""
    manager = queue_on(connection)
    stalled = [Taken.of(queued) for queued in await manager.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds)]
    for taken in stalled:
        await bind(connection, taken.region)
        found = await connection.execute(job.select().where(job.c.id == taken.job_id).with_for_update())
        row = found.one_or_none()
        if row is None or JobState(row.state).is_final:
            await _leave(connection, taken.queue_id)
        elif row.cancel_requested_at is not None:
            await end_as_found(connection, taken, JobState.CANCELLED)
        elif row.attempts >= attempts_max.get(row.kind, 1):
            await end_as_found(connection, taken, JobState.FAILED, JobDied())
        else:
            await connection.execute(update(job).where(job.c.id == taken.job_id).values(_BACK))
            await manager.retry_job_by_id_async(taken.queue_id, at)
    await manager.prune_stalled_workers(stalled_seconds)
    return len(stalled)


def _told(error: DomainError) -> dict[str, Any]:
    """What the job's row keeps: the sentence, and each fault that it speaks of."""
    faults = [{"pointer": fault.pointer, "code": fault.code, **fault.message._asdict()} for fault in error.faults]
    return error.detail._asdict() | ({"faults": faults} if faults else {})


async def end_as_found(
    connection: AsyncConnection, taken: Taken, state: JobState, error: DomainError | None = None
) -> None:
    """End a job that the caller has locked and that nobody runs."""
    await connection.execute(
        update(job)
        .where(job.c.id == taken.job_id)
        .values(
            state=state,
            error_code=error.code if error else None,
            error=_told(error) if error else None,
            **_ENDED,
        )
    )
    await _leave(connection, taken.queue_id)


async def waits_or_runs(connection: AsyncConnection, kind: str, region: int) -> bool:
    """Whether a job of this kind and area is not over yet."""
    found = await connection.scalar(
        select(job.c.id)
        .where(job.c.kind == kind, job.c.region == region, job.c.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .limit(1)
    )
    return found is not None


async def failed_within(connection: AsyncConnection, kind: str, region: int, seconds: float) -> bool:
    """Whether a job of this kind and area failed so lately that the next try should wait."""
    since = func.clock_timestamp() - timedelta(seconds=seconds)
    found = await connection.scalar(
        select(job.c.id)
        .where(job.c.kind == kind, job.c.region == region, job.c.state == JobState.FAILED, job.c.finished_at > since)
        .limit(1)
    )
    return found is not None


async def is_keeper(connection: AsyncConnection) -> bool:
    """Whether this transaction may look after what all workers share; held until it ends."""
    return bool(await connection.scalar(_KEEPER))


async def is_known(connection: AsyncConnection, worker: int) -> bool:
    """Whether the queue still lists this worker, or took it for dead while the database was away."""
    return await connection.scalar(_KNOWN, {"worker": worker}) is not None


async def bind(connection: AsyncConnection, region: int) -> None:
    """Bind the rest of the transaction to a job's area."""
    area = area_of(region)
    await connection.execute(SET_AREA, {"lo": str(area.lo), "hi": str(area.hi)})


def _current(taken: Taken, run: int) -> Any:
    return update(job).where(job.c.id == taken.job_id, job.c.run == run, job.c.state == JobState.RUNNING)


async def _leave(connection: AsyncConnection, queue_id: int) -> None:
    """Our own row is the record of what happened; the queue stays small."""
    await queue_on(connection).finish_job_by_id_async(queue_id, Status.SUCCEEDED, delete_job=True)
