"""Contracts and builders of real files that the tests of this folder share. All persons are of county 610999."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import xlwt
from openpyxl import Workbook

from chassis.tabular import Column, Kind

HOSPITAL = (
    Column(name="id_number", label="身份证号", aliases=("公民身份号码",), kind=Kind.IDENTITY_NUMBER, required=True),
    Column(name="name", label="姓名", required=True),
    Column(name="admitted_on", label="入院日期", kind=Kind.DAY, required=True),
    Column(name="self_pay_fen", label="自付金额（元）", kind=Kind.AMOUNT, required=True),
    Column(name="nights", label="住院天数", kind=Kind.INTEGER),
    Column(name="chronic", label="是否慢病", kind=Kind.YES_NO),
    Column(name="note", label="备注", max_length=20),
)
LABELS = ["身份证号", "姓名", "入院日期", "自付金额（元）"]
ROW = ["610999199001010013", "张三", "2024-06-03", "5000.00"]


@pytest.fixture
def columns() -> tuple[Column, ...]:
    """A department's contract: four required columns, three others."""
    return HOSPITAL


@pytest.fixture
def csv_bytes() -> Callable[..., bytes]:
    def build(rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
        return "".join(delimiter.join(row) + "\r\n" for row in rows).encode(encoding)

    return build


@pytest.fixture
def xlsx_bytes() -> Callable[..., bytes]:
    def build(rows: Sequence[Sequence[Any]], change: Callable[[Workbook], None] | None = None) -> bytes:
        book = Workbook()
        for row in rows:
            book.active.append(list(row))
        if change:
            change(book)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    return build


@pytest.fixture
def xls_bytes() -> Callable[..., bytes]:
    def build(rows: Sequence[Sequence[Any]], change: Callable[[xlwt.Workbook], None] | None = None) -> bytes:
        book = xlwt.Workbook()
        sheet = book.add_sheet("数据")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(at, column, value)
        if change:
            change(book)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    return build


@pytest.fixture
def repacked() -> Callable[..., bytes]:
    """Replace parts of a zip, or add some."""

    def build(content: bytes, parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", method) as new:
            for name in old.namelist():
                if name not in parts:
                    new.writestr(name, old.read(name))
            for name, part in parts.items():
                new.writestr(name, part)
        return stream.getvalue()

    return build
