"""What is written reads back equal, and no spreadsheet executes any of it."""

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.tabular import Column, Format, HeaderSpec, Kind, Limits, open_table, open_writer, parse_row, write_table
from chassis.types import clean

COLUMNS = [
    Column(name="id_number", label="身份证号", kind=Kind.IDENTITY_NUMBER, required=True),
    Column(name="name", label="姓名", max_length=1000),
    Column(name="paid_fen", label="金额（元）", kind=Kind.AMOUNT),
    Column(name="plan_fen", label="计划（万元）", kind=Kind.AMOUNT, unit="wan"),
    Column(name="paid_on", label="日期", kind=Kind.DAY),
    Column(name="period", label="月份", kind=Kind.MONTH),
    Column(name="kind", label="类别", kind=Kind.CHOICE, choices={"住院": "inpatient", "门诊": "outpatient"}),
    Column(name="times", label="次数", kind=Kind.INTEGER),
    Column(name="chronic", label="慢病", kind=Kind.YES_NO),
]
WRITTEN = [Format.CSV, Format.NDJSON, Format.XLSX]
SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\x7f")


def storable(text):
    try:
        return clean(text.replace("\r\n", "\n").replace("\r", "\n")) == text and text != ""
    except ValueError:
        return False


TEXTS = (st.text(SIGNS, max_size=30) | st.text("'=+-@＝1.0a\n_x000D_", min_size=1, max_size=12)).filter(storable)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id_number": st.from_regex(r"610999[12][0-9]{10}[0-9X]", fullmatch=True),
            "name": st.none() | TEXTS,
            "paid_fen": st.none() | st.integers(-(10**13), 10**13),
            "plan_fen": st.none() | st.integers(-(10**13), 10**13),
            "paid_on": st.none() | st.dates(date(1930, 1, 1), date(2150, 1, 1)),
            "period": st.none() | st.dates(date(1930, 1, 1), date(2150, 1, 1)).map(lambda day: day.replace(day=1)),
            "kind": st.sampled_from([None, "inpatient", "outpatient"]),
            "times": st.none() | st.integers(-(10**14), 10**14),
            "chronic": st.sampled_from([None, True, False]),
        }
    ),
    max_size=5,
)


def written(rows, form, columns=COLUMNS):
    stream = io.BytesIO()
    assert write_table(stream, columns, rows, form=form) == len(rows)
    assert not stream.closed
    return stream.getvalue()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, form=st.sampled_from(WRITTEN))
def test_what_is_written_reads_back_equal(rows, form):
    content = written(rows, form)
    if form is Format.NDJSON and not rows:
        assert content == b""
        return
    with open_table(content, limits=Limits(), header=HeaderSpec(COLUMNS)) as table:
        assert table.format is form
        assert table.header.unknown == ()
        assert [parse_row(COLUMNS, row) for row in table] == [(row, []) for row in rows]


DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_csv_cell_that_would_be_executed_is_shielded_and_read_back(text):
    content = written([{"id_number": "1", "name": text}], Format.CSV)
    cell = next(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    [cell] = [row[1] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) if row[0] == "1"]
    assert cell == "'" + text
    with open_table(content, limits=Limits(), header=HeaderSpec(COLUMNS)) as table:
        assert [row.cells["name"] for row in table] == [text]


@pytest.mark.parametrize("text", [*DANGEROUS, "#N/A", "1e5", "TRUE"])
def test_a_workbook_cell_is_text_whatever_it_begins_with(text):
    content = written([{"id_number": "1", "name": text}], Format.XLSX)
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["B2"]
    assert (cell.data_type, cell.value.replace("\r", "\n")) == ("s", text.replace("\r", "\n"))
    [row] = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
    assert isinstance(row[1], str)


@pytest.mark.parametrize("form", WRITTEN)
def test_text_that_looks_like_an_escape_is_read_back_as_it_was(form):
    content = written([{"id_number": "1", "name": "_x0041_x005F_"}], form)
    with open_table(content, limits=Limits(), header=HeaderSpec(COLUMNS)) as table:
        assert [row.cells["name"] for row in table] == ["_x0041_x005F_"]


def test_negative_numbers_stay_numbers_and_identity_numbers_stay_text():
    row = {"id_number": "610999199001010013", "paid_fen": -500, "times": -7, "name": "-5.00"}
    assert ",-5.00,-5.00,,,,,-7," in written([row], Format.CSV).decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(written([row], Format.XLSX))).active
    assert (sheet["A2"].data_type, sheet["A2"].number_format) == ("s", "@")
    assert (sheet["C2"].value, sheet["C2"].number_format) == (-5, "0.00")
    assert sheet["H2"].value == -7


def test_csv_begins_with_the_mark_by_which_spreadsheets_know_utf8():
    assert written([], Format.CSV).startswith("\ufeff身份证号,姓名".encode())


def test_signs_that_a_workbook_cannot_hold_are_replaced_and_not_fatal():
    for form in WRITTEN:
        content = written([{"id_number": "1", "name": "a\x01\ud800b"}], form)
        with open_table(content, limits=Limits(), header=HeaderSpec(COLUMNS)) as table:
            [row] = list(table)
        assert row.cells["name"].startswith("a")
        assert row.cells["name"].endswith("b")


def test_xls_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="never written"):
        write_table(tmp_path / "x.xls", COLUMNS, [], form=Format.XLS)


def test_a_writer_that_fails_half_way_closes_its_file_and_passes_the_fault_on(tmp_path, recwarn):
    def rows():
        yield {"id_number": "1"}
        raise RuntimeError("source went away")

    for form in WRITTEN:
        with pytest.raises(RuntimeError, match="went away"):
            write_table(tmp_path / form, COLUMNS, rows(), form=form)
    assert [w for w in recwarn if w.category is ResourceWarning] == []


def test_any_cells_may_be_written_under_any_labels(tmp_path):
    with open_writer(tmp_path / "x.xlsx", ["=甲", "乙"], form=Format.XLSX) as writer:
        writer.write([date(2024, 6, 3) + timedelta(days=1), 1.5])
        writer.write([None, True, "多出"])
        assert writer.written == 2
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx").active.values)
    assert rows[0][:2] == ("=甲", "乙")
    assert rows[1][0].date() == date(2024, 6, 4)
    assert rows[2] == (None, True, "多出")
