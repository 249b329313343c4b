"""A clerk downloads what waits as a sheet, fills it and sends it back."""

from __future__ import annotations

import csv
import io
from datetime import date

from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.security.scope import Area
from tests.personas import household
from tests.services.monitoring.comparisons.asking import SELF_PAY, item_of, read_request
from tests.services.monitoring.screening import county_data as county
from tests.services.monitoring.signed import consented


async def test_a_clerk_fills_the_downloaded_sheet_and_sends_it_back(chen, cadre, wife, opened, clerk, asks, monitoring):
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    await consented(cadre, other)
    await county.record(monitoring, SELF_PAY, wife, chen["id"], date(2024, 5, 1), self_pay_fen=2_000_000)
    await opened(chen)
    await opened(other)
    medical = clerk()
    sent = await medical.get("/comparison-sheet", params={"form": "csv", "purpose": "家庭经济状况核对"})
    assert sent.status_code == 200, sent.text
    rows_ = list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))
    [told] = [row for row in rows_ if row["现有数据"]]
    assert (told["姓名"], told["身份证号"], told["字段名称"], told["现有数据"]) == (
        "李秀兰", "610999197608053028", "本年累计合规自付", "20000.00"
    )  # fmt: skip
    mine = {row["请求编号"] for row in rows_ if row["姓名"] in ("陈大山", "李秀兰")}
    for row in rows_:
        if row["请求编号"] in mine:
            row["结果"] = "无记录"
    told["结果"], told["实际值"], told["备注"] = "不符", "21000", "另有一次住院"
    done = await medical.post("/comparison-sheet", content=_csv(rows_))
    assert done.status_code == 200, done.text
    fates = done.json()
    assert (fates["applied"], fates["rejected"], fates["left_open"], fates["errors"]) == (1, 0, 1, [])
    seen = item_of(await read_request(asks(), fates["results"][0]["request_id"]), SELF_PAY, wife)
    assert (seen["result"], seen["values"][0]["value"], seen["note"]) == ("differs", "21000.00", "另有一次住院")
    again = (await medical.post("/comparison-sheet", content=_csv(rows_))).json()
    assert [one["problem"]["code"] for one in again["results"]] == ["version_stale"]
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        [entry] = await connection.execute(
            select(audit_entry).where(
                audit_entry.c.kind == "person", audit_entry.c.action == "comparison.download_sheet"
            )
        )
    assert (entry.reason, len(entry.read_ids)) == ("家庭经济状况核对", 3)


async def test_a_sheets_faults_name_row_and_column_and_refuse_their_request_alone(chen, opened, clerk):
    await opened(chen)
    medical = clerk()
    sent = await medical.get("/comparison-sheet", params={"form": "csv", "purpose": "核对"})
    rows_ = list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))
    for row in rows_:
        row["结果"] = "无记录"
    rows_[0]["结果"], rows_[1]["事项编号"] = "大概", "1"
    fates = (await medical.post("/comparison-sheet", content=_csv(rows_))).json()
    assert [(one["row"], one["column"], one["code"]) for one in fates["errors"]] == [
        (2, "result", "choice"),
        (3, "item_id", "id_unfit"),
    ]
    assert (fates["applied"], fates["rejected"]) == (0, 1)
    assert fates["results"][0]["problem"]["errors"][0]["code"] == "items_missing"
    book = await medical.get("/comparison-sheet", params={"purpose": "核对"})
    assert (book.status_code, book.content[:2]) == (200, b"PK")
    unfit = await medical.post("/comparison-sheet", content="甲,乙\n1,2\n".encode())
    assert unfit.status_code == 422
    assert (await medical.get("/comparison-sheet")).status_code == 422, "without a purpose"


def _csv(rows_):
    content = io.StringIO()
    writer = csv.DictWriter(content, rows_[0])
    writer.writeheader()
    writer.writerows(rows_)
    return content.getvalue().encode()
