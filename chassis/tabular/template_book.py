"""Make the workbook that an office downloads, fills and sends back: nothing in it can lose an ID number's digits."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from chassis.tabular.columns import Column, Kind
from chassis.tabular.table_writer import TEXT_FORMAT
from chassis.tabular.writer import Destination, column_format
from chassis.tabular.xlsx_writer import storable

DATA_SHEET: Final = "数据"
NOTES_SHEET: Final = "填写说明"
_LAST_ROW: Final = 1_048_576
_LIST_CHARACTERS_MAX: Final = 255  # what a validation list may hold in its own text
_NOTES_HEADER: Final = ("列名", "是否必填", "填写要求", "示例", "说明")
_UNIT_LABELS: Final = {"yuan": "元", "wan": "万元"}
_KIND_NOTES: Final = {
    Kind.IDENTITY_NUMBER: "18 位公民身份号码；本列已设为文本格式，请勿改为数字",
    Kind.DAY: "日期，如 2024-06-03",
    Kind.MONTH: "月份，如 2024-06",
    Kind.INTEGER: "整数",
    Kind.YES_NO: "是 或 否",
}


_MADE_AT: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)  # the first that an archive can tell


def make_template(destination: Destination, columns: Sequence[Column]) -> None:
    """Write the template of a contract: a sheet to fill in, with formats and lists set, and a sheet that explains it.

    Examples stand on the second sheet alone, where nobody can send them in as data. The same columns make the same
    bytes at any time, so that who has the template can be told so.
    """
    book = Workbook()
    data = book.active
    assert isinstance(data, Worksheet)
    data.title = DATA_SHEET
    data.freeze_panes = "A2"
    for at, column in enumerate(columns, start=1):
        _prepare(data, column, at)
    _explain(book.create_sheet(NOTES_SHEET), columns)
    saved = io.BytesIO()
    book.save(saved)
    with ZipFile(saved) as dated, ZipFile(destination, "w", ZIP_DEFLATED) as kept:
        for part in dated.infolist():
            content = _MADE_AT.sub(rb"\g<1>1980-01-01T00:00:00Z", dated.read(part))
            kept.writestr(ZipInfo(part.filename, _NO_TIME), content, ZIP_DEFLATED)


def _prepare(sheet: Worksheet, column: Column, at: int) -> None:
    letter = get_column_letter(at)
    cell = sheet.cell(row=1, column=at)
    _put_text(sheet, 1, at, column.label)
    cell.font = Font(bold=True, color="C00000" if column.required else "000000")
    cell.fill = PatternFill("solid", fgColor="F2F2F2")
    cell.number_format = TEXT_FORMAT
    dimension = sheet.column_dimensions[letter]
    dimension.width = 24 if column.kind is Kind.IDENTITY_NUMBER else min(40, max(12, 2 * len(column.label) + 4))
    dimension.number_format = column_format(column) or "General"
    if options := _options(column):
        listed = DataValidation(type="list", formula1=f'"{",".join(options)}"', allow_blank=True, showErrorMessage=True)
        listed.error = "请从下拉列表中选择。"
        listed.add(f"{letter}2:{letter}{_LAST_ROW}")
        sheet.add_data_validation(listed)


def _options(column: Column) -> list[str]:
    """What a cell may hold, where a drop-down list can carry it."""
    options = ["是", "否"] if column.kind is Kind.YES_NO else list(column.choices)
    joined = ",".join(options)
    fits = len(joined) <= _LIST_CHARACTERS_MAX and joined.count(",") == len(options) - 1 and '"' not in joined
    return options if fits else []


def _explain(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for at, label in enumerate(_NOTES_HEADER, start=1):
        _put_text(sheet, 1, at, label)
        sheet.cell(row=1, column=at).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = (20, 10, 44, 24, 60)[at - 1]
    for row, column in enumerate(columns, start=2):
        told = (column.label, "必填" if column.required else "选填", _rule(column), column.example, column.note)
        for at, text in enumerate(told, start=1):
            _put_text(sheet, row, at, text)
            sheet.cell(row=row, column=at).alignment = Alignment(wrap_text=True, vertical="top")


def _rule(column: Column) -> str:
    if column.kind is Kind.AMOUNT:
        return f"金额，单位：{_UNIT_LABELS[column.unit]}"
    if column.kind is Kind.CHOICE:
        return "从以下选项中选择：" + "、".join(column.choices)
    if column.kind is Kind.TEXT:
        return f"文字，最多 {column.max_length} 个字"
    return _KIND_NOTES[column.kind]


def _put_text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row=row, column=column)
    cell.value = storable(text)
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT
