"""One trace goes from a request through the outbox and the bus to another program's handler and what it records."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import MetaData, select

from chassis.bus.in_process import InProcessBus
from chassis.bus.kafka import KafkaBus
from chassis.bus.protocol import BusAway
from chassis.errors import Message
from chassis.events.consumer import Consumer
from chassis.events.event import Event
from chassis.events.relay import Relay
from chassis.events.subscriptions import Subscription
from chassis.events.tables import outbox
from chassis.http.acting import writes
from chassis.http.application import create_app
from chassis.http.routers import service_router
from chassis.identifiers import new_id
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind, defer
from chassis.jobs.worker import JobWorker, Pace
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import Area, Permission, Role
from chassis.service import Service
from chassis.telemetry import tracing
from chassis.telemetry.bus import TracedBus
from chassis.telemetry.metrics import metrics_of
from chassis.testing import tally
from chassis.testing.bus import RecordingBus
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE, officer, sign_in
from chassis.testing.tally import Counted, count_all
from chassis.types import Model

CALLER = f"00-{'a' * 32}-{'b' * 16}-01"
COUNT = Permission("counter_count", frozenset({Role.COUNTY_OFFICER}))
router = service_router("counters")


class Echoed(Event, type="echo.counter.echoed", version=1):
    """A counter was heard of."""


class Nothing(Model):
    """No parameters."""


@router.post("/counters", operation_id="counter_count", include_in_schema=False)
async def counter_count(unit: Any = writes(COUNT)) -> dict[str, int]:
    return {"version": await tally.count(unit, new_id())}


@pytest.fixture
def post(make_program):
    """``await post(program)``: count once over HTTP; gives the answer."""

    async def send(program: Program, headers: dict[str, str] | None = None) -> httpx.Response:
        sign_in(program, officer(region=VILLAGE))
        app = create_app(Service("tally", Message("计数", "Tally"), MetaData(), Path(), [router]), program)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
            answer = await http.post("/v1/tally/counters", headers={"Authorization": "Bearer x", **(headers or {})})
        assert answer.status_code == 200, answer.text
        return answer

    return send


async def traceparents(program: Program) -> set[str | None]:
    async with program.database.transaction(Area.everywhere()) as connection:
        return set((await connection.execute(select(outbox.c.traceparent))).scalars())


def echo(program: Program) -> Consumer:
    async def answer(unit, _event, envelope) -> None:
        unit.record("echo.answer", Aggregate("echo", envelope.subject, envelope.region, 1), event=Echoed())

    return Consumer(program, "echo", [Subscription(Counted, answer)])


def line_of(spans: Iterator[ReadableSpan], last: ReadableSpan) -> list[str]:
    """The names from the first step to ``last``, each the parent of the next."""
    by_id = {span.context.span_id: span for span in spans}
    names, span = [], last
    while span is not None:
        names.append(span.name)
        span = by_id.get(span.parent.span_id) if span.parent else None
    return names[::-1]


@pytest.fixture(params=["in process", "kafka"])
def bus(request) -> Any:
    """Both buses: over Kafka the trace crosses in a record's header."""
    if request.param == "in process":
        return InProcessBus(["echo"])
    request.getfixturevalue("topics")
    return KafkaBus(request.getfixturevalue("kafka_settings"), "test")


async def test_one_trace_from_the_request_to_the_handler_in_another_program(make_program, post, spans, bus):
    writer, reader = make_program("tally", tally.tables), make_program("echo")
    metrics_of(reader)
    await bus.join(echo(reader))
    answer = await post(writer, {"traceparent": CALLER})
    await Relay(writer, TracedBus(bus, "tally")).deliver_batch()
    await eventually(lambda: any(span.name.startswith("apply ") for span in spans.get_finished_spans()))
    await bus.close()

    drawn = spans.get_finished_spans()
    assert {span.context.trace_id for span in drawn if span.parent} == {int("a" * 32, 16)}
    handled = next(span for span in drawn if span.name.startswith("apply "))
    publish, apply = (f"{verb} cn.xianjie.tally.counter.counted.v1" for verb in ("publish", "apply"))
    assert line_of(drawn, handled) == ["POST /v1/tally/counters", publish, apply]
    committed = next(span for span in drawn if span.name == "commit")
    assert line_of(drawn, committed) == ["POST /v1/tally/counters", "commit"]
    kinds = {span.name: (span.kind, span.resource.attributes["service.name"]) for span in drawn}
    assert kinds["POST /v1/tally/counters"] == (SpanKind.SERVER, "tally")
    assert kinds[publish] == (SpanKind.PRODUCER, "tally")
    assert kinds[apply] == (SpanKind.CONSUMER, "echo")
    request = next(span for span in drawn if span.kind is SpanKind.SERVER)
    assert f"{request.parent.span_id:016x}" == "b" * 16
    assert dict(request.attributes) == {
        "http.request.method": "POST", "http.route": "/v1/tally/counters", "http.response.status_code": 200,
    }  # fmt: skip
    assert answer.headers["traceresponse"] == f"00-{'a' * 32}-{request.context.span_id:016x}-01"
    assert await traceparents(writer) == {answer.headers["traceresponse"]}
    assert await traceparents(reader) == {f"00-{'a' * 32}-{handled.context.span_id:016x}-01"}


async def test_without_an_exporter_the_trace_goes_on_and_nothing_is_drawn(make_program, post):
    writer, reader, bus = make_program("tally", tally.tables), make_program("echo"), InProcessBus(["echo"])
    await bus.join(echo(reader))
    answer = await post(writer, {"traceparent": CALLER})
    await Relay(writer, TracedBus(bus, "tally")).deliver_batch()
    given = answer.headers["traceresponse"]
    assert given[:36] == CALLER[:36]
    assert given[36:52] != CALLER[36:52]
    assert await traceparents(writer) == await traceparents(reader) == {given}


@pytest.mark.parametrize("given", ["rubbish", f"00-{'0' * 32}-{'b' * 16}-01", f"00-{'a' * 32}-{'0' * 16}-01", None])
@pytest.mark.parametrize("is_on", [True, False])
async def test_a_trace_that_is_none_is_not_continued(make_program, post, request, given, is_on):
    if is_on:
        request.getfixturevalue("spans")
    answer = await post(make_program("tally", tally.tables), {"traceparent": given} if given else None)
    found = tracing.PARENT.fullmatch(answer.headers["traceresponse"])
    assert found is not None
    assert found[1] != "a" * 32


async def test_a_caller_who_samples_not_is_followed(make_program, post, spans):
    writer = make_program("tally", tally.tables)
    answer = await post(writer, {"traceparent": CALLER[:-2] + "00"})
    assert answer.headers["traceresponse"].endswith("-00")
    assert answer.headers["traceresponse"][:36] == CALLER[:36]
    assert spans.get_finished_spans() == ()


async def test_a_failure_is_drawn_without_what_it_says(make_program, spans):
    program = make_program("echo")

    async def fail(_unit, _event, _envelope) -> None:
        raise ValueError("610999197103220011")

    writer, bus = make_program("tally", tally.tables), RecordingBus()
    await count_all(writer, [new_id()], VILLAGE)
    await Relay(writer, bus).deliver_batch()
    await Consumer(program, "echo", [Subscription(Counted, fail)]).apply(bus.envelopes)
    drawn = [span for span in spans.get_finished_spans() if span.name.startswith("apply ")]
    assert {span.status.status_code for span in drawn} == {StatusCode.ERROR}
    assert {span.status.description for span in drawn} == {"ValueError"}
    assert "610999" not in "".join(span.to_json() for span in drawn)


async def test_what_the_bus_did_not_take_is_drawn_as_failed_and_keeps_its_place_in_the_trace(make_program, post, spans):
    writer, bus = make_program("tally", tally.tables), RecordingBus(refusals=1)
    answer = await post(writer)
    relay = Relay(writer, TracedBus(bus, "tally"))
    with pytest.raises(BusAway):
        await relay.deliver_batch()
    await relay.deliver_batch()
    tries = [span for span in spans.get_finished_spans() if span.name.startswith("publish ")]
    assert [span.status.status_code for span in tries] == [StatusCode.ERROR] * 2 + [StatusCode.UNSET] * 2
    parent = answer.headers["traceresponse"].split("-")[2]
    assert {f"{span.parent.span_id:016x}" for span in tries} == {parent}
    sent = {f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}" for span in tries[2:]}
    assert {(envelope.traceparent or "")[:52] for envelope in bus.envelopes} == sent


async def test_a_job_goes_on_in_the_trace_of_whoever_asked_for_it(make_program, spans):
    program = make_program("tally", tally.tables)
    seen: list[str | None] = []

    async def work(job: JobContext[Nothing]) -> None:
        async with job.chunk() as unit:
            seen.append(unit.traceparent)

    kind = JobKind(name="test.work", parameters=Nothing, handler=work)
    async with program.unit(officer(region=VILLAGE), traceparent=CALLER) as unit:
        await defer(unit, kind, Nothing(), VILLAGE)
    stop = asyncio.Event()
    task = asyncio.create_task(JobWorker(program, [kind], pace=Pace(poll=0.02)).run(stop))
    await eventually(lambda: any(span.name == "job test.work" for span in spans.get_finished_spans()))
    stop.set()
    await task
    [span] = [span for span in spans.get_finished_spans() if span.name == "job test.work"]
    assert f"{span.context.trace_id:032x}" == "a" * 32
    assert f"{span.parent.span_id:016x}" == "b" * 16
    assert seen == [f"00-{'a' * 32}-{span.context.span_id:016x}-01"]
    assert span.status.status_code is StatusCode.UNSET
