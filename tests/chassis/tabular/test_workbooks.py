"""What is special about workbooks, new and old: types of cells, dates, shared strings, sheets."""

import io
import random
import zipfile
from datetime import date, datetime

import openpyxl.utils.datetime as dates
import pytest
import python_calamine
import xlwt

from chassis.errors import InvalidInput
from chassis.tabular import Column, ErrorCell, parse_row
from tests.chassis.tabular.reading import LABELS, NAME, ROW, read


def test_cells_of_a_workbook_keep_their_type(xlsx_bytes):
    moment = datetime(2024, 6, 3, 8, 30)  # noqa: DTZ001 - spreadsheets know no zones
    values = [3, 1.25, 610999199001011000.0, "张三", True, date(2024, 6, 3), moment, "#N/A", "=1+1"]

    def spoil(book):
        book.active.cell(2, 8).data_type = "e"

    columns = [Column(name=f"c{i}", label=f"列{i}") for i in range(len(values))]
    _, _, [row], _ = read(xlsx_bytes([[column.label for column in columns], values], spoil), columns)
    assert row.raw[:7] == tuple(values[:7])
    assert [type(cell) for cell in row.raw[:7]] == [type(value) for value in values[:7]]
    assert row.raw[7:] == (ErrorCell("#N/A"), ErrorCell("#FORMULA"))
    _, faults = parse_row(columns, row)
    assert [(fault.column, fault.code) for fault in faults] == [("c7", "cell_error"), ("c8", "cell_formula")]


def test_cells_of_an_old_workbook_keep_their_type(xls_bytes):
    def add(book):
        sheet = book.get_sheet(0)
        sheet.write(1, 0, date(2024, 6, 3), xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"'))
        sheet.write(1, 1, 1.25)
        sheet.write(1, 2, True)
        sheet.row(1).set_cell_error(3, 0x2A)
        sheet.write(1, 4, 610999199001011234)
        sheet.write(1, 5, xlwt.Formula("1/0"))
        sheet.write(1, 6, 3)
        sheet.write(1, 7, 12345.67)
        sheet.write(1, 8, "富" * 3000)

    columns = [Column(name=f"c{i}", label=f"列{i}") for i in range(9)]
    _, _, [row], _ = read(xls_bytes([[column.label for column in columns]], add), columns)
    assert row.raw[:4] == (date(2024, 6, 3), 1.25, True, ErrorCell("#N/A"))
    assert isinstance(row.raw[4], float)
    assert row.raw[6:] == (3, 12345.67, "富" * 3000)


def test_thousands_of_shared_strings_across_record_borders_are_read(xls_bytes):
    rng = random.Random(1)
    texts = ["".join(rng.choice("ab富强é") for _ in range(rng.randrange(1, 400))) for _ in range(3000)]
    _, _, rows, _ = read(xls_bytes([["姓名"], *[[text] for text in texts]]), [NAME])
    assert [row.cells["name"] for row in rows] == texts


def test_both_date_systems_give_the_day_that_the_sender_saw(columns, xlsx_bytes, xls_bytes):
    def since_1904(book):
        book.epoch = dates.CALENDAR_MAC_1904

    content = xlsx_bytes([[*LABELS], [*ROW[:2], date(2024, 6, 3), 1], [*ROW[:2], 43984, 1]], since_1904)
    _, header, rows, _ = read(content, columns)
    assert header.date_1904
    assert [parse_row(columns, row)[0]["admitted_on"] for row in rows] == [date(2024, 6, 3)] * 2

    def old_1904(book):
        book.dates_1904 = 1
        book.get_sheet(0).write(1, 2, 43984, xlwt.easyxf(num_format_str="YYYY-MM-DD"))

    _, header, [row], _ = read(xls_bytes([LABELS, [*ROW[:2], None, 1]], old_1904), columns)
    assert (header.date_1904, row.cells["admitted_on"]) == (True, date(2024, 6, 3))


def test_dates_in_an_east_asian_builtin_format_are_dates(xlsx_bytes, repacked):
    content = xlsx_bytes([["姓名"], [45446]], lambda book: setattr(book.active["A2"], "number_format", "yyyy-mm-dd"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        styles = archive.read("xl/styles.xml").decode()
    assert 'numFmtId="164"' in styles
    changed = repacked(content, {"xl/styles.xml": styles.replace('<xf numFmtId="164"', '<xf numFmtId="57"').encode()})
    _, _, [row], _ = read(changed, [NAME])
    assert row.raw == (date(2024, 6, 3),)


def test_the_sheet_with_the_header_is_read_and_the_others_are_named(columns, xlsx_bytes):
    def add(book):
        book.active.title = "封面"
        book.create_sheet("隐藏").append(LABELS)
        book["隐藏"].sheet_state = "hidden"
        for name in ("明细", "明细2"):
            book.create_sheet(name).append(LABELS)
            book[name].append([*ROW[:3], name])
        book.create_sheet("空表").append(LABELS)

    content = xlsx_bytes([["某县报表"]], lambda book: (add(book), book.remove(book["明细2"])))
    _, header, [row], _ = read(content, columns)
    assert (header.sheet, header.other_sheets, row.raw[3]) == ("明细", ("封面", "空表"), "明细")
    content = xlsx_bytes([["某县报表"]], add)
    _, header, [row], _ = read(content, columns, sheet="明细2")
    assert (header.sheet, row.raw[3]) == ("明细2", "明细2")
    with pytest.raises(InvalidInput, match="no sheet of that name"):
        read(content, columns, sheet="隐藏")


def test_rows_on_a_second_sheet_are_never_left_out_in_silence(columns, xlsx_bytes, xls_bytes):
    def second(book, *rows):
        book.create_sheet("五月")
        for row in rows:
            book["五月"].append(row)

    table, note = [LABELS, ROW], ["填报人"]
    for rows in (
        [LABELS, ROW],
        [["五月报表"], LABELS, [], [], ROW],
        [[*LABELS, LABELS[0]], ROW],
        [LABELS[:2], ROW[:2]],
    ):
        with pytest.raises(InvalidInput, match="Sheets 1, 2, counted from the left, all hold rows"):
            read(xlsx_bytes(table, lambda book, rows=rows: second(book, *rows)), columns)
    for rows in ([], [LABELS], [LABELS, [" "]], [note, ROW]):
        _, _, [row], _ = read(xlsx_bytes(table, lambda book, rows=rows: second(book, *rows)), columns)
        assert row.number == 2

    def old_second(book):
        for at, row in enumerate(table):
            for place, cell in enumerate(row):
                sheet = book.get_sheet(1) if at or place else book.add_sheet("五月")
                sheet.write(at, place, cell)

    with pytest.raises(InvalidInput, match="Sheets 1, 2, counted from the left, all hold rows"):
        read(xls_bytes(table, old_second), columns)


SHARED = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<x:sst xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<x:si><x:t>姓名</x:t></x:si>
<x:si><x:r><x:t>张</x:t></x:r><x:r><x:t xml:space="preserve">三 </x:t></x:r><x:rPh><x:t>ZHANG</x:t></x:rPh></x:si>
<x:si><x:t>甲_x000D_\n乙_x005F_x</x:t></x:si></x:sst>"""
PREFIXED = """<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>
<x:row><x:c t="s"><x:v>0</x:v></x:c></x:row>
<x:row><x:c t="s"><x:v>1</x:v></x:c></x:row>
<x:row r="5"><x:c r="A5" t="s"><x:v>2</x:v></x:c></x:row>
<x:row><x:c t="str"><x:f>A2</x:f><x:v>丙</x:v></x:c></x:row>
</x:sheetData></x:worksheet>"""


def test_prefixes_rich_text_escapes_and_missing_references_are_read(xlsx_bytes, repacked):
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = f"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
    <Relationship Id="rId1" Type="{kind}/worksheet" Target="/xl/worksheets/sheet1.xml"/>
    <Relationship Id="rId2" Type="{kind}/sharedStrings" Target="SharedStrings.xml"/></Relationships>"""
    content = repacked(
        xlsx_bytes([["姓名"]]),
        {
            "xl/worksheets/sheet1.xml": PREFIXED.encode(),
            "xl/sharedStrings.xml": SHARED.encode(),
            "xl/_rels/workbook.xml.rels": relations.encode(),
        },
    )
    _, _, rows, blanks = read(content, [NAME])
    assert [(row.number, row.raw) for row in rows] == [(2, ("张三 ",)), (5, ("甲\r\n乙_x",)), (6, ("丙",))]
    assert blanks == 2
    assert parse_row([NAME], rows[1])[0]["name"] == "甲\n乙_x"


def test_a_stray_note_beside_a_worksheets_table_shifts_nothing(columns, xlsx_bytes):
    _, _, [row], _ = read(xlsx_bytes([LABELS, [*ROW, None, None, "经办人核对"]]), columns)
    assert row.faults == ()
    assert row.raw[-1] == "经办人核对"


def test_a_foreign_reader_sees_the_same_cells(xlsx_bytes, xls_bytes):
    rng = random.Random(7)
    make = [
        lambda: rng.randrange(10**6),
        lambda: round(rng.random() * 1000, 3),
        lambda: "富强" * rng.randrange(1, 5),
        lambda: None,
    ]
    rows = [["姓名", "甲", "乙"], *[["x", rng.choice(make)(), rng.choice(make)()] for _ in range(300)]]
    for content in (xlsx_bytes(rows), xls_bytes(rows)):
        sheet = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
        theirs = [[None if cell == "" else cell for cell in row] for row in sheet.iter_rows()][1:]
        _, _, raws, _ = read(content, [NAME])
        ours = [[*row.raw, *[None] * (3 - len(row.raw))] for row in raws]
        assert ours == theirs == rows[1:]
