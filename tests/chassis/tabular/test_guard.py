"""Bombs are refused before they cost anything: few megabytes, whatever the file claims."""

import io
import struct
import subprocess
import sys
import textwrap
import zipfile

import pytest

from chassis.errors import InvalidInput, TooLarge
from chassis.tabular import Column, HeaderSpec, Limits, open_table

NAME = HeaderSpec([Column(name="name", label="姓名")])
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def read_all(content, limits=None, header=NAME):
    with open_table(content, limits=limits or Limits(), header=header) as table:
        return list(table)


def sheet(body):
    return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'.encode()


HEADER_ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'


@pytest.fixture
def stored(xlsx_bytes, repacked):
    """The same without compression, so that no ratio gives it away."""
    return lambda part: repacked(xlsx_bytes([["姓名"]]), {SHEET: part}, zipfile.ZIP_STORED)


@pytest.fixture
def workbook(xlsx_bytes, repacked):
    """A workbook with this sheet in it."""
    return lambda part: repacked(xlsx_bytes([["姓名"]]), {SHEET: part})


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("zeros", "TooLarge"),
        ("rows", "TooLarge"),
        ("shared_strings", "TooLarge"),
        ("far_cells", "TooLarge"),
        ("depth", "InvalidInput"),
        ("long_tag", "InvalidInput"),
        ("names", "InvalidInput"),
        ("xls_far_cells", "read"),
        ("ndjson_line", "TooLarge"),
    ],
)
def test_a_bomb_costs_little_memory(kind, outcome, tmp_path, xlsx_bytes, xls_bytes, repacked, workbook, stored):
    bombs = {
        "zeros": lambda: workbook(sheet(HEADER_ROW)[:-1] + b" " * (200 << 20)),
        "rows": lambda: workbook(sheet(HEADER_ROW + "<row><c><v>1</v></c></row>" * 4_000_000)),
        "shared_strings": lambda: repacked(
            xlsx_bytes([["姓名"]]),
            {
                "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'.encode()
                + b"<si><t>ab</t></si>" * 4_000_000
                + b"</sst>",
                "xl/_rels/workbook.xml.rels": relations("worksheets/sheet1.xml", "sharedStrings.xml"),
            },
        ),
        "far_cells": lambda: workbook(
            sheet(HEADER_ROW + '<row r="1048576"><c r="A1048576"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>')
        ),
        "depth": lambda: workbook(sheet(HEADER_ROW + "<a>" * 5_000_000)),
        "long_tag": lambda: stored(sheet(HEADER_ROW + '<row spans="' + "9" * (96 << 20) + '">')),
        "names": lambda: workbook(sheet(HEADER_ROW + "".join(f"<n{i}/>" for i in range(1_000_000)))),
        "xls_far_cells": lambda: xls_bytes([["姓名"]], lambda book: book.get_sheet(0).write(65_535, 255, "x")),
        "ndjson_line": lambda: b'{"name": "' + b"x" * (200 << 20) + b'"}',
    }
    path = tmp_path / "bomb"
    path.write_bytes(bombs[kind]())
    seen, growth_mib, _, _ = measured(path)
    assert seen == outcome
    assert growth_mib < 40


READ_AND_MEASURE = textwrap.dedent(
    """
    import resource, sys, time
    from pathlib import Path
    from chassis.errors import InvalidInput, TooLarge
    from chassis.tabular import Column, HeaderSpec, Limits, open_table
    used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    before, began, rows = used(), time.perf_counter(), 0
    try:
        spec = HeaderSpec([Column(name="name", label="姓名")])
        with open_table(Path(sys.argv[1]), limits=Limits(), header=spec) as table:
            for _ in table:
                rows += 1
        seen = "read"
    except (InvalidInput, TooLarge) as refusal:
        seen = type(refusal).__name__
    print(seen, used() - before, rows, time.perf_counter() - began)
    """
)


def relations(sheet_target, strings_target):
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}/worksheet" Target="{sheet_target}"/>'
        f'<Relationship Id="rId9" Type="{kind}/sharedStrings" Target="{strings_target}"/></Relationships>'
    ).encode()


def test_entities_and_external_references_are_refused_unread(workbook):
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 9))
    for declared in (f'<!ENTITY a0 "ha">{laughs}', '<!ENTITY x SYSTEM "file:///etc/hostname">'):
        part = f'<?xml version="1.0"?><!DOCTYPE w [{declared}]>'.encode() + sheet(HEADER_ROW)
        with pytest.raises(InvalidInput) as refusal:
            read_all(workbook(part))
        assert "外部引用" in refusal.value.detail.zh


def test_a_central_directory_that_claims_too_much_is_not_loaded(xlsx_bytes):
    content = bytearray(xlsx_bytes([["姓名"]]))
    struct.pack_into("<I", content, len(content) - 22 + 12, 900 << 20)
    with pytest.raises(TooLarge):
        read_all(bytes(content))


def test_a_workbook_with_zip64_records_is_read(xlsx_bytes):
    content = xlsx_bytes([["姓名"], ["张三"]])
    end = content[-22:]
    entries, size, offset = struct.unpack_from("<HII", end, 10)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(content) - 22, 1)
    [row] = read_all(content[:-22] + record + locator + end)
    assert row.cells["name"] == "张三"


def test_a_part_that_lies_about_its_size_is_found_out(xlsx_bytes):
    content = bytearray(xlsx_bytes([["姓名"], ["张三"]]))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        entry = archive.getinfo(SHEET)
    at = content.index(SHEET.encode(), content.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", content, at + 24, entry.file_size - 40)
    with pytest.raises(InvalidInput) as refusal:
        read_all(bytes(content))
    assert "损坏" in refusal.value.detail.zh


def test_parts_that_lie_before_the_file_are_refused(xlsx_bytes, tmp_path):
    content = bytearray(xlsx_bytes([["姓名"], ["张三"]]))
    [offset] = struct.unpack_from("<I", content, len(content) - 6)
    struct.pack_into("<I", content, len(content) - 6, offset + 1_000_000)
    path = tmp_path / "shifted.xlsx"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="damaged"):
        read_all(path)


def test_nested_zips_are_never_opened(xlsx_bytes, repacked):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(64 << 20))
    content = repacked(xlsx_bytes([["姓名"], ["张三"]]), {"xl/embeddings/inner.xlsx": inner.getvalue()})
    assert [row.cells["name"] for row in read_all(content)] == ["张三"]


def test_limits_name_what_to_do(csv_bytes, xlsx_bytes):
    rows = [["姓名"], *[["张三"]] * 5]
    for content in (csv_bytes(rows), xlsx_bytes(rows)):
        with pytest.raises(TooLarge) as refusal:
            read_all(content, Limits(rows_max=4))
        assert "超过 4 行" in refusal.value.detail.zh
    wide = [["姓名", "甲", "乙"], ["张三", "1", "2"]]
    for content in (csv_bytes(wide), xlsx_bytes(wide), b'{"name": "a", "b": 1, "c": 2}'):
        with pytest.raises(TooLarge, match="more than 2 columns"):
            read_all(content, Limits(columns_max=2))
    with pytest.raises(TooLarge) as refusal:
        read_all(csv_bytes(rows), Limits(file_bytes_max=8))
    assert "拆成" in refusal.value.detail.zh


def test_a_cell_that_is_too_long_names_its_row_in_every_format(csv_bytes, xlsx_bytes, xls_bytes):
    rows = [["姓名"], ["张三"], ["张" * 101]]
    lines = b'{"name": ""}\n{}\n{"name": "' + b"x" * 101 + b'"}'
    for content in (csv_bytes(rows), xlsx_bytes(rows), xls_bytes(rows), lines):
        with pytest.raises(TooLarge) as refusal:
            read_all(content, Limits(cell_characters_max=100))
        assert "第 3 行" in refusal.value.detail.zh


def test_a_million_formatted_blank_rows_below_the_table_do_no_harm(workbook):
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="0"/><c r="XFD{n}" s="0"/></row>' for n in range(3, 200_000))
    part = sheet(HEADER_ROW + '<row r="2"><c r="A2" t="inlineStr"><is><t>张三</t></is></c></row>' + blank)
    with open_table(workbook(part), limits=Limits(rows_max=10), header=NAME) as table:
        assert [row.cells["name"] for row in table] == ["张三"]
        assert table.rows_blank == 0


def test_limits_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="positive"):
        Limits(rows_max=0)
    with pytest.raises(ValueError, match="below"):
        Limits(cell_characters_max=200_000)


def measured(path):
    """What became of a file in a process of its own, by how many MiB that process grew, and how long it took."""
    done = subprocess.run(
        [sys.executable, "-c", READ_AND_MEASURE, str(path)], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen, growth_mib, rows, seconds = done.stdout.split()
    return seen, float(growth_mib), int(rows), float(seconds)


def test_a_large_csv_takes_little_memory(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("姓名,甲,乙\n")
        file.writelines(f"张三{i},备注备注,{i}\n" for i in range(400_000))
    seen, growth_mib, rows, seconds = measured(path)
    print(f"CSV: {rows / seconds:,.0f} rows/s")  # noqa: T201 - for reading, not for judging
    assert (seen, rows) == ("read", 400_000)
    assert growth_mib < 40


def test_a_large_workbook_takes_little_memory(tmp_path, xlsx_bytes, repacked):
    texts = "".join(f"<si><t>张三{i}</t></si>" for i in range(100_000))
    rows = "".join(
        f'<row r="{i + 2}"><c r="A{i + 2}" t="s"><v>{i}</v></c><c r="B{i + 2}"><v>{i / 4}</v></c></row>'
        for i in range(100_000)
    )
    path = tmp_path / "large.xlsx"
    path.write_bytes(
        repacked(
            xlsx_bytes([["姓名"]]),
            {
                SHEET: sheet(HEADER_ROW + rows),
                "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>'.encode(),
                "xl/_rels/workbook.xml.rels": relations("worksheets/sheet1.xml", "sharedStrings.xml"),
            },
        )
    )
    seen, growth_mib, rows_read, seconds = measured(path)
    print(f"XLSX: {rows_read / seconds:,.0f} rows/s")  # noqa: T201 - for reading, not for judging
    assert (seen, rows_read) == ("read", 100_000)
    assert growth_mib < 40
