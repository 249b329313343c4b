"""Stream the records of a CSV file; a record that is out of order costs itself, not the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from chassis.errors import InvalidInput, Message, TooLarge
from chassis.tabular.guard import Limits, too_long_cell, too_many_columns
from chassis.tabular.model import Cell, CellFault, SourceRow

DELIMITERS: Final = (",", "\t", ";", "，")
_SAMPLE_CHARACTERS: Final = 1 << 16
# A text that a spreadsheet would execute is written with an apostrophe before it; reading takes one away again.
EXECUTABLE_SIGNS: Final = "=+\\-@\t\r\n＝＋－＠"
_SHIELDED: Final = re.compile(rf"'+[{EXECUTABLE_SIGNS}]")

_QUOTES: Final = CellFault(
    "row_quotes",
    Message(
        "这一行的引号没有成对，或引号后还有文字，请检查后重新填写。",
        "The quotes of this row do not match, or text follows a closing quote; mend the row.",
    ),
)


def sample_records(stream: BinaryIO, encoding: str, delimiter: str, count: int) -> list[list[str]]:
    """The first records as they would read with this delimiter, for choosing one."""
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    try:
        stream.seek(0)
        lines = text.read(_SAMPLE_CHARACTERS).splitlines(keepends=True)
    finally:
        text.detach()
        stream.seek(0)
    records: list[list[str]] = []
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            records.append(record)
            if len(records) == count:
                break
    except csv.Error:
        return records
    return records


def read_csv(stream: BinaryIO, *, encoding: str, delimiter: str, limits: Limits) -> Iterator[SourceRow]:
    """Read every record; its number counts records from 1, blank ones too, as a spreadsheet would show it.

    :raises InvalidInput: when a quote is opened and never closed; nobody could tell which rows follow.
    :raises TooLarge: for lines, cells or widths beyond the limits.
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    lines = _Lines(text, limits)
    records = csv.reader(lines, delimiter=delimiter, strict=True)
    number, characters_max, columns_max = 0, limits.cell_characters_max, limits.columns_max
    try:
        while True:
            number += 1
            lines.begin_record()
            try:
                record = next(records)
            except StopIteration:
                return
            except csv.Error as fault:
                if lines.is_over or "field larger" in str(fault):
                    raise _never_closed(number, lines.first) from fault
                yield SourceRow(number, [], _QUOTES)
                continue
            if len(record) > columns_max and any(record[columns_max:]):
                raise too_many_columns(limits, number)
            if record and max(map(len, record)) > characters_max:
                raise too_long_cell(limits, number)
            cells: list[Cell] = [_unshielded(cell) if cell[:1] == "'" else cell for cell in record]
            yield SourceRow(number, cells)
    finally:
        if not stream.closed:  # else a reader that was left half-way is only now collected
            text.detach()  # so that the stream, which may be the caller's, stays open


def _unshielded(cell: str) -> str:
    return cell[1:] if _SHIELDED.match(cell) else cell


def _never_closed(number: int, line: int) -> InvalidInput:
    return InvalidInput(
        Message(
            f"第 {number} 行（文件第 {line} 行）起有引号没有成对，其后的内容无法分行。请补上或删除引号后重新上传。",
            f"A quote opened in row {number} (line {line} of the file) is never closed; mend it and send again.",
        )
    )


class _Lines:
    """Hands lines to the csv reader and counts how much one record swallows."""

    def __init__(self, text: io.TextIOWrapper, limits: Limits) -> None:
        self._text, self._limits = text, limits
        self._in_record = 0
        self._number = 0
        self.first = 1
        self.is_over = False

    def begin_record(self) -> None:
        self._in_record = 0
        self.first = self._number + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._limits.line_bytes_max + 1)
        if not line:
            self.is_over = True
            raise StopIteration
        self._number += 1
        self._in_record += len(line)
        if self._in_record > self._limits.line_bytes_max:
            raise TooLarge(
                Message(
                    f"文件第 {self.first} 行过长，请检查换行和引号后重新上传。",
                    f"Line {self.first} of the file is too long; check its line breaks and quotes and send again.",
                )
            )
        return line
