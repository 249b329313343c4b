"""A batch is received once, judged as its contract says, and met by its own department alone."""

from __future__ import annotations

import asyncio
import io
from collections import Counter

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, text

from chassis.audit.tables import audit_entry
from chassis.database.metadata import rows
from chassis.files.tables import file_hold
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.tables import DepartmentRecord, Submission, SubmissionRow
from tests.services.monitoring.datasets.department_files import (
    BAD_ROW,
    CHEN_ID,
    CHEN_ROW,
    LI_ID,
    SELF_PAY,
    csv,
    fates,
    xlsx,
)


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
