"""Draw what a trace passed through as OpenTelemetry spans, if the environment names an exporter; else cost nothing.

The trace itself travels without any of this: a W3C ``traceparent`` goes from the request to the outbox row, with the
event to its handler, and to what that records. With an exporter each step makes a span and hands its own on.
OpenTelemetry is loaded only then: its SDK takes a third of a second to import.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from chassis.errors import Message
from chassis.telemetry.exceptions import named

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Span, Tracer

Kind = Literal["INTERNAL", "SERVER", "PRODUCER", "CONSUMER"]
Attributes = Mapping[str, str | int]

PARENT: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
"""A ``traceparent`` of W3C Trace Context: trace, parent span, flags."""

_NONE: Final[Attributes] = MappingProxyType({})
_ENTRY_POINTS: Final = "opentelemetry_traces_exporter"
_COLLECTORS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_OTLP: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}


class ExporterUnknown(ValueError):
    """``OTEL_TRACES_EXPORTER`` names what is not installed; ``message`` says which are, and how to add one."""

    def __init__(self, exporter: str, installed: Iterable[str]) -> None:
        names = ", ".join(sorted(installed))
        self.message = Message(
            f"OTEL_TRACES_EXPORTER={exporter}：没有安装这个导出器；已有：{names}。要用 otlp，请在本仓库执行"
            " pip install -e '.[otlp]'（grpc 另装 opentelemetry-exporter-otlp-proto-grpc），或取消这个变量。",
            f"OTEL_TRACES_EXPORTER={exporter}: no such exporter is installed; there are: {names}. For otlp run"
            " pip install -e '.[otlp]' in this tree (for grpc install opentelemetry-exporter-otlp-proto-grpc), or unset"
            " the variable.",
        )
        super().__init__(self.message.en)


class Step:
    """One step of a trace; without an exporter only the ``traceparent`` that it was given, to hand on."""

    __slots__ = ("_span", "traceparent")

    def __init__(self, traceparent: str | None, span: Span | None = None) -> None:
        self.traceparent = traceparent
        self._span = span

    def note(self, attributes: Attributes, *, name: str | None = None) -> None:
        """Add what is known only now."""
        if self._span is not None:
            self._span.set_attributes(dict(attributes))
            if name is not None:
                self._span.update_name(name)

    def end(self, error: BaseException | str | None = None) -> None:
        """Close the step; with the error's type and codes, never its text, if it failed."""
        if self._span is None:
            return
        if error is not None:
            from opentelemetry.trace import Status, StatusCode

            reason = error if isinstance(error, str) else named(error)
            self._span.set_attribute("error.type", reason.partition(" ")[0])
            self._span.set_status(Status(StatusCode.ERROR, reason))
        self._span.end()


class Tracing:
    """Tracers of the programs of this process, which share one way out. Samplers and limits come from ``OTEL_*``."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor
        self._tracers: dict[str, Tracer] = {}

    def begin(self, program: str, name: str, kind: Kind, parent: str | None, attributes: Attributes) -> Step:
        from opentelemetry.trace import SpanKind

        context = _context_of(parent)
        span = self._tracer(program).start_span(name, context, SpanKind[kind], dict(attributes))
        own = span.get_span_context()
        if not own.is_valid:
            return Step(parent)  # OTEL_SDK_DISABLED
        # Of the flags only those of level 1 and 2 are ours to hand on: sampled, random.
        flags = own.trace_flags & 0x03
        return Step(f"00-{own.trace_id:032x}-{own.span_id:016x}-{flags:02x}", span)

    @contextmanager
    def span(
        self,
        program: str,
        name: str,
        kind: Kind,
        parent: str | None,
        attributes: Attributes,
        expected: tuple[type[BaseException], ...],
    ) -> Iterator[Step]:
        step = self.begin(program, name, kind, parent, attributes)
        with current(step):
            try:
                yield step
            except BaseException as error:
                step.end(None if isinstance(error, expected) else error)
                raise
            step.end()

    def _tracer(self, program: str) -> Tracer:
        tracer = self._tracers.get(program)
        if tracer is None:
            from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_NAMESPACE, Resource
            from opentelemetry.sdk.trace import TracerProvider

            named_by_operator = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: program}
            provider = TracerProvider(resource=Resource.create({SERVICE_NAMESPACE: "xianjie", **named_by_operator}))
            provider.add_span_processor(self._processor)
            tracer = self._tracers[program] = provider.get_tracer("xianjie")
        return tracer


_installed: Tracing | None = None


def configure_tracing() -> None:
    """Export spans as ``OTEL_TRACES_EXPORTER`` says (``otlp``, ``console``, ``none``).

    Unset, it is ``otlp`` if the address of a collector is set, else none. Where ``otlp`` sends them, with what headers
    and how often, ``OTEL_EXPORTER_OTLP_*`` and ``OTEL_BSP_*`` say. Further calls in one process do nothing.

    :raises ExporterUnknown: if that exporter is not installed.
    """
    chosen = chosen_exporter() if _installed is None else None
    if chosen is None:
        return
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    install(Tracing(BatchSpanProcessor(chosen.load()())))


def chosen_exporter() -> EntryPoint | None:
    """The exporter that the environment asks for, or None.

    :raises ExporterUnknown: if it is not installed.
    """
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "").strip() or ("otlp" if _names_a_collector() else "none")
    if exporter == "none" or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    name = exporter
    if name == "otlp":
        protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        name = _OTLP.get(protocol or "http/protobuf", exporter)
    there = {point.name: point for point in entry_points(group=_ENTRY_POINTS)}
    if name not in there:
        raise ExporterUnknown(exporter, there)
    return there[name]


def _names_a_collector() -> bool:
    """Whether the operator said where a collector is: who does, wants spans sent there."""
    return any(os.environ.get(name, "").strip() for name in _COLLECTORS)


def install(tracing: Tracing | None) -> Tracing | None:
    """Trace with ``tracing`` from now on, or not at all. Returns what was installed before."""
    global _installed
    before, _installed = _installed, tracing
    return before


def is_on() -> bool:
    return _installed is not None


def begin(
    program: str, name: str, *, kind: Kind = "INTERNAL", parent: str | None = None, attributes: Attributes = _NONE
) -> Step:
    """Begin a step that the caller ends. ``program`` is the service's name; ``parent`` a ``traceparent`` or None."""
    if _installed is None:
        return Step(parent)
    return _installed.begin(program, name, kind, parent, attributes)


def span(
    program: str,
    name: str,
    *,
    kind: Kind = "INTERNAL",
    parent: str | None = None,
    attributes: Attributes = _NONE,
    expected: tuple[type[BaseException], ...] = (),
) -> AbstractContextManager[Step]:
    """A step around a block, which may log and commit as part of it.

    :param expected: exceptions that steer and are no failure.
    """
    if _installed is None:
        return nullcontext(Step(parent))
    return _installed.span(program, name, kind, parent, attributes, expected)


def current(step: Step) -> AbstractContextManager[object]:
    """Make ``step`` the one that commits, and libraries' own spans, belong to."""
    inner = step._span  # noqa: SLF001
    if inner is None:
        return nullcontext()
    from opentelemetry.trace import use_span

    return use_span(inner, record_exception=False, set_status_on_exception=False)


def current_traceparent() -> str | None:
    """The ``traceparent`` of the recorded step that is under way here, if there is one."""
    if _installed is None:
        return None
    from opentelemetry.trace import get_current_span

    span = get_current_span()
    own = span.get_span_context()
    if not span.is_recording():
        return None
    return f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags & 0x03:02x}"


def _context_of(parent: str | None) -> Context:
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    found = PARENT.fullmatch(parent) if parent else None
    if found is None:
        return Context()
    flags = TraceFlags(int(found[3], 16))
    remote = SpanContext(int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(remote), Context())
