"""The files that offices send, with every defect that they have, come out as rows or as a sentence."""

import csv
import doctest
import io
import random
from datetime import date

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chassis.tabular.reader
from chassis.errors import DomainError, InvalidInput
from chassis.tabular import Column, Format, HeaderSpec, Limits, open_table, parse_row
from tests.chassis.tabular.reading import LABELS, NAME, ROW, read


def test_the_same_table_reads_alike_in_every_format(columns, csv_bytes, xlsx_bytes, xls_bytes):
    rows = [LABELS, ROW, ["610999198502020028", "李·四", "2024-06-04", "1.5"]]
    keys = ["身份证号", "name", "入院日期", "自付金额"]
    ndjson = "".join(orjson.dumps(dict(zip(keys, row, strict=True))).decode() + "\n" for row in rows[1:])
    files = {
        "utf-8": csv_bytes(rows),
        "bom": csv_bytes(rows, encoding="utf-8-sig"),
        "gb18030": csv_bytes(rows, encoding="gb18030"),
        "tab": csv_bytes(rows, delimiter="\t"),
        "semicolon": csv_bytes(rows, delimiter=";"),
        "full-width comma": csv_bytes(rows, delimiter="，"),
        "old line ends": csv_bytes(rows).replace(b"\r\n", b"\r"),
        "xlsx": xlsx_bytes(rows),
        "xls": xls_bytes(rows),
        "ndjson": ndjson.encode(),
        "ndjson with bom": b"\xef\xbb\xbf" + ndjson.encode(),
    }
    for kind, content in files.items():
        _, _, raws, _ = read(content, columns)
        parsed = [parse_row(columns, raw) for raw in raws]
        assert [faults for _, faults in parsed] == [[], []], kind
        assert parsed[0][0]["self_pay_fen"] == 500_000, kind
        assert parsed[1][0] | {"nights": 0} == {
            "id_number": "610999198502020028",
            "name": "李·四",
            "admitted_on": date(2024, 6, 4),
            "self_pay_fen": 150,
            "nights": 0,
            "chronic": None,
            "note": None,
        }, kind


def test_rows_carry_the_number_that_a_person_sees(columns, csv_bytes, xlsx_bytes, xls_bytes):
    blank = ["", "", "", ""]
    rows = [["某县住院人员明细表"], [""], LABELS, ROW, blank, ["  ", "", "", ""], ROW, ["合计", "", "", "10000"], blank]
    for content in (csv_bytes(rows), xlsx_bytes(rows), xls_bytes(rows)):
        _, header, raws, blanks = read(content, columns)
        assert header.number == 3
        assert [row.number for row in raws] == [4, 7, 8]
        assert raws[-1].raw[0] == "合计"
        assert blanks == 2


def test_a_merged_title_and_a_unit_above_the_table_are_understood(columns, xlsx_bytes):
    labels = [*LABELS[:3], "自付金额"]
    content = xlsx_bytes(
        [["2024年6月住院人员", None, None, None], ["", "", "", "单位：万元"], labels, [*ROW[:3], 0.5]],
        lambda book: book.active.merge_cells("A1:D1"),
    )
    _, header, [row], _ = read(content, columns)
    assert header.units == {"self_pay_fen": "wan"}
    assert parse_row(columns, row)[0]["self_pay_fen"] == 500_000


def test_a_unit_in_the_heading_comes_before_the_contracts_own(columns, csv_bytes):
    _, header, [row], _ = read(csv_bytes([[*LABELS[:3], "自付金额(万元)"], [*ROW[:3], "1.23"]]), columns)
    assert header.units == {"self_pay_fen": "wan"}
    assert parse_row(columns, row)[0]["self_pay_fen"] == 1_230_000


def test_columns_in_any_order_renamed_and_unknown_are_sorted_out(columns, csv_bytes):
    labels = ["序号", "*患者 姓名", "自付金额(元)", "医院", "公民身份号码", "入院日期（必填）"]
    row = ["1", "张三", "12", "县医院", ROW[0], "2024/6/3"]
    _, header, [raw], _ = read(csv_bytes([labels, row]), columns, mapping={"患者姓名": "name"})
    assert header.columns == {"name": 1, "self_pay_fen": 2, "id_number": 4, "admitted_on": 5}
    assert header.unknown == ("序号", "医院")
    assert raw.raw == tuple(row)
    values, faults = parse_row(columns, raw)
    assert (faults, values["name"], values["self_pay_fen"]) == ([], "张三", 1200)


def test_a_saved_mapping_overrides_what_a_label_would_mean(csv_bytes):
    columns = [Column(name="name", label="姓名", required=True), Column(name="head", label="户主", required=True)]
    mapping = {"户主姓名": "name", "姓名": "head"}
    _, header, [row], _ = read(csv_bytes([["姓名", "户主姓名"], ["甲", "乙"]]), columns, mapping=mapping)
    assert row.cells == {"name": "乙", "head": "甲"}
    assert header.unknown == ()


def test_a_mapped_column_answers_to_its_mapped_label_alone(columns, csv_bytes):
    content = csv_bytes([[*LABELS, "患者"], [*ROW[:1], "户主某", *ROW[2:], "张三"]])
    _, header, [row], _ = read(content, columns, mapping={"患者": "name"})
    assert row.cells["name"] == "张三"
    assert header.unknown == ("姓名",)


def test_a_mapping_to_a_column_that_does_not_exist_is_refused(csv_bytes):
    with pytest.raises(InvalidInput) as refusal:
        HeaderSpec([NAME], mapping={"姓名": "nom"})
    assert [fault.code for fault in refusal.value.faults] == ["unknown_column"]


def test_two_columns_of_a_contract_may_not_claim_one_label():
    with pytest.raises(ValueError, match="claim the label"):
        HeaderSpec([NAME, Column(name="other", label="全名", aliases=("姓 名",))])


def test_all_missing_columns_are_listed(columns, csv_bytes):
    with pytest.raises(InvalidInput) as refusal:
        read(csv_bytes([["身份证号", "姓名", "备注"], ROW[:3]]), columns)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("admitted_on", "missing_column"),
        ("self_pay_fen", "missing_column"),
    ]


def test_a_file_without_a_header_is_told_what_the_header_must_have(columns, csv_bytes, xlsx_bytes):
    for content in (csv_bytes([ROW, ROW]), xlsx_bytes([ROW]), b'{"a": 1}'):
        with pytest.raises(InvalidInput) as refusal:
            read(content, columns)
        assert len(refusal.value.faults) == 4
    assert ROW[0] not in str(refusal.value.detail)


def test_labels_that_mean_the_same_column_are_refused(columns, csv_bytes):
    with pytest.raises(InvalidInput) as refusal:
        read(csv_bytes([[*LABELS, "姓 名", "公民身份号码", "其他", "其他"], [*ROW, "", "", "", ""]]), columns)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("name", "doubled_column"),
        ("id_number", "doubled_column"),
    ]


def test_a_row_whose_cells_have_shifted_is_a_fault_of_that_row_alone(columns, csv_bytes):
    rows = [LABELS, ROW, ROW[:3], [*ROW, "多出"], [*ROW, "", ""], ROW]
    _, _, raws, _ = read(csv_bytes(rows), columns)
    assert [[fault.code for fault in row.faults] for row in raws] == [[], ["row_too_few"], ["row_too_many"], [], []]
    assert raws[2].raw == (*ROW, "多出")
    assert [fault.code for fault in parse_row(columns, raws[1])[1]] == ["row_too_few"]


def test_quotes_line_breaks_and_doubled_quotes_in_cells_are_read(columns):
    stream = io.StringIO()
    csv.writer(stream).writerows([[*LABELS, "备注"], [*ROW, '说"好",\n下一行'], [*ROW, "x"]])
    _, _, raws, _ = read(stream.getvalue().encode(), columns)
    assert parse_row(columns, raws[0])[0]["note"] == '说"好",\n下一行'
    assert [row.number for row in raws] == [2, 3]


def test_text_after_a_closing_quote_costs_one_row(columns, csv_bytes):
    _, _, raws, _ = read(csv_bytes([LABELS, ROW, ['"张"三', *ROW[1:]], ROW]), columns)
    assert [[fault.code for fault in row.faults] for row in raws] == [[], ["row_quotes"], []]
    assert [row.number for row in raws] == [2, 3, 4]


@pytest.mark.parametrize("rows_after", [1, 20_000])
def test_a_quote_that_is_never_closed_names_its_row(rows_after, columns, csv_bytes):
    content = csv_bytes([LABELS, ROW, ['"张三', *ROW[1:]], *[ROW] * rows_after])
    with pytest.raises(InvalidInput) as refusal:
        read(content, columns)
    assert "第 3 行" in refusal.value.detail.zh


def test_a_line_that_is_no_object_costs_itself(columns):
    good = orjson.dumps(dict(zip([*LABELS, "住院天数", "是否慢病"], [*ROW, 3, True], strict=True))).decode()
    lines = [good, "", "{broken", "[1]", '{"姓名": {"a": 1}}', good.replace("张三", "\\ud800"), good]
    form, _, raws, blanks = read("\n".join(lines).encode() + '\n{"姓名":"'.encode() + b'\xff"}', columns)
    assert form is Format.NDJSON
    assert [(row.number, [fault.code for fault in row.faults]) for row in raws] == [
        (1, []),
        (3, ["row_json"]),
        (4, ["row_json"]),
        (5, ["row_nested"]),
        (6, ["row_json"]),
        (7, []),
        (8, ["row_json"]),
    ]
    assert blanks == 1
    values, _ = parse_row(columns, raws[0])
    assert (values["nights"], values["chronic"]) == (3, True)
    assert raws[1].raw == ("{broken",)


def test_keys_that_only_a_later_line_uses_are_not_lost(columns):
    line = '{"身份证号":"1","姓名":"张三","入院日期":"2024-06-03","自付金额":"1"'
    _, header, raws, _ = read(f'{line}}}\n{line},"医院":"县医院"}}'.encode(), columns)
    assert header.unknown == ("医院",)
    assert raws[1].raw[-1] == "县医院"


def test_a_stream_of_the_caller_stays_open_and_a_failed_file_of_ours_is_closed(csv_bytes, tmp_path, recwarn):
    stream = io.BytesIO(csv_bytes([["姓名"], ["张三"]]))
    with open_table(stream, limits=Limits(), header=HeaderSpec([NAME])) as table:
        assert [row.cells["name"] for row in table] == ["张三"]
    assert not stream.closed
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n")
    with pytest.raises(InvalidInput):
        open_table(path, limits=Limits(), header=HeaderSpec([NAME]))
    assert [w for w in recwarn if w.category is ResourceWarning] == []


def test_a_row_says_nothing_of_its_content_in_a_log(columns, csv_bytes):
    _, _, [row], _ = read(csv_bytes([LABELS, ROW]), columns)
    assert ROW[0] not in repr(row)
    assert ROW[1] not in f"{row}"


def test_the_example_in_the_documentation_runs():
    assert doctest.testmod(chassis.tabular.reader) == (0, 3)


@pytest.fixture
def sound_files(csv_bytes, xlsx_bytes, xls_bytes):
    rows = [LABELS, *[ROW] * 20]
    line = b'{"id_number": "1", "name": "a", "admitted_on": 45446, "self_pay_fen": 1.5}\n'
    return [xlsx_bytes(rows), xls_bytes(rows), csv_bytes(rows, encoding="gb18030"), line * 20]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), kind=st.integers(0, 3), cut=st.booleans())
def test_a_spoiled_file_is_refused_and_never_breaks_the_reader(seed, kind, cut, columns, sound_files):
    rng = random.Random(seed)
    content = bytearray(sound_files[kind])
    for _ in range(rng.randrange(1, 12)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    if cut:
        del content[rng.randrange(len(content)) :]
    try:
        _, _, raws, _ = read(bytes(content), columns)
    except DomainError:
        return  # refused with a sentence; anything else is a failure
    for raw in raws:
        values, faults = parse_row(columns, raw)
        assert set(values) == {column.name for column in columns}
        assert all(fault.message.en for fault in faults)
