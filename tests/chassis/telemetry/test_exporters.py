"""The environment chooses the exporter of traces by its usual variables; without one, tracing stays off."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import EntryPoint

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from chassis.telemetry import tracing


def test_an_exporter_that_is_not_installed_is_said_so(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "carrier_pigeon")
    with pytest.raises(tracing.ExporterUnknown, match="there are: console"):
        tracing.configure_tracing()
    assert not tracing.is_on()


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "otlp_proto_http"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "otlp_proto_grpc"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"},
         "otlp_proto_http"),
    ],
)  # fmt: skip
def test_otlp_is_the_exporter_of_the_protocol_that_is_asked_for(monkeypatch, environment, name):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(tracing, "entry_points", lambda group: [])
    with pytest.raises(tracing.ExporterUnknown, match=r"OTEL_TRACES_EXPORTER=otlp: .*\[otlp\]") as refused:
        tracing.configure_tracing()
    assert "要用 otlp" in refused.value.message.zh
    memory = "opentelemetry.sdk.trace.export.in_memory_span_exporter:InMemorySpanExporter"
    point = EntryPoint(name=name, value=memory, group="opentelemetry_traces_exporter")
    monkeypatch.setattr(tracing, "entry_points", lambda group: [point])
    assert tracing.chosen_exporter() is point
    before = tracing.install(None)
    try:
        tracing.configure_tracing()
        assert tracing.is_on()
    finally:
        tracing.install(before)


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_who_names_a_collector_and_no_exporter_wants_otlp(monkeypatch, name):
    monkeypatch.delenv("OTEL_TRACES_EXPORTER", raising=False)
    monkeypatch.setenv(name, "http://127.0.0.1:4318")
    monkeypatch.setattr(tracing, "entry_points", lambda group: [])
    with pytest.raises(tracing.ExporterUnknown, match="OTEL_TRACES_EXPORTER=otlp"):
        tracing.configure_tracing()


def test_spans_reach_a_collector_over_otlp(monkeypatch):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="of the lock; run `make install-dev`")
    heard = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words):
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.delenv("OTEL_TRACES_EXPORTER", raising=False)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        before = tracing.install(tracing.Tracing(SimpleSpanProcessor(tracing.chosen_exporter().load()())))
        try:
            with tracing.span("monitoring", "a step"):
                pass
        finally:
            tracing.install(before)
            server.shutdown()
    [(path, body)] = heard
    assert path == "/v1/traces"
    assert b"a step" in body


@pytest.mark.parametrize("environment", [{}, {"OTEL_TRACES_EXPORTER": "none"},
                                         {"OTEL_TRACES_EXPORTER": "console", "OTEL_SDK_DISABLED": "true"}])  # fmt: skip
def test_without_an_exporter_tracing_stays_off(monkeypatch, environment):
    monkeypatch.delenv("OTEL_TRACES_EXPORTER", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    tracing.configure_tracing()
    assert not tracing.is_on()


def test_the_environment_turns_tracing_on(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    before = tracing.install(None)
    try:
        tracing.configure_tracing()
        assert tracing.is_on()
    finally:
        tracing.install(before)
