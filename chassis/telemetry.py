"""Write logs as JSON lines that carry the trace and no personal data; count and time what operators watch."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import orjson
import structlog

from chassis.security.masking import scrub

_SILENCED: Final = {"httpx": logging.WARNING, "procrastinate": logging.WARNING, "aiokafka": logging.WARNING}


def configure_logging(level: str = "INFO") -> None:
    """Send every log line of this process, libraries' included, to standard output as one JSON object.

    Texts are scrubbed of anything that reads like an ID number, wherever it stands, as a last net below the rule that
    no personal value is given to a log at all.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _scrubbed,
                structlog.processors.JSONRenderer(serializer=_as_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, least in _SILENCED.items():
        logging.getLogger(name).setLevel(least)


def _scrubbed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = scrub(value)
        elif not isinstance(value, int | float | bool | None):
            line[key] = scrub(str(value))
    return line


def _as_json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str).decode()
