"""A clerk gets rejected rows back in the sheet that they know, mends them there, and hands the same file in."""

import io

import openpyxl
import pytest

from chassis.tabular import Column, Format, HeaderSpec, Limits, RejectedRow, open_table, parse_row, write_rejected

LABELS = ["序号", "自付金额（万元）", "姓名", "入院日期", "身份证号"]
GOOD = ["1", "0.5", "张三", "2024/6/3", "610999199001010013"]
BAD = ["2", "半", "=李四", "2024-02-30", "6.10999E+17"]


def rejected(content, columns, form, **options):
    stream = io.BytesIO()
    with open_table(content, limits=Limits(), header=HeaderSpec(columns)) as table:
        parsed = ((row, parse_row(columns, row)[1]) for row in table)
        rows = [RejectedRow(row, faults) for row, faults in parsed if faults]
        write_rejected(stream, table.header, columns, rows, form=form, **options)
    return stream.getvalue()


@pytest.mark.parametrize("form", [Format.XLSX, Format.CSV])
def test_rejected_rows_keep_the_senders_columns_with_the_reason_beside_each(form, columns, csv_bytes):
    content = rejected(csv_bytes([["某县明细"], LABELS, GOOD, BAD], encoding="gb18030"), columns, form)
    with open_table(content, limits=Limits(), header=HeaderSpec(columns)) as table:
        [row] = list(table)
        assert table.header.labels == ("原因", "行号", *LABELS)
        assert table.header.unknown == ("序号",)
        assert table.header.units == {"self_pay_fen": "wan"}
    assert list(row.raw[2:]) == BAD
    assert int(row.raw[1]) == 4
    assert row.raw[0].splitlines()[0].startswith("【身份证号】")
    assert "【自付金额（万元）】" in row.raw[0]


def test_a_mended_sheet_is_read_and_a_twice_rejected_one_carries_one_reason(columns, xlsx_bytes, csv_bytes):
    first = rejected(csv_bytes([LABELS, GOOD, BAD]), columns, Format.XLSX)
    book = openpyxl.load_workbook(io.BytesIO(first))
    sheet = book.active
    assert sheet["G2"].number_format == "@"
    assert sheet["E2"].data_type == "s"
    sheet["D2"], sheet["E2"], sheet["G2"] = 1.25, "李四", "610999198502020028"
    stream = io.BytesIO()
    book.save(stream)
    second = rejected(stream.getvalue(), columns, Format.XLSX)
    [header, row] = list(openpyxl.load_workbook(io.BytesIO(second)).active.values)
    assert header == ("原因", "行号", *LABELS)
    assert row[0].startswith("【入院日期】")
    assert row[0].count("【") == 1
    assert row[2:6] == ("2", 1.25, "李四", "2024-02-30")


def test_rows_that_are_broken_as_a_whole_come_back_with_every_cell(columns, csv_bytes):
    content = rejected(csv_bytes([LABELS, [*GOOD, "多", "余"], GOOD[:2]]), columns, Format.XLSX, language="en")
    [_, many, few] = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    assert many[2:] == (*GOOD, "多", "余")
    assert many[0].startswith("The row has more cells")
    assert few[2:4] == ("1", "0.5")


def test_a_senders_own_column_of_that_name_is_kept(csv_bytes):
    columns = [Column(name="name", label="姓名", required=True), Column(name="why", label="原因", required=True)]
    content = rejected(csv_bytes([["姓名", "原因", "行号"], ["张三", "", "７"]]), columns, Format.XLSX)
    [header, row] = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    assert header == ("退回原因", "退回行号", "姓名", "原因", "行号")
    assert row[2:] == ("张三", None, "７")


def test_ndjson_comes_back_as_ndjson_with_broken_lines_as_they_were(columns):
    good = '{"id_number":"1","name":"张三","admitted_on":"2024-06-03","self_pay_fen":"1"}'
    content = rejected(f"{good}\n{{broken\n{good.replace('2024-06-03', '昨天')}".encode(), columns, Format.NDJSON)
    with open_table(content, limits=Limits(), header=HeaderSpec(columns)) as table:
        rows = list(table)
        assert table.header.unknown == ("原文",)
    assert "{broken" in rows[0].raw
    assert [row.cells["admitted_on"] for row in rows] == [None, "昨天"]
