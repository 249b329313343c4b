"""Write logs as JSON lines that carry the trace and no personal data, whoever logs."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping, MutableMapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import TracebackType
from typing import Any, Final
from uuid import UUID

import orjson
import structlog

from chassis.security.masking import scrub
from chassis.telemetry.exceptions import describe, named, without_texts

READY: Final = "xianjie_line"
"""Attribute of a log record whose line is complete, and made of nothing but names and numbers of ours."""

_QUIET: Final = {"httpx": logging.WARNING, "procrastinate": logging.WARNING, "aiokafka": logging.WARNING}
_PLAIN: Final = (UUID, date, Decimal, PurePath)
_DEPTH_MAX: Final = 4


def configure_logging(level: str = "INFO") -> None:
    """Send every log line of this process, libraries' and last words included, to standard output as one JSON object.

    The rule is that no personal value is given to a log. Below it lie nets: an exception is told by its types and
    places, never by its text, which may quote a row or a request; objects of unknown kinds by their type; and whatever
    reads like an ID number or a mobile phone number is replaced.
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
        _Lines(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _tell_exception,
                _clean,
                structlog.processors.JSONRenderer(serializer=_as_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda left: _log_uncaught(left.exc_value)
    sys.unraisablehook = lambda left: _log_uncaught(left.exc_value)


class _Lines(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        ready: dict[str, Any] | None = getattr(record, READY, None)
        if ready is not None:
            return _as_json(ready)
        record = logging.makeLogRecord(record.__dict__)  # other handlers get the record as it was
        if isinstance(record.args, tuple):
            record.args = tuple(named(each) if isinstance(each, BaseException) else each for each in record.args)
        if isinstance(record.msg, BaseException):
            record.msg = named(record.msg)
        if record.name == "asyncio" and isinstance(record.msg, str):
            # What follows the first line are reprs of tasks and futures, which quote their exceptions.
            record.msg = record.msg.partition("\n")[0]
        return super().format(record)


def _tell_exception(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["exception"] = describe(error)
    return line


def _clean(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in line.items():
        line[key] = _cleaned(value, _DEPTH_MAX)
    return line


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return scrub(without_texts(value))
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, BaseException):
        return named(value)
    if isinstance(value, Enum):
        return _cleaned(value.value, depth)
    if isinstance(value, int):
        text = str(value)
        return value if scrub(text) == text and value.bit_length() < 64 else scrub(text)
    if isinstance(value, _PLAIN):
        return scrub(str(value))
    if depth > 0 and isinstance(value, Mapping):
        return {scrub(str(key)): _cleaned(each, depth - 1) for key, each in value.items()}
    if depth > 0 and isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(each, depth - 1) for each in value]
    return f"<{type(value).__name__}>"  # its repr may show a person


def _uncaught(_kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(type(error), error, trace)
    else:
        _log_uncaught(error)


def _log_uncaught(error: BaseException | None) -> None:
    logging.getLogger(__name__).critical("uncaught", exc_info=error)


def _as_json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str).decode()
