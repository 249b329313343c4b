"""Run what a service does without being asked over HTTP: relay, consumers, parked events, jobs, the audit's sealer."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeAlias

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
from chassis.jobs.worker import JobWorker
from chassis.lifecycle import opened
from chassis.program import Program
from chassis.service import Service
from chassis.telemetry.bus import TracedBus
from chassis.telemetry.metrics import metrics_of
from chassis.telemetry.tracing import configure_tracing

Beside: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Runs until the event is set, then ends."""


def checkpoint_file(program: Program) -> CheckpointFile:
    """Where this program's audit checkpoints lie outside PostgreSQL."""
    return CheckpointFile(Path(program.settings.data_directory) / f"audit-{program.name}.jsonl", database=program.name)


class Worker:
    """Everything of one service that runs beside its API."""

    def __init__(self, service: Service, program: Program, bus: Bus) -> None:
        self._service = service
        self._program = program
        self._bus = bus
        self._waker = Waker(program.database)
        program.events_written = self._waker.wrote
        self._consumers = consumers_of(service, program)

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
        jobs = JobWorker(program, service.jobs, periodic=service.periodic, sweeps=service.sweeps, areas=service.areas)
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
            await stop.wait()
            sealing.stop()


async def run_until_stopped(service: Service, program: Program, bus: Bus, *, beside: Sequence[Beside]) -> None:
    """Run a service's worker as a process of its own, until it is told to stop; then end in order.

    :param beside: what runs next to it, such as the server of its health and metrics.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(Worker(service, program, bus).run(stop))
            for each in beside:
                group.create_task(each(stop))
    finally:
        await bus.close()
