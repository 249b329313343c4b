"""Run the jobs of one service's database until told to stop; whatever dies in between, each job ends once.

Of procrastinate this takes the queue: its tables, its locks, its fetch, its stalled jobs. The loop is our own, because
the library's logs the text of a handler's exception (personal data), never notices that its heartbeat has ended once
no cron task is registered, and leaves a job whose end could not be written to a worker that lives on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.engine import Database
from chassis.jobs import ledger
from chassis.jobs.context import JobContext, JobPaused, JobStopped, JobTaken
from chassis.jobs.definition import JobKind, defer
from chassis.jobs.endings import Ending, Step, after, ended, failed, given_back, is_passing
from chassis.jobs.ledger import JobKindUnknown, Taken
from chassis.jobs.periodic import Periodic, defer_due, platform_unit
from chassis.jobs.queue import queue_on
from chassis.jobs.sweeps import Areas, Sweep, SweepParameters, days_left, sweeps_kind
from chassis.jobs.tables import JobState
from chassis.program import Program
from chassis.security.scope import PLATFORM, Area
from chassis.telemetry import tracing

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a worker does what, in seconds of system time.

    ``stalled`` must be several heartbeats; ``grace`` is how long a stop waits for running jobs to reach the end of
    their chunk; ``sweeps_again`` is the wait after a sweep failed.
    """

    poll: float = 0.5
    heartbeat: float = 5.0
    keep: float = 2.0
    stalled: float = 30.0
    again: float = 1.0
    grace: float = 20.0
    sweeps_again: float = 300.0


async def _no_areas(_program: Program) -> Sequence[int]:
    return ()


class JobWorker:
    """Takes jobs from the queue and runs up to ``concurrency`` of them at once.

    :param kinds: what this worker can do; a job of another kind fails with ``job_kind_unknown``.
    :param areas: the divisions of periodic work and sweeps that are done area by area.
    """

    def __init__(
        self,
        program: Program,
        kinds: Sequence[JobKind[Any]],
        *,
        periodic: Sequence[Periodic[Any]] = (),
        sweeps: Sequence[Sweep] = (),
        areas: Areas = _no_areas,
        concurrency: int = 2,
        pace: Pace | None = None,
    ) -> None:
        self._program = program
        self._periodic = tuple(periodic)
        self._sweeps = tuple(sweeps)
        self._areas = areas
        self._pace = pace or Pace()
        self._concurrency = concurrency
        self._kinds: dict[str, JobKind[Any]] = {}
        self._sweeping = sweeps_kind(self._sweeps, areas)
        for kind in (*kinds, self._sweeping, *(one.kind for one in periodic)):
            if self._kinds.setdefault(kind.name, kind) is not kind:
                raise ValueError(f"two kinds of job are named {kind.name}")
        self._stopping = False
        self._worker = 0
        self._registering = asyncio.Lock()
        self._fault: BaseException | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; then let running jobs reach the end of their chunk and hand them back."""
        # Two connections of its own: a heartbeat never waits behind what the jobs hold.
        url = self._program.database.engine.url.render_as_string(hide_password=False)
        self._queue = Database(url, pool_size=2)
        loops = [
            asyncio.create_task(self._every(stop, self._pace.poll, self._fetch), name="jobs: fetch"),
            asyncio.create_task(self._every(stop, self._pace.heartbeat, self._beat), name="jobs: heartbeat"),
            asyncio.create_task(self._every(stop, self._pace.keep, self._keep), name="jobs: keep"),
        ]
        try:
            # A loop ends with the stop, or with a fault of ours, which must not go unseen.
            await asyncio.gather(*loops)
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self._finish()

    async def _every(self, stop: asyncio.Event, seconds: float, turn: Callable[[], Awaitable[None]]) -> None:
        while not stop.is_set():
            try:
                await turn()
            except Exception as error:
                if not is_passing(error):
                    raise
                _log.warning("jobs_wait_for_database", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)

    async def _register(self) -> None:
        """Be known to the queue: at first, and again after having been taken for dead."""
        async with self._registering:
            async with self._queue.transaction(Area.everywhere()) as connection:
                if await ledger.is_known(connection, self._worker):
                    return
                worker = await queue_on(connection).register_worker()
            self._worker = worker

    async def _beat(self) -> None:
        await self._register()
        async with self._queue.transaction(Area.everywhere()) as connection:
            await queue_on(connection).update_heartbeat(self._worker)

    async def _fetch(self) -> None:
        if self._fault is not None:
            raise self._fault  # a job could not be ended: stop, so that it is taken over, rather than go on in silence
        while len(self._running) < self._concurrency:
            async with self._queue.transaction(Area.everywhere()) as connection:
                known = await ledger.is_known(connection, self._worker)
                taken = await ledger.take(connection, self._worker) if known else None
            if not known:
                await self._register()
                continue
            if taken is None:
                return
            task = asyncio.create_task(self._run(taken), name=f"job {taken.job_id}")
            self._running.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fault = error

    async def _run(self, taken: Taken) -> None:
        row = await self._settle(lambda connection: ledger.start(connection, taken))
        if row is None:
            return
        with structlog.contextvars.bound_contextvars(job_id=str(taken.job_id), kind=row.kind):
            try:
                ending = await self._work(row)
            except JobTaken:
                _log.warning("job_was_taken_over", run=row.run)
                return
            except asyncio.CancelledError:
                with suppress(TimeoutError):  # the database may be away too; then the job is taken over later
                    giving_back = given_back(self._after_seconds(0), counts=False)(taken, row.run)
                    await asyncio.wait_for(self._settle(giving_back), self._pace.heartbeat)
                raise
            await self._settle(ending(taken, row.run))

    async def _work(self, row: Any) -> Ending:
        """Run the handler; whatever comes of it is an ending, to be written by :meth:`_settle`."""
        kind = self._kinds.get(row.kind)
        if kind is None:
            return failed(JobKindUnknown())
        try:
            parameters = kind.parameters.model_validate_json(orjson.dumps(row.parameters))
        except ValidationError:
            return failed(JobKindUnknown())
        context = JobContext(self._program, row=row, parameters=parameters, is_stopping=lambda: self._stopping)
        _log.info("job_started", run=row.run)
        try:
            with self._step(row) as step, structlog.contextvars.bound_contextvars(trace_id=_trace_id(step)):
                context.traceparent = step.traceparent
                answer = await kind.handler(context)
                result = None if answer is None else orjson.loads(orjson.dumps(answer))
        except JobTaken:
            raise
        except JobPaused:
            return given_back(self._after_seconds(0), counts=False)
        except JobStopped:
            return ended(JobState.CANCELLED)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is how the job ended
            may_again = row.attempts < kind.attempts_max
            return after(error, again_at=self._after_seconds(self._pace.again), may_again=may_again)
        _log.info("job_succeeded", run=row.run)
        return ended(JobState.SUCCEEDED, result=result)

    def _step(self, row: Any) -> AbstractContextManager[tracing.Step]:
        return tracing.span(
            self._program.name,
            f"job {row.kind}",
            parent=row.traceparent,
            attributes={"xianjie.job.id": str(row.id), "xianjie.job.run": row.run},
            expected=(JobTaken, JobPaused, JobStopped),
        )

    async def _settle(self, step: Step) -> Any:
        """Write a start or an end, however long the database is away: another worker may have taken over meanwhile."""
        while True:
            try:
                async with self._queue.transaction(Area.everywhere()) as connection:
                    return await step(connection)
            except Exception as error:
                if not is_passing(error):
                    raise
                await asyncio.sleep(self._pace.again)

    async def _keep(self) -> None:
        """Look after what all workers of this database share: the dead ones' jobs, the turns, the sweeps."""
        attempts = {name: kind.attempts_max for name, kind in self._kinds.items()}
        async with platform_unit(self._program, "jobs") as unit:
            if not await ledger.is_keeper(unit.connection):
                return
            now = self._after_seconds(0)
            taken = await ledger.take_over_dead(
                unit.connection, stalled_seconds=self._pace.stalled, attempts_max=attempts, at=now
            )
            await ledger.bind(unit.connection, PLATFORM)
            if taken:
                _log.warning("jobs_taken_over", number=taken)
            await defer_due(self._program, unit, self._periodic, self._areas)
            if self._sweeps and await self._may_sweep(unit.connection):
                await defer(unit, self._sweeping, SweepParameters(), PLATFORM)

    async def _may_sweep(self, connection: AsyncConnection) -> bool:
        if await ledger.waits_or_runs(connection, self._sweeping.name, PLATFORM):
            return False
        if await days_left(connection, self._program, self._sweeps, self._areas) <= 0:
            return False
        return not await ledger.failed_within(connection, self._sweeping.name, PLATFORM, self._pace.sweeps_again)

    def _after_seconds(self, seconds: float) -> datetime:
        return self._program.clock.system_now() + timedelta(seconds=seconds)

    async def _finish(self) -> None:
        self._stopping = True
        if self._running:
            await asyncio.wait(self._running, timeout=self._pace.grace)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._worker:
            with suppress(Exception):  # the database may be away; a worker without a heartbeat is taken for dead
                async with self._queue.transaction(Area.everywhere()) as connection:
                    await queue_on(connection).unregister_worker(self._worker)
        await self._queue.close()


def _trace_id(step: tracing.Step) -> str | None:
    return step.traceparent.split("-")[1] if step.traceparent else None
