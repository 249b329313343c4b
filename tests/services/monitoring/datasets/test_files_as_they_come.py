"""Whatever departments really send is read, and each row ends in exactly one fate."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.personas import household, number, person
from tests.services.monitoring.datasets.department_files import (
    CHEN_ID,
    LI_ID,
    MAI_ID,
    SELF_PAY,
    STAYS,
    codes,
    csv,
    fates,
    xls,
    xlsx,
)

FORMS = {
    "utf-8": lambda *lines: csv(*lines),
    "utf-8 with BOM": lambda *lines: csv(*lines, encoding="utf-8-sig"),
    "gb18030": lambda *lines: csv(*lines, encoding="gb18030"),
    "xlsx": xlsx,
    "xls": xls,
    "ndjson": lambda head, *lines: b"\n".join(
        json.dumps(dict(zip(head, line, strict=True)), ensure_ascii=False).encode() for line in lines
    ),
}


@pytest.mark.parametrize("form", FORMS)
async def test_every_format_is_read_alike(medical, records, form):
    content = FORMS[form](SELF_PAY, [CHEN_ID, "陈大山", "2024-05", "5200.00"], [LI_ID, "李秀兰", "2024-05", "20000.00"])
    batch = await medical.hand_in(content)
    assert batch["state"] == "read", batch
    assert fates(batch) == {"matched": 2}
    first, second = await records(state="in_force")
    assert (first.payload, second.payload["self_pay_fen"]) == (
        {"event_date": "2024-05-01", "self_pay_fen": 520000},
        2000000,
    )
    assert (first.event_date, first.region, first.county) == (date(2024, 5, 1), 610999101203, 610999000000)
    assert first.household_id == second.household_id
    assert first.person_id != second.person_id


async def test_a_number_below_what_can_be_is_refused_and_not_taken_for_a_small_one(medical):
    batch = await medical.hand_in(csv(SELF_PAY, [CHEN_ID, "陈大山", "2024-05", "-3.00"]))
    assert fates(batch) == {"rejected": 1}
    [row] = await medical.rows(batch, fate="rejected")
    assert [(each["code"], each["message"]) for each in row["reasons"]] == [("out_of_range", "不得小于 0.00。")]


async def test_an_id_number_that_a_spreadsheet_spoilt_comes_back_with_how_to_export_it(medical):
    batch = await medical.hand_in(
        xlsx(SELF_PAY, [6.10999197403123e17, "陈大山", "2024-05", 10], ["6.10999E+17", "李秀兰", "2024-05", 10])
    )
    assert fates(batch) == {"rejected": 2}
    for row in await medical.rows(batch, fate="rejected"):
        assert codes(row) == ["identity_digits_lost"]
        assert "文本" in row["reasons"][0]["message"]


async def test_lower_case_full_width_and_spaced_id_numbers_find_their_people(medical):
    wide = CHEN_ID.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789"})
    spaced = f" {LI_ID[:6]} {LI_ID[6:14]} {LI_ID[14:]} "
    batch = await medical.hand_in(
        csv(
            SELF_PAY,
            [wide, "陈大山", "2024-05", 1],
            [spaced, " 李秀兰 ", "2024-05", 1],
            [MAI_ID.lower(), "阿依古丽•买买提", "2024-05", 1],
        )
    )
    assert fates(batch) == {"matched": 3}


@pytest.mark.parametrize("dot", "·•‧・．.")
async def test_a_name_with_another_dot_is_the_same_name(medical, dot):
    batch = await medical.hand_in(csv(SELF_PAY, [MAI_ID, f"阿依古丽{dot}买买提", "2024-05", 1]))
    assert fates(batch) == {"matched": 1}


async def test_titles_blank_rows_and_sums_are_counted_apart(medical):
    batch = await medical.hand_in(
        xlsx(
            ["云岭县医保局2024年5月自付情况", None, None, None],
            SELF_PAY,
            [CHEN_ID, "陈大山", "2024-05", 1],
            [None, None, None, None],
            [LI_ID, "李秀兰", "2024-05", 1],
            ["合计", None, None, 2],
        )
    )
    assert fates(batch) == {"matched": 2}
    assert {name: batch["counts"][name] for name in ("received", "above", "blank", "sums")} == {
        "received": 2,
        "above": 1,
        "blank": 1,
        "sums": 1,
    }


async def test_renamed_and_reordered_columns_are_read_by_the_departments_saved_mapping(medical, records):
    content = csv(["个人负担", "备注", "所属期", "参保人", "证号"], ["8800.5", "补", "2024-05", "李秀兰", LI_ID])
    refused = await medical.hand_in(content)
    assert (refused["state"], refused["refusal"]["code"]) == ("refused", "invalid_input")
    assert {reason["column"] for reason in refused["refusal"]["reasons"]} <= {
        "id_no", "name", "event_date", "self_pay_fen"
    }  # fmt: skip
    mapping = {"证号": "id_no", "参保人": "name", "所属期": "event_date", "个人负担": "self_pay_fen"}
    path = "/datasets/medical.annual_self_pay/mapping"
    saved = await medical.client.put(path, json={"mapping": mapping})
    assert saved.status_code == 200, saved.text
    batch = await medical.hand_in(content)
    assert fates(batch) == {"matched": 1}
    assert batch["unknown_columns"] == ["备注"]
    [record] = await records()
    assert record.payload["self_pay_fen"] == 880050
    template = await medical.hand_in(csv(SELF_PAY, [CHEN_ID, "陈大山", "2024-05", 1]))
    assert fates(template) == {"matched": 1}, "a file that follows the template is still understood"
    faulty = await medical.hand_in(csv([*SELF_PAY, "姓名"], [CHEN_ID, "陈大山", "2024-05", 1, "陈大山"]))
    told = [(reason["code"], reason["column"]) for reason in faulty["refusal"]["reasons"]]
    assert told == [("doubled_column", "name")], "and is told what is wrong with it, not what the mapping misses"
    again = await medical.client.put(path, json={"mapping": mapping})
    assert again.status_code == 428
    bad = await medical.client.put(path, json={"mapping": {"甲": "id_no", "乙": "id_no", "丙": "nonsense"}})
    assert [error["code"] for error in bad.json()["errors"]] == ["column_twice", "unknown_column"]


async def test_dates_as_serial_numbers_and_amounts_in_wan_are_understood(office, records):
    clerk = office()
    heads = ["身份证号", "姓名", "出院日期", "住院结算号", "本次合规自付（万元）"]
    batch = await clerk.hand_in(
        xlsx(heads, [CHEN_ID, "陈大山", 45432, "ZY1", 1.25], [LI_ID, "李秀兰", "2024年5月20日", "ZY2", 2]),
        code="medical.stays",
    )
    assert fates(batch) == {"matched": 2}
    assert [(row.event_date, row.payload["stay_self_pay_fen"]) for row in await records()] == [
        (date(2024, 5, 20), 1250000),
        (date(2024, 5, 20), 2000000),
    ]


async def test_two_hospital_stays_of_one_person_are_two_rows(medical, records):
    batch = await medical.hand_in(
        csv(
            STAYS,
            [CHEN_ID, "陈大山", "2024-05-08", "ZY1", 6100],
            [CHEN_ID, "陈大山", "2024-05-20", "ZY2", 6200],
            [CHEN_ID, "陈大山", "2024-05-20", "ZY2", 6200],
        ),
        code="medical.stays",
    )
    assert fates(batch) == {"matched": 2, "duplicate": 1}
    assert [row.payload["stay_no"] for row in await records()] == ["ZY1", "ZY2"]
    [double] = await medical.rows(batch, fate="duplicate")
    assert (double["row_number"], codes(double)) == (4, ["repeated_in_batch"])


async def test_a_record_keeps_no_name_no_id_number_and_no_account(office, records):
    clerk = office("disability")
    contract = next(
        one for one in (await clerk.client.get("/datasets")).json()["items"] if one["code"] == "disability.certificates"
    )
    required = [column for column in contract["columns"] if column["required"]]
    heads = [column["label"] for column in required]
    cells = {"id_no": CHEN_ID, "name": "陈大山", "certificate_no": CHEN_ID + "42", "event_date": "2024-05-20"}
    row = [cells.get(column["name"], column["example"]) for column in required]
    batch = await clerk.hand_in(csv(heads, row), code="disability.certificates")
    assert fates(batch) == {"matched": 1}, await clerk.rows(batch)
    [record] = await records()
    assert CHEN_ID not in json.dumps(record.payload)
    assert record.payload["certificate_no"].startswith("digest:")


async def test_a_file_of_another_period_is_refused_as_a_whole_and_single_rows_are_rejected(medical, records):
    wrong = await medical.hand_in(csv(SELF_PAY, [CHEN_ID, "陈大山", "2024-04", 1], [LI_ID, "李秀兰", "2024-04", 1]))
    assert (wrong["state"], wrong["refusal"]["code"]) == ("refused", "wrong_period")
    assert wrong["counts"]["received"] == 0
    assert await medical.rows(wrong) == []
    mixed = await medical.hand_in(csv(SELF_PAY, [CHEN_ID, "陈大山", "2024-04", 1], [LI_ID, "李秀兰", "2024-05", 1]))
    assert fates(mixed) == {"rejected": 1, "matched": 1}
    [row] = await medical.rows(mixed, fate="rejected")
    assert codes(row) == ["other_period"]
    assert len(await records()) == 1


async def test_people_of_other_counties_are_counted_and_nothing_is_told_about_them(medical, asks, records):
    neighbour = number()
    abroad = household(region="510999101203", members=[person(name="邻县人", identity_number=neighbour)])
    made = await asks(region=510999000000).post("/households", json=abroad)
    assert made.status_code == 201, made.text
    batch = await medical.hand_in(
        csv(
            [*SELF_PAY, "区划代码"],
            [neighbour, "邻县人", "2024-05", 1, ""],
            [neighbour, "别的名", "2024-05", 2, ""],
            [CHEN_ID, "陈大山", "2024-05", 1, "510999101203"],
            [LI_ID, "李秀兰", "2024-05", 1, "610999101203"],
            [MAI_ID, "阿依古丽·买买提", "2024-05", 1, "6109"],
        )
    )
    assert fates(batch) == {"outside": 2, "duplicate": 1, "matched": 1, "rejected": 1}
    outside = await medical.rows(batch, fate="outside")
    assert {json.dumps([row["reasons"], row["name_masked"], row["person_id"]]) for row in outside} == {
        json.dumps([outside[0]["reasons"], None, None])
    }
    assert [row.row_number for row in await records()] == [5]


async def test_an_invalid_number_an_unreadable_amount_and_a_missing_name_are_all_told_at_once(medical):
    batch = await medical.hand_in(csv(SELF_PAY, ["610999197403123011", "", "2024-05", "很多"]))
    [row] = await medical.rows(batch)
    assert sorted((reason["code"], reason["column"]) for reason in row["reasons"]) == sorted(
        [("required", "name"), ("amount_form", "self_pay_fen"), ("identity_number_check_digit", "id_no")]
    )
    assert row["id_no_masked"] == "610999********3011"
