"""Each job ends once: after kills, hand-overs, cancellations, outages and faults of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from tests_jobs_kinds import COUNTING, CountParameters, work  # type: ignore[import-not-found]

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Message
from chassis.jobs import ledger
from chassis.jobs.context import JobContext
from chassis.jobs.definition import defer
from chassis.jobs.tables import JobState, job
from chassis.jobs.worker import JobWorker
from chassis.security.scope import Area
from chassis.testing.jobs import QUICK, working
from chassis.testing.programs import COUNTY, officer
from tests.chassis.jobs.working import (
    NoParameters,
    ask,
    done,
    kind,
    numbers,
    queued_rows,
    row_of,
    until,
)


async def test_a_job_ends_with_what_its_handler_counted(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=5, pause=0))
    async with working(program, COUNTING):
        row = await until(program, asked, JobState.SUCCEEDED)
    assert row.result == {"counted": 5}
    assert (row.progress_done, row.progress_total, row.attempts, row.run) == (5, 5, 1, 1)
    assert row.progress_note == {"zh": "第 5 个", "en": "number 5"}
    assert await numbers(program) == [0, 1, 2, 3, 4]
    assert await queued_rows(program) == 0, "our own row is the record; the queue stays small"


async def test_a_job_asked_for_in_a_transaction_that_rolls_back_never_was(make_job_program):
    program = make_job_program()
    with pytest.raises(RuntimeError, match="changed my mind"):
        async with program.unit(officer()) as unit:
            asked = await defer(unit, COUNTING, CountParameters(upto=1, pause=0), COUNTY)
            assert await unit.connection.scalar(select(job.c.state).where(job.c.id == asked)) == "queued"
            raise RuntimeError("changed my mind")
    assert await queued_rows(program) == 0
    async with program.database.transaction(Area.everywhere()) as connection:
        assert (await connection.execute(select(job))).all() == []


async def test_a_job_cannot_reach_beyond_the_area_of_who_asks(make_job_program):
    program = make_job_program()
    with pytest.raises(ValueError, match="beyond the area"):
        async with program.unit(officer(region=COUNTY + 101000)) as unit:
            await defer(unit, COUNTING, CountParameters(upto=1, pause=0), COUNTY)


async def test_who_asked_stands_in_the_audit(make_job_program):
    program = make_job_program()
    who = officer()
    async with program.unit(who) as unit:
        asked = await defer(unit, COUNTING, CountParameters(upto=1, pause=0), COUNTY)
    async with program.database.transaction(Area.everywhere()) as connection:
        entry = (await connection.execute(text("SELECT subject, action, entity_id FROM audit_entry"))).one()
    assert tuple(entry) == (who.subject, "job.request", asked)


class TooFew(Conflict):
    code, status = "too_few_for_a_test", 409
    title = Message("太少。", "Too few.")


async def test_a_refusal_is_kept_as_code_and_sentence_in_both_languages(make_job_program):
    async def refuse(_job: JobContext[NoParameters]) -> None:
        raise TooFew

    program = make_job_program()
    asked = await ask(program, kind(refuse))
    async with working(program, kind(refuse)):
        row = await until(program, asked, JobState.FAILED)
    assert (row.error_code, row.error) == ("too_few_for_a_test", {"zh": "太少。", "en": "Too few."})


async def test_the_text_of_an_unexpected_exception_is_kept_nowhere(make_job_program, caplog, capfd):
    async def stumble(_job: JobContext[NoParameters]) -> None:
        raise KeyError("the-name-of-a-person")

    program = make_job_program()
    asked = await ask(program, kind(stumble))
    async with working(program, kind(stumble)):
        row = await until(program, asked, JobState.FAILED)
    assert row.error_code == "internal"
    said = repr(row) + caplog.text + "".join(capfd.readouterr())
    assert "the-name-of-a-person" not in said
    assert "KeyError" in said, "an administrator sees the kind of fault"


async def test_a_kind_that_this_version_lacks_fails_with_what_to_do(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=1, pause=0))
    async with working(program):
        row = await until(program, asked, JobState.FAILED)
    assert row.error_code == "job_kind_unknown"


async def test_a_stopping_worker_hands_its_job_on_without_counting_an_attempt(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=20, pause=0.03))
    async with working(program, COUNTING):
        await done(program, 3)
    between = await row_of(program, asked)
    assert (between.state, between.attempts, between.run) == ("queued", 0, 1)
    async with working(program, COUNTING):
        row = await until(program, asked, JobState.SUCCEEDED)
    assert row.result == {"counted": 20}
    assert row.run == 2
    assert await numbers(program) == list(range(20))


async def test_of_one_lock_one_job_runs_at_a_time_in_the_order_asked(make_job_program):
    running: list[str] = []
    overlaps: list[list[str]] = []
    order: list[str] = []

    async def alone(this: JobContext[NoParameters]) -> None:
        running.append(str(this.job_id))
        order.append(str(this.job_id))
        overlaps.append(list(running))
        await asyncio.sleep(0.05)
        running.remove(str(this.job_id))

    program = make_job_program()
    locked = kind(alone, lock=lambda _parameters, region: f"alone:{region}")
    asked = [await ask(program, locked) for _ in range(4)]
    async with working(program, locked, concurrency=4), working(program, locked, concurrency=4):
        for one in asked:
            await until(program, one, JobState.SUCCEEDED)
    assert order == [str(one) for one in asked]
    assert all(len(together) == 1 for together in overlaps)


async def test_jobs_without_a_lock_run_side_by_side(make_job_program):
    both = asyncio.Barrier(2)

    async def together(_job: JobContext[NoParameters]) -> None:
        async with asyncio.timeout(20):
            await both.wait()

    program = make_job_program()
    asked = [await ask(program, kind(together)) for _ in range(2)]
    async with working(program, kind(together), concurrency=2):
        for one in asked:
            await until(program, one, JobState.SUCCEEDED)


async def test_a_worker_survives_the_loss_of_every_connection(make_job_program, postgres_url: str):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=30, pause=0.03))
    async with working(program, COUNTING):
        await done(program, 3)
        with psycopg.connect(postgres_url, autocommit=True) as superuser:
            name = program.database.engine.url.database
            superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        await program.database.engine.dispose()  # this test's own readings need no stale connection
        row = await until(program, asked, JobState.SUCCEEDED, seconds=20)
    assert row.attempts == 1, "an outage of the database is not the job's attempt"
    assert await numbers(program) == list(range(30))


async def test_a_worker_that_was_taken_for_dead_registers_again_and_works_on(make_job_program):
    program = make_job_program()
    async with working(program, COUNTING):
        first = await ask(program, COUNTING, CountParameters(upto=1, pause=0))
        await until(program, first, JobState.SUCCEEDED)
        async with program.database.transaction(Area.everywhere()) as connection:
            gone = await connection.execute(text("DELETE FROM procrastinate_workers"))
        assert gone.rowcount == 1
        async with program.database.transaction(Area.everywhere()) as connection:
            await connection.execute(work.delete())
        second = await ask(program, COUNTING, CountParameters(upto=1, pause=0))
        await until(program, second, JobState.SUCCEEDED)


async def test_an_end_that_cannot_be_written_stops_the_worker_loudly(make_job_program, monkeypatch):
    async def broken(*_arguments: Any, **_options: Any) -> bool:
        raise AssertionError("a fault of ours")

    program = make_job_program()
    await ask(program, COUNTING, CountParameters(upto=1, pause=0))
    monkeypatch.setattr(ledger, "end", broken)
    with pytest.raises(AssertionError, match="a fault of ours"):
        async with asyncio.timeout(20):
            await JobWorker(program, [COUNTING], pace=QUICK).run(asyncio.Event())


async def test_a_serialization_failure_is_tried_again_and_counted(make_job_program):
    async def clash(this: JobContext[NoParameters]) -> dict[str, int]:
        if this.run < 3:
            async with this.chunk() as unit:
                await unit.connection.execute(text("DO $$ BEGIN RAISE serialization_failure; END $$"))
        return {"run": this.run}

    program = make_job_program()
    asked = await ask(program, kind(clash))
    async with working(program, kind(clash)):
        row = await until(program, asked, JobState.SUCCEEDED)
    assert (row.attempts, row.result) == (3, {"run": 3})


async def test_the_handler_acts_in_the_area_of_its_job(make_job_program):
    seen: list[Any] = []

    async def look(this: JobContext[NoParameters]) -> None:
        async with this.chunk() as unit:
            assert isinstance(unit, UnitOfWork)
            seen.append((unit.area, unit.actor.subject))
            lo = await unit.connection.scalar(text("SELECT current_setting('app.area_lo')"))
            seen.append(lo)

    program = make_job_program()
    town = COUNTY + 101000
    asked = await ask(program, kind(look), region=town)
    async with working(program, kind(look)):
        await until(program, asked, JobState.SUCCEEDED)
    assert seen == [(Area.of(town), "program:look"), str(town)]
