"""Logs read back as objects, and spans kept in memory."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.telemetry import configure_logging, tracing


@pytest.fixture
def written(logging_put_back: None) -> Callable[[], list[dict[str, Any]]]:
    """``written()``: the lines since the last call. Logging is configured as in a program, and put back afterwards."""
    out = io.StringIO()
    with redirect_stdout(out):
        configure_logging()

    def lines() -> list[dict[str, Any]]:
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return [json.loads(line) for line in text.splitlines()]

    return lines


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Tracing is on, and what was drawn is here."""
    exporter = InMemorySpanExporter()
    before = tracing.install(tracing.Tracing(SimpleSpanProcessor(exporter)))
    yield exporter
    tracing.install(before)
