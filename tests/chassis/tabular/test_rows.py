"""All that is wrong with a row is told at once, column by column, and nothing of its content."""

from datetime import date

import pytest

from chassis.tabular import Column, HeaderSpec, Kind, Limits, open_table, parse_row
from chassis.tabular.columns import label_key, read_label, unit_stated

COLUMNS = [
    Column(name="id_number", label="身份证号", kind=Kind.IDENTITY_NUMBER, required=True),
    Column(name="name", label="姓名", required=True, max_length=4),
    Column(name="paid_fen", label="金额（万元）", kind=Kind.AMOUNT, unit="wan", required=True),
    Column(name="paid_on", label="日期", kind=Kind.DAY),
    Column(name="period", label="所属月份", kind=Kind.MONTH),
    Column(name="kind", label="类别", kind=Kind.CHOICE, choices={"住院": "inpatient", "门诊": "outpatient"}),
    Column(name="times", label="次数", kind=Kind.INTEGER),
    Column(name="chronic", label="慢病", kind=Kind.YES_NO),
]


def rows_of(content):
    with open_table(content, limits=Limits(), header=HeaderSpec(COLUMNS)) as table:
        return list(table)


def test_a_good_row_gives_typed_values(xlsx_bytes):
    cells = ["610999199001010013", "张三", 1.5, date(2024, 6, 3), 202406, "门诊", 3, "√"]
    [row] = rows_of(xlsx_bytes([[column.label for column in COLUMNS], cells]))
    assert parse_row(COLUMNS, row) == (
        {
            "id_number": "610999199001010013",
            "name": "张三",
            "paid_fen": 1_500_000,
            "paid_on": date(2024, 6, 3),
            "period": date(2024, 6, 1),
            "kind": "outpatient",
            "times": 3,
            "chronic": True,
        },
        [],
    )


def test_every_fault_of_a_row_is_reported_with_its_column(xlsx_bytes):
    cells = [6.10999199001011e17, "张三李四王", "十万", "2024-02-30", "某月", "急诊", 1.5, "也许"]
    [row] = rows_of(xlsx_bytes([[column.label for column in COLUMNS], cells]))
    values, faults = parse_row(COLUMNS, row)
    assert set(values.values()) == {None}
    assert [(fault.column, fault.code) for fault in faults] == [
        ("id_number", "identity_digits_lost"),
        ("name", "text_length"),
        ("paid_fen", "amount_form"),
        ("paid_on", "day_impossible"),
        ("period", "month_form"),
        ("kind", "choice"),
        ("times", "integer"),
        ("chronic", "yes_no"),
    ]
    told = "".join(str(fault.as_fault()) for fault in faults)
    assert not any(str(cell) in told for cell in ("张三李四王", "十万", "某月", "急诊", "也许", "6.10999"))


def test_empty_required_columns_are_faults_and_empty_others_are_none(csv_bytes):
    labels = [column.label for column in COLUMNS]
    [row] = rows_of(csv_bytes([labels, ["", " ", "", "", "", "", "1", ""]]))
    values, faults = parse_row(COLUMNS, row)
    assert [(fault.column, fault.code) for fault in faults] == [
        (name, "required") for name in ("id_number", "name", "paid_fen")
    ]
    assert values["times"] == 1


def test_a_number_beyond_its_columns_bounds_is_a_fault_and_one_at_them_is_none(csv_bytes):
    share = Column(name="share", label="比例", kind=Kind.INTEGER, minimum=0, maximum=100)
    paid = Column(name="paid_fen", label="金额", kind=Kind.AMOUNT, minimum=0)
    content = csv_bytes([["比例", "金额"], ["100", "0.00"], ["101", "-0.01"], ["-1", "5"]])
    with open_table(content, limits=Limits(), header=HeaderSpec([share, paid])) as table:
        read = [parse_row([share, paid], row) for row in table]
    assert read[0] == ({"share": 100, "paid_fen": 0}, [])
    assert [[(fault.column, fault.code) for fault in faults] for _values, faults in read[1:]] == [
        [("share", "out_of_range"), ("paid_fen", "out_of_range")],
        [("share", "out_of_range")],
    ]


@pytest.mark.parametrize(
    ("label", "same"),
    [
        ("身份证号", " 身 份 证\n号 "),
        ("金额（元）", "金额(元)"),
        ("*姓名", "姓名（必填）"),
        ("ＩＤ号", "id号"),
        ("类别【新】", "类别[新]"),
    ],
)
def test_headings_are_compared_without_their_dress(label, same):
    assert label_key(label) == label_key(same)


def test_a_heading_tells_its_unit():
    assert read_label("报销金额（单位：万元）")[1:] == ("报销金额", "wan")
    assert read_label("金额/元")[1:] == ("金额", "yuan")
    assert read_label("金额(个人)")[1:] == ("金额(个人)", None)
    assert label_key("坏\x00的") == ""
    assert unit_stated("金额单位: 万元") == "wan"
    assert unit_stated("填报单位：云岭县") is None


def test_a_column_must_make_sense():
    with pytest.raises(ValueError, match="choices"):
        Column(name="kind", label="类别", kind=Kind.CHOICE)
    with pytest.raises(ValueError, match="label"):
        Column(name="kind", label=" ")
