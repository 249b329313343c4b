"""No personal value reaches a log line, whichever way it comes: text, field, exception, traceback of a library."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
import traceback
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import psycopg
import pytest
import structlog
from pydantic import BaseModel, ValidationError

NUMBER = "610999197103220011"
PHONE = "13800001234"
NAME = "石有余"
READ = "read " + NUMBER


@dataclass
class Person:
    name: str = NAME


def failure(postgres_url: str) -> psycopg.Error:
    """PostgreSQL's own error, whose text quotes the row."""
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TEMPORARY TABLE t (name text CONSTRAINT one_name UNIQUE)")
        connection.execute("INSERT INTO t VALUES (%s)", [NAME])
        with pytest.raises(psycopg.errors.UniqueViolation) as raised:
            connection.execute("INSERT INTO t VALUES (%s)", [NAME])
        connection.rollback()
    assert NAME in str(raised.value)
    return raised.value


def text_of(lines: list[dict[str, object]]) -> str:
    assert lines
    return json.dumps(lines, ensure_ascii=False)


def test_numbers_and_phones_are_replaced_wherever_they_stand(written):
    log = structlog.get_logger("t")
    log.info(READ, phone=PHONE, number=int(NUMBER), mobile=int(PHONE), nested={"a": [f"x{NUMBER}"], PHONE: 1})
    logging.getLogger("library").warning("refused %s of %s", NUMBER, PHONE)
    lines = written()
    assert NUMBER not in text_of(lines)
    assert PHONE not in text_of(lines)
    assert lines[0]["event"] == "read [identity number]"
    assert lines[0]["nested"] == {"a": ["x[identity number]"], "[phone]": 1}
    assert lines[1]["event"] == "refused [identity number] of [phone]"


def test_ordinary_fields_stay_as_they_are(written):
    one = UUID(int=1)
    structlog.get_logger("t").info("done", number=610999101203, one=one, day=date(2024, 6, 1), good=True, none=None)
    [line] = written()
    kept = {key: line[key] for key in ("number", "one", "day", "good", "none", "level", "logger")}
    assert kept == {
        "number": 610999101203, "one": str(one), "day": "2024-06-01", "good": True, "none": None,
        "level": "info", "logger": "t",
    }  # fmt: skip


def test_an_object_of_unknown_kind_is_told_by_its_type(written):
    structlog.get_logger("t").info("saved", person=Person(), people=[Person()])
    [line] = written()
    assert (line["person"], line["people"]) == ("<Person>", ["<Person>"])


@pytest.mark.parametrize(
    "write",
    [
        lambda error: structlog.get_logger("t").error("failed", exc_info=error),
        lambda error: structlog.get_logger("t").error("failed", error=error),
        lambda error: logging.getLogger("library").error("failed: %s", error),
        lambda error: logging.getLogger("library").error("failed: %r", error),
        lambda error: logging.getLogger("library").error(error),
        lambda error: logging.getLogger("library").error("failed", exc_info=error),
        lambda error: logging.getLogger("library").error("".join(traceback.format_exception(error))),
        lambda error: sys.excepthook(type(error), error, error.__traceback__),
    ],
)
def test_an_error_that_quotes_a_row_is_told_without_it(written, postgres_url, write):
    write(failure(postgres_url))
    text = text_of(written())
    assert NAME not in text
    assert "UniqueViolation" in text


def test_an_exception_is_told_by_types_codes_places_and_causes(written, postgres_url):
    def save() -> None:
        name = NAME  # a local variable
        try:
            raise failure(postgres_url)
        except psycopg.Error as error:
            raise ExceptionGroup(name, [ValueError(name)]) from error

    try:
        save()
    except ExceptionGroup:
        structlog.get_logger("t").exception("failed")
    [line] = written()
    assert NAME not in text_of([line])
    told = line["exception"].splitlines()
    assert told[0] == "ExceptionGroup"
    assert any("test_logging.py" in each and each.endswith(" save") for each in told)
    assert "  | ValueError" in told
    assert told[told.index("from") + 1] == "UniqueViolation 23505 one_name"


def test_a_refused_model_is_told_without_its_input(written):
    class Row(BaseModel):
        age: int

    with pytest.raises(ValidationError) as refused:
        Row.model_validate({"age": NAME})
    structlog.get_logger("t").error("failed", exc_info=refused.value)
    [line] = written()
    assert line["exception"].splitlines()[0] == "ValidationError int_parsing"
    assert NAME not in text_of([line])


def test_an_operating_system_error_keeps_its_code(written):
    structlog.get_logger("t").error("failed", error=OSError(28, "No space left", f"/{NAME}"))
    [line] = written()
    assert line["error"] == "OSError ENOSPC"


async def test_a_task_whose_error_nobody_took_is_told_without_its_text(written):
    async def fail() -> None:
        raise ValueError(NAME)

    gc.collect()  # what tests before this one left
    written()
    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    await asyncio.sleep(0)
    [line] = [line for line in written() if line["logger"] == "asyncio"]
    assert line["event"] == "Task exception was never retrieved"
    assert line["exception"].splitlines()[0] == "ValueError"
    assert NAME not in text_of([line])


def test_the_trace_bound_to_the_context_is_on_library_lines_too(written):
    with structlog.contextvars.bound_contextvars(trace_id="a" * 32):
        logging.getLogger("library").warning("slow")
    [line] = written()
    assert line["trace_id"] == "a" * 32
