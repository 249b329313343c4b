"""Logs read back as objects, and spans kept in memory."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.telemetry import configure_logging, tracing


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """``written()``: the lines since the last call. Logging is configured as in a program, and put back afterwards."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook, sys.unraisablehook)
    handlers, level, structure = root.handlers, root.level, structlog.get_config()
    out = io.StringIO()
    with redirect_stdout(out):
        configure_logging()

    def lines() -> list[dict[str, Any]]:
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return [json.loads(line) for line in text.splitlines()]

    yield lines
    root.handlers, root.level = handlers, level
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(capture=False)
    structlog.configure(**structure)


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Tracing is on, and what was drawn is here."""
    exporter = InMemorySpanExporter()
    before = tracing.install(tracing.Tracing(SimpleSpanProcessor(exporter)))
    yield exporter
    tracing.install(before)
