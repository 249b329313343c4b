"""A batch is received once, mended in place, replaced by later ones, decided on, reconciled and taken back."""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, insert, select, text

from chassis.audit.tables import audit_entry
from chassis.database.metadata import rows
from chassis.files.tables import file_hold
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.datasets import changes
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.tables import DepartmentRecord, Submission, SubmissionRow
from services.monitoring.households.tables import Household, Person, PersonNumber
from tests.personas import number
from tests.services.monitoring.datasets.department_files import (
    CHEN_ID,
    LI_ID,
    MAI_ID,
    SELF_PAY,
    Office,
    codes,
    csv,
    fates,
    xlsx,
)

CHEN_ROW = [CHEN_ID, "陈大山", "2024-05", "5200.00"]
LI_ROW = [LI_ID, "李秀兰", "2024-05", "20000.00"]
BAD_ROW = ["610999197608053029", "李秀兰", "2024-05", "20000.00"]


@pytest.fixture
def told():
    """What listeners were told of: county, dataset, batch."""
    heard = []

    async def listen(_unit, region, dataset, submission_id):
        heard.append((region, dataset, str(submission_id)))

    before = list(changes._listeners)
    changes.on_records_changed(listen)
    yield heard
    changes._listeners[:] = before


async def test_the_same_file_again_is_answered_with_its_first_batch(medical, told):
    content = csv(SELF_PAY, CHEN_ROW)
    first = await medical.hand_in(content)
    again = await medical.send(content)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert again.json()["submission"]["id"] == first["id"]
    other_period = await medical.send(content, period="2024-04")
    assert other_period.status_code == 202, "the same file for another period is another batch"
    await medical.over(other_period.json()["job_id"])
    assert told == [(COUNTY, "medical.annual_self_pay", first["id"])]


async def test_two_clerks_who_send_one_file_at_once_make_one_batch(medical, office):
    content = csv(SELF_PAY, CHEN_ROW)
    answers = await asyncio.gather(*(office().send(content) for _ in range(4)))
    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: 3}
    assert len({answer.json()["submission"]["id"] for answer in answers}) == 1


async def test_a_form_and_an_idempotency_key_are_understood(medical):
    form = {"file": ("李秀兰.csv", csv(SELF_PAY, CHEN_ROW))}
    path, query = "/datasets/medical.annual_self_pay/submissions", {"period": "2024-05"}
    headers = {"Idempotency-Key": "batch-2024-05"}
    first = await medical.client.post(path, files=form, params=query, headers=headers)
    assert first.status_code == 202, first.text
    again = await medical.client.post(path, files=form, params=query, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert first.json()["submission"]["file_name"] == "medical.annual_self_pay-2024-05.csv"


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


async def test_a_later_batch_replaces_what_it_revises_and_repeats_nothing(medical, records):
    first = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, LI_ROW))
    second = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, [*LI_ROW[:3], "21000.00"]))
    assert fates(second) == {"duplicate": 1, "matched": 1}
    [double] = await medical.rows(second, fate="duplicate")
    assert codes(double) == ["already_in_force"]
    assert [(row.payload["self_pay_fen"], row.state) for row in await records()] == [
        (520000, "in_force"),
        (2000000, "superseded"),
        (2100000, "in_force"),
    ]
    answer = await medical.withdraw(second)
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert [row.payload["self_pay_fen"] for row in await records(state="in_force")] == [520000, 2000000]
    assert {str(row.submission_id) for row in await records(state="in_force")} == {first["id"]}
    stale = await medical.withdraw(second)
    assert stale.status_code == 412
    again = await medical.withdraw(answer.json())
    assert (again.status_code, again.json()["code"]) == (409, "submission_not_read")
    back = await medical.send(csv(SELF_PAY, CHEN_ROW, [*LI_ROW[:3], "21000.00"]))
    assert back.status_code == 202, "what was withdrawn may be handed in again"


async def test_what_a_second_batch_says_too_stays_in_force_when_the_first_is_withdrawn(medical, asks, records):
    first = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, LI_ROW))
    second = await medical.hand_in(csv(SELF_PAY, LI_ROW))
    third = await medical.hand_in(csv(SELF_PAY, [*LI_ROW[:3], "21000.00"]))
    before = await records(state="superseded")
    assert (fates(second), fates(third)) == ({"duplicate": 1}, {"matched": 1})
    assert (await medical.withdraw(await medical.batch(first["id"]))).status_code == 200
    assert (await medical.withdraw(await medical.batch(third["id"]))).status_code == 200
    # Nobody says 陈大山's amount any more; 李秀兰's is the second batch's now, and the very same record as before.
    [standing] = await records(state="in_force")
    assert (str(standing.submission_id), standing.payload["self_pay_fen"], standing.id) == (
        second["id"],
        2_000_000,
        before[0].id,
    )
    [row] = await medical.rows(second)
    assert (row["fate"], row["reasons"], row["record_id"]) == ("matched", [], str(standing.id))
    assert fates(await medical.batch(second["id"])) == {"matched": 1}
    sheet = await asks().get("/reconciliation", params={"department": "medical", "period": "2024-05"})
    assert (sheet.json()["total"]["matched"], sheet.json()["balanced"]) == (1, True)
    assert (await medical.withdraw(await medical.batch(second["id"]))).status_code == 200
    assert await records(state="in_force") == []


async def test_a_file_after_the_period_closed_is_late_and_still_counts(medical, asks, records):
    path = "/datasets/medical.annual_self_pay/periods/2024-05"
    officer = asks()
    days = {"opens_on": "2024-05-25", "closes_on": "2024-06-02"}
    assert (await medical.client.put(path, json=days)).status_code == 403
    assert (await officer.put(path, json=days)).json()["closes_on"] == "2024-06-02"
    assert (await officer.put(path, json=days)).status_code == 428
    batch = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, [number(), "无此人", "2024-05", 1], BAD_ROW))
    assert batch["is_late"] is True
    assert fates(batch) == {"late": 2, "rejected": 1}
    assert [row["judgement"] for row in await medical.rows(batch, fate="late")] == ["matched", "unmatched"]
    assert [row["fate"] for row in await medical.rows(batch, judgement="unmatched")] == ["late"], "a clerk finds them"
    assert len(await records(state="in_force")) == 1
    moved = await officer.put(path, json=days | {"closes_on": "2024-06-10"}, headers={"If-Match": '"1"'})
    assert moved.status_code == 200, moved.text
    assert fates(await medical.hand_in(csv(SELF_PAY, LI_ROW))) == {"matched": 1}
    assert (await officer.post(f"{path}/close", headers={"If-Match": '"2"'})).json()["closed_at"]
    after = await medical.hand_in(csv(SELF_PAY, [MAI_ID, "阿依古丽·买买提", "2024-05", 1]))
    assert fates(after) == {"late": 1}


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


async def test_validation_counts_what_would_happen_and_keeps_nothing(medical, monitoring, records):
    answer = await medical.send(csv(SELF_PAY, CHEN_ROW, CHEN_ROW, BAD_ROW), mode="validate")
    assert answer.json()["submission"] is None
    job = await medical.over(answer.json()["job_id"])
    assert {name: job["result"][name] for name in ("received", "matched", "duplicate", "rejected")} == {
        "received": 3,
        "matched": 1,
        "duplicate": 1,
        "rejected": 1,
    }
    errors = (await medical.client.get(f"/jobs/{answer.json()['job_id']}/errors")).json()["items"]
    assert [(error["row"], error["column"], error["code"]) for error in errors] == [
        (4, "id_no", "identity_number_check_digit")
    ]
    assert await records() == []
    assert (await medical.client.get("/submissions")).json()["items"] == []


async def test_the_reconciliation_sheet_adds_up_per_dataset_and_batch(medical, asks):
    await medical.hand_in(csv(SELF_PAY, CHEN_ROW, LI_ROW, BAD_ROW, CHEN_ROW))
    refused = await medical.hand_in(csv(["甲", "乙"], [1, 2]))
    assert refused["state"] == "refused"
    taken_back = await medical.hand_in(csv(SELF_PAY, [MAI_ID, "阿依古丽·买买提", "2024-05", 1]))
    await medical.withdraw(taken_back)
    query = {"department": "medical", "period": "2024-05"}
    sheet = (await asks().get("/reconciliation", params=query)).json()
    assert [(line["state"], line["counts"]["received"], line["balanced"]) for line in sheet["lines"]] == [
        ("read", 4, True),
        ("refused", 0, True),
        ("withdrawn", 0, True),
    ]
    assert {name: number for name, number in sheet["total"].items() if number} == {
        "received": 4,
        "matched": 2,
        "rejected": 1,
        "duplicate": 1,
    }
    assert (sheet["matched_persons"], sheet["matched_households"], sheet["balanced"]) == (2, 1, True)
    book = load_workbook(io.BytesIO((await medical.client.get("/reconciliation.xlsx", params=query)).content)).active
    last = list(book.iter_rows(values_only=True))[-1]
    assert last[0].endswith("合计")
    assert last[4:] == (4, 1, 1, 0, 0, 0, 2, 2, 1, "相符")
    other = await medical.client.get("/reconciliation", params=query | {"department": "civil"})
    assert other.status_code == 404


async def test_a_sheet_with_a_row_missing_says_so(medical, monitoring, asks):
    batch = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, LI_ROW))
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        table = rows(SubmissionRow)
        await connection.execute(table.delete().where(table.c.row_number == 3))
    sheet = (await asks().get("/reconciliation", params={"department": "medical", "period": "2024-05"})).json()
    assert (sheet["lines"][0]["submission_id"], sheet["balanced"]) == (batch["id"], False)


async def test_a_department_meets_its_own_batches_alone(medical, office, asks):
    batch = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, BAD_ROW))
    civil = office("civil").client
    for path in ("", "/rows", "/rejected"):
        assert (await civil.get(f"/submissions/{batch['id']}{path}")).status_code == 404
    assert (await civil.get("/submissions")).json()["items"] == []
    sent = await office("civil").send(csv(SELF_PAY, CHEN_ROW))
    assert sent.status_code == 404
    abroad = asks(Role.DEPARTMENT_CLERK, 510999000000, department="medical")
    assert (await abroad.get(f"/submissions/{batch['id']}")).status_code == 404
    assert [one["id"] for one in (await asks().get("/submissions")).json()["items"]] == [batch["id"]]
    assert (await asks(Role.AUDITOR).get(f"/submissions/{batch['id']}/rejected")).status_code == 403
    assert (await asks(Role.VILLAGE_CADRE, VILLAGE).get("/submissions")).status_code == 403


async def test_contracts_and_templates_are_published(medical):
    items = (await medical.client.get("/datasets")).json()["items"]
    assert {one["code"] for one in items} == {contract.code for contract in load_contracts()}
    assert [column["label"] for column in items[0]["columns"]][:2] == ["身份证号", "姓名"]
    template = await medical.client.get("/datasets/medical.annual_self_pay/template")
    sheet = load_workbook(io.BytesIO(template.content))["数据"]
    labels = [cell.value for cell in sheet[1]]
    cells = {"身份证号": LI_ID, "姓名": "李秀兰", "截至月份": "2024-05", "本年累计合规自付": "20000.00"}
    batch = await medical.hand_in(xlsx(labels, [cells.get(label) for label in labels]))
    assert fates(batch) == {"matched": 1}


@pytest.mark.parametrize("period", ["2024", "2024-13", "202405", "2024-Q2"])
async def test_a_period_of_another_form_is_refused(medical, period):
    answer = await medical.send(csv(SELF_PAY, CHEN_ROW), period=period)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "?period"


async def test_a_year_that_rows_name_counts_before_the_day_they_happened(medical):
    heads = ["身份证号", "姓名", "参保日期", "参保年度", "参保状态"]
    batch = await medical.hand_in(
        csv(heads, [CHEN_ID, "陈大山", "2023-11-05", 2024, "已参保"], [LI_ID, "李秀兰", "2024-01-05", 2023, "已参保"]),
        code="medical.insurance",
        period="2024",
    )
    assert fates(batch) == {"matched": 1, "rejected": 1}


async def test_nothing_personal_lies_in_the_clear_and_each_step_is_audited(medical, monitoring):
    batch = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, BAD_ROW, [LI_ID, "李秀英", "2024-05", 3]))
    await medical.rejected(batch)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        text_of_all = ""
        for table in (Submission, SubmissionRow, DepartmentRecord):
            found = await connection.execute(text(f"SELECT row_to_json(t)::text FROM {rows(table).name} AS t"))
            text_of_all += "\n".join(found.scalars())
        actions = list(await connection.scalars(select(audit_entry.c.action).order_by(audit_entry.c.id)))
        held = await connection.scalar(select(func.count()).select_from(file_hold))
    for personal in ("陈大山", "李秀", "197403123010", "197608053029"):
        assert personal not in text_of_all
    assert "2024-05" in text_of_all
    assert {"submission.receive", "submission.read", "submission.export_rejected"} <= set(actions)
    assert held == 0, "a file that was read is held no longer"


async def test_three_thousand_rows_are_read_in_a_few_seconds(medical, monitoring, records):
    people = [
        (new_id(), new_id(), f"村民{_letters(at)}", number(serial=at % 499, birth=f"19{60 + at // 499}0101"))
        for at in range(3000)
    ]
    await _register(monitoring, people)
    lines = [[identity, name, "2024-05", f"{at}.00"] for at, (_, _, name, identity) in enumerate(people)]
    content = xlsx(SELF_PAY, *lines)
    begun = time.perf_counter()
    batch = await medical.hand_in(content)
    seconds = time.perf_counter() - begun
    print(f"{len(lines)} rows from POST to read: {seconds:.2f} s")  # noqa: T201  # what it is for
    assert fates(batch) == {"matched": len(lines)}
    assert len(await records(state="in_force")) == len(lines)
    assert seconds < 15


def _letters(at: int) -> str:
    return "".join(chr(0x4E00 + int(digit)) for digit in f"{at:04d}")


async def _register(program, people) -> None:
    index = program.vault.identity_numbers
    today = program.clock.today()
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(
            insert(rows(Household)),
            [
                {"id": home, "region": VILLAGE, "registration_region": VILLAGE, "is_lifted": False, "risks": [],
                 "is_resettled": False, "member_count": 1, "state": "active", "origin": "registered", "version": 1,
                 "valid_from": today}
                for home, _, _, _ in people
            ],
        )  # fmt: skip
        await connection.execute(
            insert(rows(Person)),
            [
                {"id": person, "region": VILLAGE, "household_id": home, "name": name, "birth_date": today, "sex": "1",
                 "relation": "02", "health": [], "is_left_behind": False, "state": "active", "version": 1,
                 "valid_from": today}
                for home, person, name, _ in people
            ],
        )  # fmt: skip
        await connection.execute(
            insert(rows(PersonNumber)),
            [
                {"blind_index": index.of(identity), "person_id": person, "kind": "current"}
                for _, person, _, identity in people
            ],
        )
