"""Write tables as XLSX, CSV or NDJSON, row by row, so that a spreadsheet shows them and never executes them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from chassis.tabular.columns import Column, Kind
from chassis.tabular.csv_rows import EXECUTABLE_SIGNS
from chassis.tabular.formats import Format
from chassis.tabular.model import FEN_PER, Cell, as_text
from chassis.tabular.table_writer import SURROGATES, TEXT_FORMAT, TableWriter

Destination = Path | BinaryIO
"""Where a table goes: a path, or a binary stream that stays the caller's to close."""

_EXECUTABLE: Final = re.compile(rf"'*[{EXECUTABLE_SIGNS}]")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_FORMATS: Final[Mapping[Kind, str]] = {
    Kind.IDENTITY_NUMBER: TEXT_FORMAT,
    Kind.AMOUNT: "0.00",
    Kind.DAY: "yyyy-mm-dd",
    Kind.MONTH: "yyyy-mm",
}


def write_table(
    destination: Destination, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], *, form: Format
) -> int:
    """Write rows of values by column name under the columns' labels; gives how many were written.

    Values are those that :func:`chassis.tabular.parse_row` gives: amounts in 分 (written in the column's unit), days as
    dates, choices as their values. NDJSON is keyed by our names; its amounts are text, as in the API.

    :raises ValueError: for XLS, which is read and never written.
    """
    labels = [column.name if form is Format.NDJSON else column.label for column in columns]
    show = [_presenter(column, form) for column in columns]
    names = [column.name for column in columns]
    with open_writer(destination, labels, form=form, formats=[column_format(column) for column in columns]) as writer:
        for row in rows:
            writer.write([shown(row.get(name)) for name, shown in zip(names, show, strict=True)])
        return writer.written


def column_format(column: Column) -> str | None:
    """The number format that a column has in a spreadsheet; text for ID numbers, so that none loses its digits."""
    if column.kind is Kind.AMOUNT and column.unit == "wan":
        return "0.00####"
    return _FORMATS.get(column.kind)


def open_writer(
    destination: Destination,
    labels: Sequence[str],
    *,
    form: Format,
    formats: Sequence[str | None] = (),
    frozen_columns: int = 0,
) -> TableWriter:
    """Begin a table with its header; ``formats`` are number formats by column, for XLSX.

    :raises ValueError: for XLS, which is read and never written.
    """
    if form is Format.XLS:
        raise ValueError("XLS is read and never written; write XLSX")
    ours = isinstance(destination, Path)
    stream: BinaryIO = destination.open("wb") if isinstance(destination, Path) else destination
    if form is Format.CSV:
        return _CsvWriter(stream, labels, ours=ours)
    if form is Format.NDJSON:
        return _NdjsonWriter(stream, labels, ours=ours)
    from chassis.tabular.xlsx_writer import XlsxWriter  # only who writes a workbook pays for its import

    return XlsxWriter(stream, labels, ours=ours, formats=formats, frozen_columns=frozen_columns)


class _CsvWriter(TableWriter):
    """UTF-8 with BOM, by which spreadsheets know that it is UTF-8."""

    def __init__(self, stream: BinaryIO, labels: Sequence[str], *, ours: bool) -> None:
        super().__init__(stream, ours=ours)
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._put(labels)

    def _put(self, cells: Sequence[Cell]) -> None:
        # A line of one empty cell would be an empty line: csv quotes it, and reading counts it as blank either way.
        self._writer.writerow([shielded(cell) if isinstance(cell, str) else as_text(cell) for cell in cells])

    def _finish(self) -> None:
        self._text.flush()
        self._text.detach()

    def _abandon(self) -> None:
        self._text.detach()


def shielded(text: str) -> str:
    """A text with an apostrophe before it if a spreadsheet would execute it; reading the file takes it away again.

    A plain number such as ``-5.00`` stays one.
    """
    return f"'{text}" if _EXECUTABLE.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


class _NdjsonWriter(TableWriter):
    def __init__(self, stream: BinaryIO, labels: Sequence[str], *, ours: bool) -> None:
        super().__init__(stream, ours=ours)
        self._labels = labels

    def _put(self, cells: Sequence[Cell]) -> None:
        record = {
            label: SURROGATES.sub("\ufffd", cell) if isinstance(cell, str) else cell
            for label, cell in zip(self._labels, cells, strict=False)
            if cell is not None
        }
        self._stream.write(orjson.dumps(record, default=str, option=orjson.OPT_APPEND_NEWLINE))


def _presenter(column: Column, form: Format) -> Callable[[Any], Cell]:
    """How a column's values are shown in this format; ``None`` is an empty cell everywhere."""
    if column.kind is Kind.AMOUNT:
        per = FEN_PER[column.unit]
        if form is Format.XLSX:
            return lambda fen: None if fen is None else float(Decimal(fen) / per)
        return lambda fen: None if fen is None else amount_text(fen, per)
    if column.kind is Kind.MONTH and form is not Format.XLSX:
        return lambda day: None if day is None else f"{day:%Y-%m}"
    if column.kind is Kind.CHOICE:
        labels = {value: label for label, value in reversed(list(column.choices.items()))}
        return lambda value: None if value is None else labels.get(value, value)
    if column.kind is Kind.YES_NO and form is not Format.NDJSON:
        return lambda value: None if value is None else "是" if value else "否"
    return lambda value: value


def amount_text(fen: int, per: int) -> str:
    """分 as text in a unit of ``per`` 分, exact, with at least two decimals."""
    whole, _, part = format(Decimal(fen) / per, "f").partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"
