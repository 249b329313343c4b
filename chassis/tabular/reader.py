"""Read any table that an office sends as rows with known columns, in one pass and in bounded memory.

>>> from chassis.tabular import Column, HeaderSpec, Limits, open_table
>>> name = Column(name="name", label="姓名", required=True)
>>> with open_table("姓名\\n张三\\n".encode(), limits=Limits(), header=HeaderSpec([name])) as table:
...     [(row.number, row.cells["name"]) for row in table]
[(2, '张三')]
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import BinaryIO, Final, Self

from chassis.errors import InvalidInput, Message
from chassis.tabular.csv_rows import DELIMITERS, read_csv, sample_records
from chassis.tabular.formats import Format, detect_encoding, sniff
from chassis.tabular.guard import Archive, Limits, Source, open_source, too_many_rows
from chassis.tabular.header import HeaderFinder, HeaderSpec, UnfitHeader, is_empty_row
from chassis.tabular.model import Cell, CellFault, Header, RawRow, SourceRow
from chassis.tabular.ndjson_rows import read_ndjson, survey_keys
from chassis.tabular.ole2 import CompoundFile
from chassis.tabular.xls_rows import XlsSheet, XlsWorkbook
from chassis.tabular.xlsx_book import XlsxSheet, XlsxWorkbook

_FEW: Final = CellFault(
    "row_too_few",
    Message(
        "这一行的列数少于表头，请检查是否漏填或断行。",
        "The row has fewer cells than the header; is its line broken?",
    ),
)
_MANY: Final = CellFault(
    "row_too_many",
    Message(
        "这一行的列数多于表头，请检查单元格内是否有未加引号的分隔符。",
        "The row has more cells than the header; look for a delimiter in a cell without quotes.",
    ),
)


class Table:
    """A file that is being read: its format, its header, and its data rows once, in order.

    ``rows_read`` and ``rows_blank`` count as the rows are taken; blank rows are skipped, and those after the last data
    row do not count. Rows such as 合计 or remarks below the table come out like any other: their fate is the caller's.
    Close it, or use it in a ``with`` statement.
    """

    def __init__(self, stream: BinaryIO, *, ours: bool, form: Format, opened: _Opened, limits: Limits) -> None:
        self._stream, self._ours = stream, ours
        self.format = form
        self.header = opened.header
        self.rows_read = 0
        self.rows_blank = 0
        self._rows = self._take(opened, limits)

    def __iter__(self) -> Iterator[RawRow]:
        return self._rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file; a stream that the caller opened stays open."""
        self._rows.close()
        if self._ours:
            self._stream.close()

    def chunks(self, size: int) -> Iterator[list[RawRow]]:
        """The rows in lists of at most ``size``, for work that goes in batches."""
        while chunk := list(islice(self._rows, size)):
            yield chunk

    def _take(self, opened: _Opened, limits: Limits) -> Generator[RawRow, None, None]:
        header, width = opened.header, len(opened.header.labels)
        positions = list(header.columns.items())
        last = header.number
        for number, cells, fault in opened.rows:
            if fault is None and is_empty_row(cells):
                continue
            self.rows_read += 1
            if self.rows_read > limits.rows_max:
                raise too_many_rows(limits)
            self.rows_blank += number - last - 1
            last = number
            if fault is None and opened.width_full:
                fault = _width_fault(cells, width, opened.width_full)
            count = len(cells)
            values: dict[str, Cell] = {
                name: (cells[at] if at < count and cells[at] != "" else None) for name, at in positions
            }
            yield RawRow(number, values, tuple(cells), header, (fault,) if fault else ())


@dataclass(frozen=True)
class _Opened:
    """A table found: ``width_full`` is the header's width with blank labels where each row must have as many cells."""

    header: Header
    rows: Iterator[SourceRow]
    width_full: int = 0


def open_table(source: Source, *, limits: Limits, header: HeaderSpec) -> Table:
    """Find out what the file is, find its header and make its rows ready to be read.

    :raises UnsupportedMedia: for anything but NDJSON, CSV (UTF-8, GB18030), XLSX and XLS.
    :raises TooLarge: for a file beyond the limits, also later while rows are taken.
    :raises InvalidInput: for a damaged file, a header that does not fit (all missing columns are listed), or several
        sheets with such a table where ``header`` names none.
    """
    stream, ours = open_source(source, limits)
    try:
        form = sniff(stream, limits)
        finder = HeaderFinder(header)
        if form is Format.NDJSON:
            opened = _open_ndjson(stream, finder, limits)
        elif form is Format.CSV:
            opened = _open_csv(stream, finder, limits)
        elif form is Format.XLSX:
            opened = _open_workbook(XlsxWorkbook(Archive(stream, limits), limits), finder)
        else:
            opened = _open_workbook(XlsWorkbook(CompoundFile(stream).read("Workbook"), limits), finder)
        return Table(stream, ours=ours, form=form, opened=opened, limits=limits)
    except BaseException:
        if ours:
            stream.close()
        raise


def _open_ndjson(stream: BinaryIO, finder: HeaderFinder, limits: Limits) -> _Opened:
    keys = survey_keys(stream, limits)
    return _Opened(finder.of_keys(keys), read_ndjson(stream, keys, limits))


def _open_csv(stream: BinaryIO, finder: HeaderFinder, limits: Limits) -> _Opened:
    encoding = detect_encoding(stream)
    delimiter = _choose_delimiter(stream, encoding, finder)
    rows = read_csv(stream, encoding=encoding, delimiter=delimiter, limits=limits)
    first = list(islice(rows, finder.spec.search_rows))
    place, found = finder.choose(first)
    return _Opened(found, chain(first[place + 1 :], rows), len(first[place].cells))


def _choose_delimiter(stream: BinaryIO, encoding: str, finder: HeaderFinder) -> str:
    """The delimiter under which some early row looks most like the header; the usual one where none does."""
    count = finder.spec.search_rows

    def likeness(delimiter: str) -> int:
        records = sample_records(stream, encoding, delimiter, count)
        return max((finder.score(record) for record in records), default=0)

    return max(DELIMITERS, key=likeness)


def _open_workbook(workbook: XlsxWorkbook | XlsWorkbook, finder: HeaderFinder) -> _Opened:
    sheets: Sequence[XlsxSheet | XlsSheet] = workbook.sheets
    if finder.spec.sheet is not None:
        sheets = [sheet for sheet in sheets if sheet.name == finder.spec.sheet]
        if not sheets:
            raise InvalidInput(
                Message("文件中没有指定的工作表，请检查名称。", "The workbook has no sheet of that name; check it.")
            )
    refusal: UnfitHeader | None = None
    for sheet in sheets:
        rows = sheet.rows()
        first = list(islice(rows, finder.spec.search_rows))
        try:
            place, found = finder.choose(first)
        except UnfitHeader as fault:
            # The first sheet is the one that a sender means: its faults are told when no other fits.
            refusal = refusal or fault
            continue
        also = [at for at, other in enumerate(sheets, 1) if other is sheet or _holds_table(other, finder)]
        if len(also) > 1:
            raise _several_tables(also)
        others = tuple(other.name for other in workbook.sheets if other.name != sheet.name)
        found = replace(found, sheet=sheet.name, other_sheets=others, date_1904=workbook.date_1904)
        return _Opened(found, chain(first[place + 1 :], rows))
    assert refusal is not None  # there is at least one sheet
    raise refusal


def _holds_table(sheet: XlsxSheet | XlsSheet, finder: HeaderFinder) -> bool:
    """Whether a sheet has a header like the wanted one and a row below it: nobody would miss an empty form."""
    rows = sheet.rows()
    first = list(islice(rows, finder.spec.search_rows))
    place = finder.place_of(first)
    return place is not None and any(not is_empty_row(row.cells) for row in chain(first[place + 1 :], rows))


def _several_tables(places: Sequence[int]) -> InvalidInput:
    """One sheet would be read and the rows of the others would be missed by nobody.

    Sheets are told by their places among those that show, from the left: a name may be anybody's.
    """
    return InvalidInput(
        Message(
            f"第 {'、'.join(map(str, places))} 个工作表都有数据。请合并到一个工作表，或各存为一个文件分别上传。",
            f"Sheets {', '.join(map(str, places))}, counted from the left, all hold rows. Put them into one sheet, or "
            "send each as a file.",
        )
    )


def _width_fault(cells: Sequence[Cell], width: int, width_full: int) -> CellFault | None:
    """Cells missing or left over in a delimited line mean shifted columns; empty ones at its end mean nothing."""
    if len(cells) < width:
        return _FEW
    if len(cells) > width_full and any(cell != "" for cell in cells[width_full:]):
        return _MANY
    return None
