"""Build files as departments send them, and hand them in as a clerk does. All persons are of county 610999."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import xlwt
from openpyxl import Workbook

from chassis.testing.programs import VILLAGE

CHEN_ID, LI_ID, MAI_ID = "610999197403123010", "610999197608053028", "61099919850715019X"
MAI = {
    "region": str(VILLAGE),
    "members": [{"name": "阿依古丽·买买提", "identity_number": MAI_ID, "sex": "1", "relation": "02"}],
}
_UNDER_WAY = ("queued", "running")
SELF_PAY = ["身份证号", "姓名", "截至月份", "本年累计合规自付"]
STAYS = ["身份证号", "姓名", "出院日期", "住院结算号", "本次合规自付"]


def csv(*lines: Sequence[Any], encoding: str = "utf-8") -> bytes:
    return "".join(",".join(map(str, line)) + "\r\n" for line in lines).encode(encoding)


def xlsx(*lines: Sequence[Any], change: Callable[[Any], None] | None = None) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(list(line))
    if change:
        change(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xls(*lines: Sequence[Any]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("数据")
    for at, line in enumerate(lines):
        for column, value in enumerate(line):
            sheet.write(at, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@dataclass
class Office:
    """A department's clerk at work; every file is waited for."""

    client: httpx.AsyncClient

    async def send(
        self, content: bytes, *, code="medical.annual_self_pay", period="2024-05", **query
    ) -> httpx.Response:
        return await self.client.post(
            f"/datasets/{code}/submissions", content=content, params={"period": period, **query}
        )

    async def over(self, job_id: str) -> dict[str, Any]:
        async with asyncio.timeout(25):
            while (job := (await self.client.get(f"/jobs/{job_id}")).json())["state"] in _UNDER_WAY:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return job

    async def hand_in(self, content: bytes, **options) -> dict[str, Any]:
        """The batch once it is read."""
        answer = await self.send(content, **options)
        assert answer.status_code == 202, answer.text
        await self.over(answer.json()["job_id"])
        return await self.batch(answer.json()["submission"]["id"])

    async def correct(self, batch: dict[str, Any], content: bytes) -> dict[str, Any]:
        answer = await self.client.post(f"/submissions/{batch['id']}/corrections", content=content)
        assert answer.status_code == 202, answer.text
        await self.over(answer.json()["job_id"])
        return await self.batch(batch["id"])

    async def batch(self, submission_id: str) -> dict[str, Any]:
        return (await self.client.get(f"/submissions/{submission_id}")).json()

    async def rows(self, batch: dict[str, Any], **query) -> list[dict[str, Any]]:
        return (await self.client.get(f"/submissions/{batch['id']}/rows", params=query)).json()["items"]

    async def rejected(self, batch: dict[str, Any], **query) -> httpx.Response:
        return await self.client.get(f"/submissions/{batch['id']}/rejected", params=query)

    async def withdraw(self, batch: dict[str, Any]) -> httpx.Response:
        return await self.client.post(
            f"/submissions/{batch['id']}/withdraw",
            json={"reason": "口径错误"},
            headers={"If-Match": f'"{batch["version"]}"'},
        )


def fates(batch: dict[str, Any]) -> dict[str, int]:
    """The fates that occur, after checking that all of them add up to the rows received."""
    counts = batch["counts"]
    named = ("rejected", "duplicate", "late", "outside", "unmatched", "matched")
    assert sum(counts[name] for name in named) == counts["received"], counts
    return {name: counts[name] for name in named if counts[name]}


def codes(row: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in row["reasons"]]


CHEN_ROW = [CHEN_ID, "陈大山", "2024-05", "5200.00"]
LI_ROW = [LI_ID, "李秀兰", "2024-05", "20000.00"]
BAD_ROW = ["610999197608053029", "李秀兰", "2024-05", "20000.00"]
