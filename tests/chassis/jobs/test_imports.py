"""An import counts records, lists what is wrong, and comes out the same whether or not it was cut off on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests_jobs_kinds import work

from chassis.jobs.import_model import Atomic, Fate, ImportMode, ImportRow, ImportStrategy, Outcome
from chassis.jobs.tables import JobState, import_error, import_record
from chassis.program import Program
from tests.chassis.jobs.number_imports import ODD, ask, counts, imported, kind, row_of, rows, table_of, working


async def test_records_are_counted_once_however_many_rows_touch_them(program: Program):
    # 1 is created, then updated, in different chunks; 2 is created and then unchanged; 3 is refused, then created.
    content = table_of((1, 2), (2, 4), (3, 5), (1, 6), (2, 4), (3, 8), (4, 7))
    row = await imported(program, content)
    assert row.result == counts(created=3, ignored=1, total=4, rows=7, refused=2)
    assert [line[:2] for line in await rows(program, work)] == [(1, 6), (2, 4), (3, 8)]
    assert await rows(program, import_record) == [], "what the counting needed is gone"


async def test_faults_of_form_and_of_judgement_are_listed_with_the_senders_row(program: Program):
    row = await imported(program, table_of((1, 2), ("x", "y"), (3, 5), (4, 6)))
    assert row.result == counts(created=2, ignored=2, total=4, rows=4, refused=2)
    found = [(line[1], line[2], line[4]) for line in await rows(program, import_error)]
    assert found == [(3, 0, "number"), (3, 1, "amount"), (4, 0, "amount")]


async def test_a_strategy_bounds_what_is_done(program: Program):
    await imported(program, table_of((1, 2)))
    create = await imported(program, table_of((1, 4), (2, 4)), strategy=ImportStrategy.CREATE)
    assert create.result == counts(created=1, ignored=1, total=2, rows=2)
    update = await imported(program, table_of((1, 8), (3, 4)), strategy=ImportStrategy.UPDATE)
    assert update.result == counts(updated=1, ignored=1, total=2, rows=2)
    assert [line[:2] for line in await rows(program, work)] == [(1, 8), (2, 4)]


async def test_validation_tells_what_would_happen_and_changes_nothing(program: Program):
    content = table_of((1, 2), (2, 4), (3, 5), (1, 6), (4, 8))
    judged = await imported(program, content, mode=ImportMode.VALIDATE)
    assert await rows(program, work) == []
    assert len(await rows(program, import_error)) == 1
    done = await imported(program, content)
    assert judged.state == done.state == "succeeded"
    assert judged.result == done.result == counts(created=3, ignored=1, total=4, rows=5, refused=1)


async def test_one_wrong_row_refuses_the_whole_file_if_asked_to(program: Program):
    row = await imported(program, table_of((1, 2), (2, 4), (3, 6), (4, 7)), atomic=Atomic.ALL)
    assert (row.state, row.error_code) == ("failed", "import_refused")
    assert await rows(program, work) == []
    assert [line[1] for line in await rows(program, import_error)] == [5]
    good = await imported(program, table_of((1, 2), (2, 4), (3, 6), (4, 8)), atomic=Atomic.ALL)
    assert good.result == counts(created=4, total=4, rows=4)
    assert len(await rows(program, work)) == 4


@pytest.mark.parametrize("options", [{"atomic": Atomic.ALL}, {"mode": ImportMode.VALIDATE}])
async def test_a_file_too_long_for_one_transaction_is_refused(program: Program, options: dict[str, Any]):
    content = table_of(*((n, 2 * n) for n in range(10)))
    row = await imported(program, content, kind(whole_rows_max=8), **options)
    assert (row.state, row.error_code) == ("failed", "too_many_rows_for_one_transaction")
    assert await rows(program, work) == []
    assert (await imported(program, content, kind(whole_rows_max=8))).state == "succeeded"


async def test_a_file_with_other_columns_fails_with_the_reason(program: Program):
    row = await imported(program, "甲,乙\n1,2\n".encode())
    assert row.state == "failed"
    assert row.error_code not in (None, "internal")


async def test_an_import_cut_off_again_and_again_counts_what_an_undisturbed_one_counts(program: Program):
    pairs = [(n % 12, 2 * n if n % 5 else 2 * n + 1) for n in range(30)]
    slow = kind(pause=0.04)
    asked = await ask(program, table_of(*pairs), slow)
    starts = 0
    while not JobState((await row_of(program, asked)).state).is_final:
        starts += 1
        assert starts < 50
        before = (await row_of(program, asked)).progress_done
        async with working(program, slow), asyncio.timeout(25):
            while (row := await row_of(program, asked)).progress_done == before:
                await asyncio.sleep(0.01)
                if row.state == "succeeded":
                    break
    assert starts > 2
    row = await row_of(program, asked)
    assert row.result == counts(created=12, total=12, rows=30, refused=6)
    last = {number: amount for number, amount in pairs if amount % 2 == 0}
    assert [line[:2] for line in await rows(program, work)] == sorted(last.items())
    assert len(await rows(program, import_error)) == 6


async def test_progress_is_seen_while_the_rows_go_in(program: Program):
    looked = asyncio.Event()

    async def look_in_between() -> None:
        looked.clear()
        await looked.wait()  # a look that had begun already may still see what was before
        looked.clear()
        await looked.wait()

    slow = kind(before=look_in_between)
    asked = await ask(program, table_of(*((n, 2 * n) for n in range(12))), slow)
    seen = set()
    async with working(program, slow):
        async with asyncio.timeout(25):
            while (row := await row_of(program, asked)).state != "succeeded":
                seen.add(row.progress_done)
                looked.set()
                await asyncio.sleep(0.01)
    assert {3, 6, 9} <= seen
    assert (row.progress_done, row.progress_total) == (12, 12)


def test_a_refused_row_cannot_be_counted_as_done():
    with pytest.raises(ValueError, match="refused"):
        Outcome(Fate.CREATED, None, (ODD,))


def test_a_row_shows_no_value_in_its_repr():
    assert "张三" not in repr(ImportRow(3, {"name": "张三"}))
