"""Write tables exactly as told, oddities and all: what offices send is no longer clean when it reaches us."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import orjson
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from deploy.sample.plans import Shape

_ENCODINGS: Final = {Shape.CSV: "utf-8", Shape.CSV_BOM: "utf-8-sig", Shape.CSV_GB18030: "gb18030"}
XLS_ROWS_MAX: Final = 65_536


class Sheet(Protocol):
    """Takes lines from the top; ``line`` is the number of the last one, as a person sees it."""

    line: int

    def write(self, cells: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


def open_sheet(path: Path, shape: Shape, labels: Sequence[str]) -> Sheet:
    """A file in that shape; NDJSON takes ``labels`` as its keys, the others are given their header as a line."""
    if shape in _ENCODINGS:
        return _Csv(path, _ENCODINGS[shape])
    if shape is Shape.NDJSON:
        return _Ndjson(path, labels)
    return _Xlsx(path) if shape is Shape.XLSX else _Xls(path)


class _Closing:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        raise NotImplementedError


class _Csv(_Closing):
    def __init__(self, path: Path, encoding: str) -> None:
        self.line = 0
        self._file = path.open("w", encoding=encoding, newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")

    def write(self, cells: Sequence[Any]) -> None:
        self.line += 1
        self._writer.writerow(["" if cell is None else cell for cell in cells])

    def close(self) -> None:
        self._file.close()


class _Ndjson(_Closing):
    def __init__(self, path: Path, labels: Sequence[str]) -> None:
        self.line = 0
        self._file = path.open("wb")
        self._labels = labels

    def write(self, cells: Sequence[Any]) -> None:
        self.line += 1
        record = {label: cell for label, cell in zip(self._labels, cells, strict=False) if cell is not None}
        self._file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) if record else b"\n")

    def close(self) -> None:
        self._file.close()


class _Xlsx(_Closing):
    def __init__(self, path: Path) -> None:
        self.line = 0
        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Sheet1")

    def write(self, cells: Sequence[Any]) -> None:
        self.line += 1
        self._sheet.append([self._cell(cell) for cell in cells])

    def close(self) -> None:
        self._book.save(self._path)

    def _cell(self, value: Any) -> Any:
        if not isinstance(value, date):
            return value
        cell = WriteOnlyCell(self._sheet, datetime.combine(value, time()))
        cell.number_format = "yyyy/m/d"
        return cell


class _Xls(_Closing):
    def __init__(self, path: Path) -> None:
        import xlwt

        self.line = 0
        self._path = path
        self._book = xlwt.Workbook(encoding="utf-8")
        self._sheet = self._book.add_sheet("Sheet1")
        self._day = xlwt.easyxf(num_format_str="YYYY/M/D")

    def write(self, cells: Sequence[Any]) -> None:
        if self.line == XLS_ROWS_MAX:
            raise OverflowError("an XLS sheet has 65,536 rows; ask for a smaller county")
        for at, cell in enumerate(cells):
            if isinstance(cell, date):
                self._sheet.write(self.line, at, datetime.combine(cell, time()), self._day)
            elif cell is not None:
                self._sheet.write(self.line, at, cell)
        self.line += 1

    def close(self) -> None:
        self._book.save(str(self._path))
