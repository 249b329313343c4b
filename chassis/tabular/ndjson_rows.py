"""Stream the objects of an NDJSON file; a line that is no object costs itself, not the file."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from chassis.errors import Message, TooLarge
from chassis.tabular.guard import Limits, too_long_cell, too_many_columns
from chassis.tabular.model import Cell, CellFault, SourceRow

MALFORMED = CellFault(
    "row_json",
    Message(
        "这一行不是一个完整的 JSON 对象（UTF-8 编码），请检查后重新填写。",
        "This line is not one complete JSON object in UTF-8; mend the line.",
    ),
)
_NESTED = CellFault(
    "row_nested",
    Message("每个字段只能是文字、数字、真假或空值。", "A field may only be text, a number, true, false or null."),
)


def survey_keys(stream: BinaryIO, limits: Limits) -> list[str]:
    """Every key that any line uses, by first appearance: JSON has no header, and no column may be lost in silence.

    :raises TooLarge: for more keys than ``columns_max``.
    """
    keys: dict[str, None] = {}
    for number, line in _lines(stream, limits):
        value = _parsed(line)
        if isinstance(value, dict) and not keys.keys() >= value.keys():
            keys.update(dict.fromkeys(value))
            if len(keys) > limits.columns_max:
                raise too_many_columns(limits, number)
    return list(keys)


def read_ndjson(stream: BinaryIO, keys: list[str], limits: Limits) -> Iterator[SourceRow]:
    """Read every line; a row's number is its line, its cells follow ``keys``. A broken line is one cell of text."""
    characters_max = limits.cell_characters_max
    for number, line in _lines(stream, limits):
        value = _parsed(line)
        if not isinstance(value, dict):
            original = line.decode("utf-8", errors="replace").strip()
            yield SourceRow(number, [original[:characters_max]], MALFORMED)
            continue
        cells: list[Cell] = []
        fault: CellFault | None = None
        for key in keys:
            cell = value.get(key)
            if isinstance(cell, list | dict):
                cell, fault = orjson.dumps(cell).decode(), _NESTED
            if isinstance(cell, str) and len(cell) > characters_max:
                raise too_long_cell(limits, number)
            cells.append(cell)
        yield SourceRow(number, cells, fault)


def _parsed(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _lines(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, bytes]]:
    stream.seek(0)
    if stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
        stream.seek(0)
    number = 0
    while line := stream.readline(limits.line_bytes_max + 1):
        number += 1
        if len(line) > limits.line_bytes_max:
            raise TooLarge(
                Message(
                    f"第 {number} 行过长，请确认每行只有一个对象。",
                    f"Line {number} is too long; put one object on each line.",
                )
            )
        if not line.isspace():
            yield number, line
