"""The sheet of a department's period adds up, row for row, or says that it does not."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from chassis.database.metadata import rows
from chassis.security.scope import Area
from services.monitoring.datasets.tables import SubmissionRow
from tests.services.monitoring.datasets.department_files import BAD_ROW, CHEN_ROW, LI_ROW, MAI_ID, SELF_PAY, csv


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
