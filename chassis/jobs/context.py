"""Let a job work in chunks of a few seconds, each committed with the place to go on from, so that a kill costs one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message
from chassis.jobs.tables import JobState, job
from chassis.program import Program
from chassis.security import scope
from chassis.security.scope import area_of
from chassis.types import Model

P = TypeVar("P", bound=Model)
_ALIVE: Final = {"heartbeat_at": func.clock_timestamp(), "version": job.c.version + 1}


class JobTaken(Exception):
    """Another run of this job has begun: this one was thought dead, and nothing that it still writes may count."""


class JobStopped(Exception):
    """The job was cancelled; what it has committed stays."""


class JobPaused(Exception):
    """The worker is stopping; the job goes on elsewhere from its last checkpoint."""


class JobContext(Generic[P]):
    """What a handler is given: its parameters, where it stopped last time, and units of work bound to the job's area.

    ::

        async def recode(job: JobContext[RecodeParameters]) -> dict[str, int]:
            after = (job.resume or {}).get("after", 0)
            while rows := await next_rows(job, after):
                async with job.chunk() as unit:
                    await recode_rows(unit, rows)
                    after = rows[-1].number
                    await job.checkpoint(unit, {"after": after}, done=after)
            return {"recoded": after}

    ``resume`` is the last checkpoint's state, or None at the first start. ``run`` is the number of this start.
    """

    def __init__(
        self,
        program: Program,
        *,
        row: Any,
        parameters: P,
        is_stopping: Callable[[], bool],
    ) -> None:
        self.program = program
        self.job_id: UUID = row.id
        self.kind: str = row.kind
        self.region: int = row.region
        self.requested_by: str = row.requested_by
        self.parameters: P = parameters
        self.resume: Mapping[str, Any] | None = row.resume
        self.run: int = row.run
        self.actor = scope.program(row.kind, row.region)
        self.area = area_of(row.region)
        self.traceparent: str | None = row.traceparent
        self._is_stopping = is_stopping
        self._fenced: UnitOfWork | None = None
        self._cancelled = row.cancel_requested_at is not None

    def unit(self) -> UnitOfWork:
        """A unit of work of the job's own, for reading, or for writes that may be repeated after a kill."""
        return self.program.unit(self.actor, area=self.area, traceparent=self.traceparent)

    @asynccontextmanager
    async def chunk(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that commits only while this run is the job's current one.

        After the commit the job stops here if it was cancelled or its worker is stopping.

        :raises JobTaken: if another run has begun; the chunk is rolled back.
        """
        async with self.unit() as unit:
            yield unit
            if self._fenced is not unit:
                await self._touch(unit.connection, {})
        if unit.wrote_events:
            self.program.events_written()
        self._stop_here()

    @asynccontextmanager
    async def closing(self) -> AsyncIterator[UnitOfWork]:
        """A transaction for what a run that fails says of itself. Nothing of it stays if another run has begun: the
        work goes on there."""
        with suppress(JobTaken):
            async with self.unit() as unit:
                yield unit
                await self._touch(unit.connection, {})
            if unit.wrote_events:
                self.program.events_written()

    async def checkpoint(
        self,
        unit: UnitOfWork,
        state: Mapping[str, Any],
        *,
        done: int | None = None,
        total: int | None = None,
        note: Message | None = None,
    ) -> None:
        """Keep in the chunk's own transaction where the next start goes on, and how far the job is."""
        self.resume = dict(state)
        await self._touch(unit.connection, {"resume": dict(state), **_progress(done, total, note)})
        self._fenced = unit  # the job's row stays locked until the commit: no other run can begin before it

    async def progress(self, done: int, total: int | None = None, note: Message | None = None) -> None:
        """Show how far the job is, at once and in a transaction of its own; call it about once a second.

        :raises JobTaken: if another run has begun.
        :raises JobStopped: if the job was cancelled.
        """
        async with self.program.database.transaction(self.area) as connection:
            await self._touch(connection, _progress(done, total, note))
        self._stop_here()

    async def _touch(self, connection: AsyncConnection, values: dict[str, Any]) -> None:
        found = await connection.execute(
            update(job)
            .where(job.c.id == self.job_id, job.c.run == self.run, job.c.state == JobState.RUNNING)
            .values(**_ALIVE, **values)
            .returning(job.c.cancel_requested_at)
        )
        row = found.one_or_none()
        if row is None:
            raise JobTaken
        self._cancelled = row.cancel_requested_at is not None

    def _stop_here(self) -> None:
        if self._cancelled:
            raise JobStopped
        if self._is_stopping():
            raise JobPaused


def _progress(done: int | None, total: int | None, note: Message | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if done is not None:
        values["progress_done"] = done
    if total is not None:
        values["progress_total"] = total
    if note is not None:
        values["progress_note"] = note._asdict()
    return values
