"""Count and time what operators watch, in one registry for each program, with labels that no client can multiply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from chassis.database.engine import SERIALIZATION_STATES, is_outage, sqlstate
from chassis.events import metrics as events
from chassis.program import Program
from chassis.telemetry import backlog, commits

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_EVENT_FAMILIES: Final = (
    events.published,
    events.pending_events,
    events.pending_seconds,
    events.relay_failures,
    events.applied,
    events.parked_events,
    events.consumer_lag,
    events.expired_events,
    events.foreign_records,
)


class RequestMetrics:
    """Requests of one program by method, route template and class of status; and how many are under way."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.in_flight = 0
        Gauge("xianjie_requests_in_flight", "Requests under way.", registry=registry).set_function(
            lambda: self.in_flight
        )
        self._seconds = Histogram(
            "xianjie_request_seconds",
            "Requests: until the last byte of the answer was sent.",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=registry,
        )
        self._known: dict[tuple[str, str, int], Histogram] = {}

    def answered(self, method: str, route: str, status: int | None, seconds: float) -> None:
        """Count a request. ``route`` is a template, never a path; without a status its client went away."""
        key = method, route, (status or 0) // 100
        found = self._known.get(key)
        if found is None:
            label = f"{key[2]}xx" if status else "none"
            found = self._known[key] = self._seconds.labels(method, route, label)
        found.observe(seconds)


class ProgramMetrics:
    """Everything that one program shows at ``/metrics``. One for each program: :func:`metrics_of`."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.registry = CollectorRegistry()
        self.requests = RequestMetrics(self.registry)
        ProcessCollector(registry=self.registry)
        self.registry.register(_EventsOf(program.name))
        self._connections()
        self._conflicts()
        commits.draw(program)
        self._database_up = Gauge("xianjie_database_up", "Whether the database answered.", registry=self.registry)
        self._backlog = backlog.BacklogGauges()
        self.registry.register(self._backlog)

    def _connections(self) -> None:
        engine = self._program.database.engine.sync_engine
        gauge = Gauge(
            "xianjie_database_connections", "Of the pool of units of work.", ["state"], registry=self.registry
        )

        def of_pool(method: str) -> float:
            # Asked anew: closing the engine puts another pool in place.
            return float(getattr(engine.pool, method)()) if isinstance(engine.pool, QueuePool) else 0.0

        gauge.labels("in_use").set_function(lambda: of_pool("checkedout"))
        gauge.labels("max").set_function(lambda: of_pool("size"))

    def _conflicts(self) -> None:
        """Every one of these is a unit of work that is run again, by its request, its job or its consumer."""
        counter = Counter(
            "xianjie_unit_retries",
            "Units of work that the database asked to run again, by SQLSTATE.",
            ["sqlstate"],
            registry=self.registry,
        )
        by_state = {state: counter.labels(state) for state in sorted(SERIALIZATION_STATES)}

        @event.listens_for(self._program.database.engine.sync_engine, "handle_error")
        def count(context: Any) -> None:
            state = sqlstate(context.original_exception)
            if state in by_state:
                by_state[state].inc()

    async def exposition(self) -> bytes:
        """All of it in Prometheus' text format; the backlog as the database has it now, left out while it is away."""
        program = self._program
        found = None
        try:
            found = await backlog.read(program)
        except SQLAlchemyError as error:
            if not is_outage(error):
                raise
        self._database_up.set(found is not None)
        self._backlog.found = found
        if found is not None:
            events.pending_events.labels(program.name).set(found.pending)
            events.pending_seconds.labels(program.name).set(found.pending_seconds)
        return generate_latest(self.registry)


def metrics_of(program: Program) -> ProgramMetrics:
    """The metrics of ``program``, made at the first call."""
    found: ProgramMetrics | None = program.extras.get(ProgramMetrics)
    if found is None:
        found = program.extras[ProgramMetrics] = ProgramMetrics(program)
    return found


class _EventsOf(Collector):
    """Of the counts of events, which all programs of a process share, those of one service."""

    def __init__(self, service: str) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        for family in _EVENT_FAMILIES:
            for metric in family.collect():
                chosen = Metric(metric.name, metric.documentation, metric.type, metric.unit)
                chosen.samples = [each for each in metric.samples if self._is_ours(each.labels)]
                yield chosen

    def _is_ours(self, labels: dict[str, str]) -> bool:
        name = labels.get("service") or labels.get("consumer", "")
        return name.partition(".")[0] == self._service
