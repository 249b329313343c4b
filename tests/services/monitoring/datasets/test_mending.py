"""What was rejected is mended in place, row by row, and a clerk decides who an unmatched row is about."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from chassis.identifiers import new_id
from chassis.testing.programs import COUNTY
from tests.personas import number
from tests.services.monitoring.datasets.department_files import (
    BAD_ROW,
    CHEN_ID,
    CHEN_ROW,
    LI_ID,
    LI_ROW,
    MAI_ID,
    SELF_PAY,
    Office,
    codes,
    csv,
    fates,
    xlsx,
)


async def test_rejected_rows_come_back_in_the_clerks_own_columns_and_the_mended_file_joins_the_batch(
    medical, records, told
):
    heads = ["备注", "姓名", "本年累计合规自付", "证件号", "月份"]
    content = xlsx(
        heads,
        ["甲", "陈大山", 5200, CHEN_ID, "2024-05"],
        ["乙", "李秀兰", 20000, "610999197608053029", "2024-05"],
        ["丙", "阿依古丽·买买提", "很多", MAI_ID, "2024-05"],
    )
    batch = await medical.hand_in(content)
    assert fates(batch) == {"matched": 1, "rejected": 2}
    sheet = load_workbook(io.BytesIO((await medical.rejected(batch)).content)).active
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    assert lines[0] == ["原因", "行号", *heads]
    assert [line[1:] for line in lines[1:]] == [
        [3, "乙", "李秀兰", 20000, "610999197608053029", "2024-05"],
        [4, "丙", "阿依古丽·买买提", "很多", MAI_ID, "2024-05"],
    ]
    assert "校验位" in lines[1][0]
    lines[1][5] = LI_ID
    mended = await medical.correct(batch, xlsx(*lines))
    assert (mended["id"], mended["state"], mended["attempts"]) == (batch["id"], "corrected", 2)
    assert fates(mended) == {"matched": 2, "rejected": 1}
    assert mended["counts"]["received"] == 3
    again = load_workbook(io.BytesIO((await medical.rejected(mended)).content)).active
    lines = [list(line) for line in again.iter_rows(values_only=True)]
    assert lines[0] == ["原因", "行号", *heads], "what came back twice carries our two columns once"
    assert lines[1][1:3] == [4, "丙"]
    lines[1][4] = 12.5
    done = await medical.correct(mended, xlsx(*lines))
    assert fates(done) == {"matched": 3}
    assert [(row.row_number, row.payload["self_pay_fen"]) for row in await records(state="in_force")] == [
        (2, 520000),
        (3, 2000000),
        (4, 1250),
    ]
    assert told == [(COUNTY, "medical.annual_self_pay", batch["id"])] * 3


async def test_a_corrected_file_must_say_which_rows_it_mends(medical):
    batch = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, BAD_ROW))
    answer = await medical.client.post(f"/submissions/{batch['id']}/corrections", content=csv(SELF_PAY, LI_ROW))
    job = await medical.over(answer.json()["job_id"])
    assert (job["state"], job["error"]["code"]) == ("failed", "row_numbers_missing")
    assert fates(await medical.batch(batch["id"])) == {"matched": 1, "rejected": 1}
    head = ["原因", "行号", *SELF_PAY]
    mended = await medical.correct(batch, csv(head, ["", 2, *LI_ROW], ["", 3, *LI_ROW], ["", 3, *LI_ROW]))
    assert fates(mended) == {"matched": 2}, "only a rejected row is judged again, and once"


async def test_a_clerk_decides_who_an_unmatched_row_is_about(medical, asks, records):
    batch = await medical.hand_in(csv(SELF_PAY, [CHEN_ID, "陈大三", "2024-05", 5], [number(), "无此人", "2024-05", 7]))
    assert fates(batch) == {"unmatched": 2}
    named, other = await medical.rows(batch, fate="unmatched")
    assert (codes(named), named["name_masked"], named["id_no_masked"]) == (
        ["name_differs"],
        "陈**",
        "610999********3010",
    )
    assert named["candidate_id"] is None, "a department does not browse the registry"
    [seen, *_] = await Office(asks()).rows(batch, fate="unmatched")
    path, match = f"/submissions/{batch['id']}/rows", {"If-Match": '"1"'}
    link = {"outcome": "link", "reason": "户口簿核对为同一人"}
    answer = await medical.client.post(f"{path}/{named['row_number']}/decide", json=link, headers=match)
    assert (answer.status_code, answer.json()["fate"]) == (200, "matched"), answer.text
    [record] = await records()
    assert (str(record.person_id), record.payload["self_pay_fen"]) == (seen["candidate_id"], 500)
    blind = await medical.client.post(f"{path}/{other['row_number']}/decide", json=link, headers=match)
    assert (blind.status_code, blind.json()["errors"][0]["pointer"]) == (422, "/person_id")
    nobody = link | {"person_id": str(new_id())}
    assert (
        await medical.client.post(f"{path}/{other['row_number']}/decide", json=nobody, headers=match)
    ).status_code == 404
    gone = {"outcome": "not_ours", "reason": "外县人员"}
    decided = await medical.client.post(f"{path}/{other['row_number']}/decide", json=gone, headers=match)
    assert (decided.json()["fate"], decided.json()["name_masked"]) == ("outside", None)
    twice = await medical.client.post(f"{path}/{other['row_number']}/decide", json=gone, headers={"If-Match": '"2"'})
    assert (twice.status_code, twice.json()["code"]) == (409, "row_decided")
    assert fates(await medical.batch(batch["id"])) == {"matched": 1, "outside": 1}
