"""Run what a service does without being asked over HTTP: relay, consumers, parked events, jobs, the audit's sealer."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from chassis.audit.chain import RingChainKeys
from chassis.audit.checkpoints import CheckpointFile, sealed_event
from chassis.audit.loop import SealingLoop
from chassis.audit.sealer import Sealer
from chassis.bus.protocol import Bus
from chassis.events.groups import consumers_of
from chassis.events.relay import Relay
from chassis.events.retrier import ParkedRetrier
from chassis.events.seat import Seat
from chassis.events.wakeup import Waker
from chassis.files.purge import FILES_SWEEP
from chassis.idempotency.purge import ANSWERS_SWEEP
from chassis.jobs.sweeps import Sweep
from chassis.jobs.worker import JobWorker
from chassis.keys.resealing import reseal_kind
from chassis.lifecycle import opened
from chassis.operations.purge import OPERATIONS_SWEEP
from chassis.program import Program
from chassis.service import Service
from chassis.telemetry.bus import TracedBus
from chassis.telemetry.metrics import metrics_of
from chassis.telemetry.tracing import configure_tracing
from chassis.worker_health import telling


def checkpoint_file(program: Program) -> CheckpointFile:
    """Where this program's audit checkpoints lie outside PostgreSQL."""
    return CheckpointFile.in_folder(program.settings.data_directory, program.name)


def sweeps_of(service: Service) -> tuple[Sweep, ...]:
    """Everything that a business day asks of a service: what each owes without its asking, then its own."""
    return (FILES_SWEEP, ANSWERS_SWEEP, OPERATIONS_SWEEP, *service.sweeps)


class Worker:
    """Everything of one service that runs beside its API."""

    def __init__(self, service: Service, program: Program, bus: Bus) -> None:
        self._service = service
        self._program = program
        self._bus = bus
        self._waker = Waker(program.database)
        program.events_written = self._waker.wrote
        program.probes["worker"] = self.probe
        self._is_working = False
        self._consumers = consumers_of(service, program)

    async def probe(self) -> dict[str, Any]:
        """For ``/health/status``: whether everything has begun and nothing has ended."""
        return {"ready": self._is_working}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop``, then finish the transactions under way."""
        configure_tracing()
        metrics_of(self._program)  # counts and draws from here on, whether or not anybody asks yet
        async with opened(self._service, self._program):
            await self._work(stop)

    async def _work(self, stop: asyncio.Event) -> None:
        program, service = self._program, self._service
        sealing = SealingLoop(
            Sealer(
                program.database,
                RingChainKeys(program.vault.ring),
                checkpoint_file(program),
                event=sealed_event(service.name),
                region=program.settings.region,
                clock=program.clock,
            ),
            clock=program.clock,
            published=self._waker.wrote,
        )
        jobs = JobWorker(
            program,
            (*service.jobs, reseal_kind(service.tables)),
            periodic=service.periodic,
            sweeps=sweeps_of(service),
            areas=service.areas,
        )
        relay = Relay(program, TracedBus(self._bus, program.name))
        program.probes |= {"relay": relay.probe, "sealer": sealing.probe}
        seats = [Seat(self._bus, consumer) for consumer in self._consumers]
        program.probes |= {f"consumer {seat.group}": seat.probe for seat in seats}
        async with asyncio.TaskGroup() as group:
            for seat in seats:  # before the relay, so that a bus in this process has somebody to deliver to
                group.create_task(seat.run(stop), name=f"{service.name}: consumer")
            group.create_task(self._waker.run(stop), name=f"{service.name}: waker")
            group.create_task(relay.run(stop), name=f"{service.name}: relay")
            group.create_task(ParkedRetrier(program, self._consumers).run(stop), name=f"{service.name}: parked")
            group.create_task(jobs.run(stop), name=f"{service.name}: jobs")
            group.create_task(sealing.run(), name=f"{service.name}: sealer")
            self._is_working = True
            await stop.wait()
            self._is_working = False
            sealing.stop()


async def run_until_stopped(service: Service, program: Program, bus: Bus, **where: object) -> None:
    """Run a service's worker as a process of its own, until it is told to stop; then end in order.

    :param where: ``uds``, or ``host`` and ``port``, at which it tells its health and metrics.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    worker = Worker(service, program, bus)
    try:
        async with telling(program, **where):
            await worker.run(stop)
    finally:
        await bus.close()
