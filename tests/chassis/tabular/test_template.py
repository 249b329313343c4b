"""A template that is filled as it is comes back without a fault."""

import datetime
import io
from types import SimpleNamespace

import openpyxl

from chassis.tabular import Column, HeaderSpec, Kind, Limits, open_table, parse_row, write_template

CHOICES = {"住院": "inpatient", "门诊": "outpatient"}


def template(columns):
    stream = io.BytesIO()
    write_template(stream, columns)
    return stream.getvalue()


def test_the_same_columns_make_the_same_bytes_at_any_time(columns, monkeypatch):
    first = template(columns)
    monkeypatch.setattr("openpyxl.writer.excel.datetime", datetime_of_another_year())
    assert template(columns) == first


def datetime_of_another_year():
    """What the writer asks for the time that it keeps in the book."""

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2031, 1, 1, tzinfo=tz)

    return SimpleNamespace(datetime=Later, timezone=datetime.timezone)


def test_a_filled_template_is_read_without_a_fault(columns):
    columns = [*columns, Column(name="kind", label="类别", kind=Kind.CHOICE, choices=CHOICES)]
    book = openpyxl.load_workbook(io.BytesIO(template(columns)))
    book["数据"].append(["610999199001010013", "张三", "2024-06-03", 12.5, 3, "是", "", "门诊"])
    stream = io.BytesIO()
    book.save(stream)
    with open_table(stream.getvalue(), limits=Limits(), header=HeaderSpec(columns)) as table:
        [row] = list(table)
        assert (table.header.unknown, table.header.other_sheets) == ((), ("填写说明",))
    values, faults = parse_row(columns, row)
    assert faults == []
    assert (values["self_pay_fen"], values["kind"]) == (1250, "outpatient")


def test_a_template_just_downloaded_has_no_rows(columns):
    with open_table(template(columns), limits=Limits(), header=HeaderSpec(columns)) as table:
        assert list(table) == []


def test_identity_columns_are_text_and_lists_are_offered(columns):
    columns = [*columns, Column(name="kind", label="类别", kind=Kind.CHOICE, choices=CHOICES)]
    sheet = openpyxl.load_workbook(io.BytesIO(template(columns)))["数据"]
    assert sheet.column_dimensions["A"].number_format == "@"
    assert {(str(listed.sqref), listed.formula1) for listed in sheet.data_validations.dataValidation} == {
        ("F2:F1048576", '"是,否"'),
        ("H2:H1048576", '"住院,门诊"'),
    }


def test_the_second_sheet_explains_every_column():
    columns = [
        Column(
            name="id_number", label="身份证号", kind=Kind.IDENTITY_NUMBER, required=True, example="610999199001010013"
        ),
        Column(name="paid_fen", label="金额", kind=Kind.AMOUNT, unit="wan", note="=不含统筹"),
        Column(name="kind", label="类别", kind=Kind.CHOICE, choices={"甲,乙": 1, "丙": 2}),
        *(Column(name=kind, label=f"列{kind}", kind=kind) for kind in (Kind.DAY, Kind.MONTH, Kind.INTEGER, Kind.TEXT)),
    ]
    book = openpyxl.load_workbook(io.BytesIO(template(columns)))
    rows = list(book["填写说明"].values)
    assert rows[0] == ("列名", "是否必填", "填写要求", "示例", "说明")
    assert rows[1][:2] == ("身份证号", "必填")
    assert rows[1][3] == "610999199001010013"
    assert rows[2][2] == "金额，单位：万元"
    assert rows[2][4] == "=不含统筹"
    assert rows[3][2] == "从以下选项中选择：甲,乙、丙"
    assert all(row[2] for row in rows[1:])
    assert book["数据"].data_validations.dataValidation == []
