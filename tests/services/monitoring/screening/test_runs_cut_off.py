"""However many ask at once, however rudely a run is stopped, and however large a county is: each hit comes once."""

from __future__ import annotations

import asyncio
import time
from datetime import date

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from chassis.security.scope import Area
from services.monitoring.clues.tables import Clue, Hit
from services.monitoring.screening import settling
from services.monitoring.screening.actions.request_run import RunCause
from services.monitoring.screening.engine import Screening
from services.monitoring.screening.jobs import SCREENING
from services.monitoring.screening.tables import ScreeningRun
from tests.services.monitoring.screening import county_data as county
from tests.services.monitoring.screening.county_data import MANY, SELF_PAY


async def test_a_second_request_while_one_waits_changes_nothing(monitoring, chen):
    first, second = await county.ask(monitoring), await county.ask(monitoring)
    assert first.id == second.id
    assert len(await county.everything(monitoring, ScreeningRun)) == 1


async def test_two_runs_asked_for_at_once_leave_one_clue(monitoring, chen):
    runs = await asyncio.gather(*(county.ask(monitoring) for _ in range(8)))
    history = await county.ask(monitoring, RunCause.HISTORY)
    assert len({run.id for run in runs}) == 1
    async with county.working(monitoring), county.working(monitoring):
        for job_id in (runs[0].job_id, history.job_id):
            assert (await county.ended(monitoring, job_id)).state == "succeeded"
    assert len(await county.everything(monitoring, Clue)) == 1
    assert len(await county.everything(monitoring, Hit)) == 1


async def test_a_run_that_stood_still_too_long_says_nothing_of_the_one_that_took_over(monitoring, chen, monkeypatch):
    household, wife = chen
    await county.record(
        monitoring, "medical.stays", wife, household["id"], date(2024, 5, 20), stay_self_pay_fen=1_200_000
    )
    keep, lost = Screening.keep, []

    def kept(screening, step):
        if not lost:
            lost.append(step)
            with psycopg.connect(monitoring.settings.database_url.get_secret_value()) as connection:
                connection.execute(
                    "SELECT set_config('app.area_lo', '0', true), set_config('app.area_hi', '999999999999', true)"
                )
                taken = connection.execute("UPDATE job SET state = 'queued' WHERE kind = %s", [SCREENING.name])
                queued = connection.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'")
            assert (taken.rowcount, queued.rowcount) == (1, 1)
            raise FileNotFoundError("the other run has cleared the county's folder")
        return keep(screening, step)

    monkeypatch.setattr(Screening, "keep", kept)
    run = await county.screen(monitoring)
    assert (run.state, run.error_code, run.counts["hits"]) == ("succeeded", None, 2)
    assert not list((monitoring.settings.data_directory / "screening").iterdir())


@pytest.mark.parametrize("stop_after", [1, 3, 6])
async def test_a_run_cut_off_while_it_looks_goes_on_with_the_same_hits_once(monitoring, chen, monkeypatch, stop_after):
    household, wife = chen
    await county.record(
        monitoring, "medical.stays", wife, household["id"], date(2024, 5, 20), stay_self_pay_fen=1_200_000
    )
    keep, steps = Screening.keep, []

    def kept(screening, step):
        steps.append(step)
        if len(steps) == stop_after:
            raise OperationalError("cut off", None, psycopg.errors.AdminShutdown())
        return keep(screening, step)

    monkeypatch.setattr(Screening, "keep", kept)
    run = await county.screen(monitoring)
    assert (run.counts["fired"], run.counts["hits"], run.counts["clues_raised"]) == (2, 2, 1)
    assert len(steps) > stop_after
    assert sorted(hit.rule_id for hit in await county.everything(monitoring, Hit)) == ["R01", "R03"]
    assert not list((monitoring.settings.data_directory / "screening").iterdir())


@pytest.mark.parametrize("stop_after", [1, 3, 6])
async def test_a_run_cut_off_while_it_judges_goes_on_with_those_not_judged_yet(
    monitoring, chen, monkeypatch, stop_after
):
    batch = await county.submission(monitoring, SELF_PAY, "2024-04")
    async with monitoring.database.transaction(Area.of(county.COUNTY)) as connection:
        await connection.execute(text(MANY), {"n": 23, "batch": batch})
    settle, judged = settling.settle_firings, []

    async def settled(unit, judgement, households, firings):
        done = await settle(unit, judgement, households, firings)
        judged.append(tuple(households))
        if len(judged) == stop_after:
            raise OperationalError("cut off", None, psycopg.errors.AdminShutdown())
        return done

    monkeypatch.setattr(settling, "HOUSEHOLDS_PER_CHUNK", 3)
    monkeypatch.setattr(settling, "settle_firings", settled)
    run = await county.screen(monitoring)
    assert (run.counts["fired"], run.counts["hits"], run.counts["clues_raised"]) == (24, 24, 24)
    clues, hits = await county.everything(monitoring, Clue), await county.everything(monitoring, Hit)
    assert (len(clues), len(hits), {clue.version for clue in clues}) == (24, 24, {1})
    # Of the two lanes one stops with the other: at most the two chunks under way are judged again.
    assert len(judged) <= 8 + settling.LANES


async def test_a_rule_without_its_number_stops_the_run_and_withdraws_nothing(monitoring, chen):
    await county.screen(monitoring)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        await connection.execute(
            text("UPDATE parameter SET effective_to = effective_from WHERE key = 'screening.farm_loss_min_fen'")
        )
    run = await county.ask(monitoring)
    async with county.working(monitoring):
        job = await county.ended(monitoring, run.job_id)
    assert (job.state, job.error_code) == ("failed", "catalogue_invalid")
    [failed] = [one for one in await county.everything(monitoring, ScreeningRun) if one.id == run.id]
    assert (failed.state, failed.error_code) == ("failed", "catalogue_invalid")
    assert [clue.state for clue in await county.everything(monitoring, Clue)] == ["open"]


@pytest.mark.parametrize("households", [10_000])
async def test_ten_thousand_households_are_judged_in_sets(monitoring, chen, households, capsys):
    batch = await county.submission(monitoring, SELF_PAY, "2024-04")
    async with monitoring.database.transaction(Area.of(county.COUNTY)) as connection:
        await connection.execute(text(MANY), {"n": households, "batch": batch})
    began = time.perf_counter()
    run = await county.screen(monitoring)
    seconds = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n{households} households, {run.counts['hits']} hits: {seconds:.1f} s")  # noqa: T201
    assert run.counts["clues_raised"] == households + 1
    assert seconds < 60
