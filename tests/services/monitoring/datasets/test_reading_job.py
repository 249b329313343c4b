"""A reading that is cut off goes on where it stopped, and one that cannot go on leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from chassis.database.metadata import rows
from chassis.jobs.worker import JobWorker, Pace
from chassis.security.scope import Area
from services.monitoring.app import SERVICE
from services.monitoring.datasets.reading import job as reading
from services.monitoring.datasets.reading import source
from services.monitoring.datasets.tables import SubmissionRow
from tests.personas import CHEN, number
from tests.services.monitoring.datasets.department_files import CHEN_ID, LI_ID, SELF_PAY, Office, csv, fates

QUICK = Pace(poll=0.02, heartbeat=0.2, keep=0.2, again=0.05, grace=0.1)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(source, "CHUNK_ROWS", 2)


def lines():
    strangers = [[number(), "无此人", "2024-05", 1] for _ in range(5)]
    return [
        [CHEN_ID, "陈大山", "2024-05", 1],
        *strangers,
        [LI_ID, "李秀兰", "2024-05", 2],
        [CHEN_ID, "陈大山", "2024-05", 1],
    ]


async def test_a_reading_that_was_cut_off_goes_on_and_counts_each_row_once(
    monitoring, asks, records, small_chunks, monkeypatch
):
    await asks().post("/households", json=CHEN)
    clerk = Office(asks())
    answer = await clerk.send(csv(SELF_PAY, *lines()))
    kept, starts, stalled = reading.keep_rows, [], asyncio.Event()

    async def keep_and_stall(unit, batch, verdicts, cells):
        starts.append(verdicts[0].row.number)
        if len(starts) == 3:
            stalled.set()
            await asyncio.sleep(3600)
        await kept(unit, batch, verdicts, cells)

    monkeypatch.setattr(reading, "keep_rows", keep_and_stall)
    first = asyncio.create_task(JobWorker(monitoring, SERVICE.jobs, pace=QUICK).run(asyncio.Event()))
    await asyncio.wait_for(stalled.wait(), 20)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    stop = asyncio.Event()
    second = asyncio.create_task(JobWorker(monitoring, SERVICE.jobs, pace=QUICK).run(stop))
    job = await clerk.over(answer.json()["job_id"])
    stop.set()
    await second
    assert job["state"] == "succeeded", job
    batch = await clerk.batch(answer.json()["submission"]["id"])
    assert fates(batch) == {"matched": 2, "unmatched": 5, "duplicate": 1}
    assert starts[:3] == [2, 4, 6]
    assert starts[3] == 6, "rows that were committed are not read again"
    assert [row.row_number for row in await records(state="in_force")] == [2, 8]


async def test_a_file_that_breaks_on_the_way_leaves_nothing_in_force(
    medical, monitoring, records, small_chunks, monkeypatch
):
    earlier = await medical.hand_in(csv(SELF_PAY, [CHEN_ID, "陈大山", "2024-05", 9]))
    monkeypatch.setattr(source, "LIMITS", source.Limits(rows_max=6))
    batch = await medical.hand_in(csv(SELF_PAY, *lines()))
    assert (batch["state"], batch["refusal"]["code"]) == ("refused", "too_large")
    [record] = await records(state="in_force")
    assert (str(record.submission_id), record.payload["self_pay_fen"]) == (earlier["id"], 900)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        left = await connection.scalar(select(func.count()).where(rows(SubmissionRow).c.is_current))
    assert left == 1


async def test_a_batch_that_is_withdrawn_while_it_is_read_stops(
    medical, monitoring, records, small_chunks, monkeypatch
):
    kept, reached, go_on = reading.judge_chunk, asyncio.Event(), asyncio.Event()
    turns = []
    begin = source.RowSource.chunk

    async def judge_and_wait(unit, batch, read, seen):
        turns.append(len(read))
        return await kept(unit, batch, read, seen)

    def slow_chunk(self):
        if len(turns) == 1:
            reached.set()
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
        return begin(self)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(reading, "judge_chunk", judge_and_wait)
    monkeypatch.setattr(source.RowSource, "chunk", slow_chunk)
    answer = await medical.send(csv(SELF_PAY, *lines()))
    await asyncio.wait_for(reached.wait(), 20)
    batch = await medical.batch(answer.json()["submission"]["id"])
    assert batch["state"] == "reading"
    withdrawn = await medical.withdraw(batch)
    assert withdrawn.status_code == 200, withdrawn.text
    go_on.set()
    job = await medical.over(answer.json()["job_id"])
    assert (job["state"], job["error"]["code"]) == ("failed", "submission_not_read")
    assert await records(state="in_force") == []
    assert len(turns) == 1
