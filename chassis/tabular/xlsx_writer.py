"""Write a workbook row by row; loaded by the first that is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import BinaryIO, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from chassis.tabular.model import Cell, ErrorCell
from chassis.tabular.table_writer import SURROGATES, TEXT_FORMAT, TableWriter

_LOOKS_ESCAPED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # XLSX writes signs that XML cannot hold as _x000D_
_CELL_CHARACTERS_MAX: Final = 32_767


class XlsxWriter(TableWriter):
    """A workbook of one sheet, whose text cells never become formulas."""

    def __init__(
        self,
        stream: BinaryIO,
        labels: Sequence[str],
        *,
        ours: bool,
        formats: Sequence[str | None],
        frozen_columns: int,
    ) -> None:
        super().__init__(stream, ours=ours)
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("数据")
        self._sheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}2"
        self._formats = [*formats, *([None] * max(0, len(labels) - len(formats)))]
        for at, label in enumerate(labels):
            width = 24 if self._formats[at] == TEXT_FORMAT else min(60, max(10, 2 * len(label) + 2))
            self._sheet.column_dimensions[get_column_letter(at + 1)].width = width
        self._bold = Font(bold=True)
        self._sheet.append([self._headed(label) for label in labels])

    def _headed(self, label: str) -> SheetCell:
        cell = self._as_text(label)
        cell.font = self._bold
        return cell

    def _put(self, cells: Sequence[Cell]) -> None:
        self._sheet.append([self._prepared(cell, at) for at, cell in enumerate(cells)])

    def _prepared(self, cell: Cell, at: int) -> SheetCell | int | float | bool | None:
        form = self._formats[at] if at < len(self._formats) else None
        if isinstance(cell, str | ErrorCell):
            prepared = self._as_text(str(cell))
            if form == TEXT_FORMAT:
                prepared.number_format = TEXT_FORMAT
            return prepared
        if isinstance(cell, date):
            moment = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
            prepared = WriteOnlyCell(self._sheet, moment.replace(tzinfo=None))
            prepared.number_format = form or ("yyyy-mm-dd hh:mm:ss" if isinstance(cell, datetime) else "yyyy-mm-dd")
            return prepared
        if cell is None or isinstance(cell, bool) or form is None or form == TEXT_FORMAT:
            return cell
        prepared = WriteOnlyCell(self._sheet, cell)
        prepared.number_format = form
        return prepared

    def _as_text(self, text: str) -> SheetCell:
        """A cell that is text whatever it begins with: openpyxl would make a formula of ``=`` and an error of #N/A."""
        cell = WriteOnlyCell(self._sheet)
        cell.value = storable(text)
        cell.data_type = "s"
        return cell

    def _finish(self) -> None:
        self._book.save(self._stream)

    def _abandon(self) -> None:
        self._sheet.close()


def storable(text: str) -> str:
    """Text as a workbook can hold it: signs that XML cannot carry become U+FFFD, and no more than fits into a cell."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = SURROGATES.sub("\ufffd", ILLEGAL_CHARACTERS_RE.sub("\ufffd", lines))
    return _LOOKS_ESCAPED.sub("_x005F_", kept)[:_CELL_CHARACTERS_MAX]
