"""Run the screening of a county as a job: snapshot, rules by grain and share, then clues in chunks of households.

Each step commits with the place to go on from. After a kill the run takes a fresh snapshot and goes on with the next
step; a step that is repeated leaves the same rows, and a chunk of households that is judged twice the same clues.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any, Final
from uuid import UUID

import orjson
import pyarrow as pa
from sqlalchemy import delete, func, select, text, update

from chassis.database.engine import SERIALIZATION_STATES, is_outage, sqlstate
from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import DomainError
from chassis.jobs.context import JobContext, JobPaused, JobStopped, JobTaken
from chassis.program import Program
from chassis.records import Aggregate
from services.monitoring.clues.actions.settle_firings import Judgement, RuleRun, settle_firings
from services.monitoring.screening.catalogue import Rule, bind
from services.monitoring.screening.engine import Screening, Step
from services.monitoring.screening.errors import ScreeningFailed
from services.monitoring.screening.export import Snapshot, export_snapshot
from services.monitoring.screening.jobs import ScreeningParameters
from services.monitoring.screening.parameters import Numbers, numbers_for
from services.monitoring.screening.queries.context import export_inputs
from services.monitoring.screening.stored import rule_of, rules_in_force, versions
from services.monitoring.screening.tables import Firing, ScreeningRun
from services.monitoring.screening.terms import VOCABULARY

PERSONS_PER_SHARE: Final = 250_000
HOUSEHOLDS_PER_CHUNK: Final = 2_000
_RUN: Final = rows(ScreeningRun)
_FIRING: Final = rows(Firing)
_NIL: Final = UUID(int=0)

# One row per fact: of several rows of a department about one fact the greatest counts, of equal ones the last.
_KEEP: Final = text(
    """
    INSERT INTO screening_firing AS s (run_id, fact_key, region, household_id, person_id, rule_id, fact_year, value,
                                       inputs, source_records)
    SELECT DISTINCT ON (fact_key) :run_id, fact_key, region, household_id, person_id, rule_id, fact_year, value,
           inputs, source_records
    FROM (
        SELECT f.*, f.rule_id || ':' || CASE r.subject
                   WHEN 'household' THEN f.household_id::text WHEN 'person' THEN f.person_id::text
                   ELSE d.dataset || '/' || encode(d.natural_key, 'hex') END || ':' || f.fact_year AS fact_key
        FROM jsonb_to_recordset(CAST(:hits AS jsonb)) AS f(
                 rule_id text, region bigint, household_id uuid, person_id uuid, record_id uuid,
                 source_records uuid[], fact_year smallint, value bigint, inputs jsonb)
        JOIN jsonb_to_recordset(CAST(:subjects AS jsonb)) AS r(rule_id text, subject text) ON r.rule_id = f.rule_id
        LEFT JOIN department_record AS d ON d.id = f.record_id
    ) AS fired
    WHERE fact_key IS NOT NULL
    ORDER BY fact_key, value DESC NULLS LAST, record_id DESC
    ON CONFLICT (run_id, fact_key) DO UPDATE
    SET value = excluded.value, inputs = excluded.inputs, source_records = excluded.source_records,
        person_id = excluded.person_id, household_id = excluded.household_id, region = excluded.region
    WHERE coalesce(excluded.value, 0) > coalesce(s.value, 0)
    """
)
_HOUSEHOLDS: Final = text(
    """
    SELECT household_id FROM screening_firing WHERE run_id = :run_id AND household_id > :after
    UNION
    SELECT household_id FROM hit WHERE region BETWEEN :lo AND :hi AND kind = 'rule' AND state = 'standing'
                                   AND household_id > :after
    ORDER BY household_id LIMIT :number
    """
)


async def run_screening(job: JobContext[ScreeningParameters]) -> Mapping[str, Any]:
    """Do one run; its counts are the job's result."""
    try:
        return await _run(job)
    except (JobPaused, JobTaken):
        raise
    except JobStopped:
        await _fail(job, "cancelled")
        raise
    except Exception as error:
        if not is_outage(error) and sqlstate(error) not in SERIALIZATION_STATES:
            await _fail(job, error.code if isinstance(error, DomainError) else ScreeningFailed.code)
        raise


async def _run(job: JobContext[ScreeningParameters]) -> Mapping[str, Any]:
    run, numbers = await _begin(job)
    if run.state != "running":
        # It ended and was cut off before its job did: judging again without its firings would withdraw every clue.
        return dict(run.counts)
    state = dict(job.resume or {"phase": "firing", "done": 0})
    if state["phase"] == "firing":
        rules = await _rules(job, run)
        async with private_folder(job.program, job.region) as folder:
            snapshot = await take_snapshot(job.program, job, run.as_of, numbers, folder)
            await _fire(job, run, rules, numbers, snapshot, state, folder)
    counts = await _settle(job, run, numbers)
    async with job.chunk() as unit:
        await unit.connection.execute(delete(_FIRING).where(_FIRING.c.run_id == run.id))
        await _finish(unit, run.id, "succeeded", counts=counts)
        await job.checkpoint(unit, {"phase": "settled", "counts": counts})
    return counts


async def _begin(job: JobContext[ScreeningParameters]) -> tuple[Any, Numbers]:
    """Mark the run as running, with the rules and numbers that it runs with; a resumed one keeps them."""
    async with job.chunk() as unit:
        connection = unit.connection
        chosen = select(_RUN).where(_RUN.c.id == job.parameters.run_id).with_for_update()
        run = (await connection.execute(chosen)).one()
        numbers = await numbers_for(connection, run.region, run.as_of)
        if run.state == "waiting":
            # One runs at a time: whatever else is marked as running was cut off for good.
            await connection.execute(
                update(_RUN)
                .where(_RUN.c.region == run.region, _RUN.c.state == "running")
                .values(
                    state="failed",
                    error_code="job_died",
                    finished_at=func.clock_timestamp(),
                    version=_RUN.c.version + 1,
                )
            )
            in_force = [rule_of(row) for row in await rules_in_force(connection, run.region, run.as_of)]
            begun = await connection.execute(
                update(_RUN)
                .where(_RUN.c.id == run.id)
                .values(
                    state="running",
                    started_at=func.clock_timestamp(),
                    rules=_told(in_force, numbers),
                    version=_RUN.c.version + 1,
                )
                .returning(_RUN)
            )
            run = begun.one()
            unit.record("screening.begin", Aggregate("screening_run", run.id, run.region, run.version))
    return run, numbers


def _told(rules: Sequence[Rule], numbers: Numbers) -> dict[str, Any]:
    told = {}
    for rule in rules:
        names = {*rule.parameters, *([rule.growing.threshold] if rule.growing else [])}
        values = {name: numbers.values[name] for name in sorted(names) if name in numbers.values}
        told[rule.id] = {"version": rule.version, "severity": rule.severity, "thresholds": values}
    return told


def _told_values(run: Any) -> dict[str, int]:
    return {name: value for told in run.rules.values() for name, value in told["thresholds"].items()}


async def _rules(job: JobContext[ScreeningParameters], run: Any) -> list[Rule]:
    async with job.unit() as unit:
        found = await versions(unit.connection, [(rule_id, told["version"]) for rule_id, told in run.rules.items()])
    return [rule_of(found[key]) for key in sorted(found)]


@asynccontextmanager
async def private_folder(program: Program, region: int) -> AsyncIterator[Path]:
    """A folder that nobody else reads, empty at the start and gone afterwards; what a kill left behind goes too.

    The caller holds the county's lock, so nobody else works in it.
    """
    folder = Path(program.settings.data_directory) / "screening" / str(region)
    await asyncio.to_thread(_fresh, folder)
    try:
        yield folder
    finally:
        await asyncio.to_thread(rmtree, folder, ignore_errors=True)


def _fresh(folder: Path) -> None:
    rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)


async def take_snapshot(
    program: Program, job: JobContext[Any], as_of: date, numbers: Numbers, folder: Path
) -> Snapshot:
    """Export the job's county for a day into ``folder``."""
    async with job.unit() as unit:
        inputs = await export_inputs(unit.connection, job.region, as_of, numbers)
    url = program.settings.database_url.get_secret_value()
    return await export_snapshot(url, job.area, as_of, inputs, folder)


async def _fire(
    job: JobContext[ScreeningParameters],
    run: Any,
    rules: Sequence[Rule],
    numbers: Numbers,
    snapshot: Snapshot,
    state: dict[str, Any],
    folder: Path,
) -> None:
    shares = state.get("shares") or 1 + snapshot.rows["persons"] // PERSONS_PER_SHARE
    subjects = orjson.dumps([{"rule_id": rule.id, "subject": rule.subject.value} for rule in rules]).decode()
    screening = Screening(snapshot.files, rules, {**numbers.values, **_told_values(run)}, run.as_of, folder=folder)
    await asyncio.to_thread(screening.__enter__)
    try:
        plan = screening.plan(chunks=shares)
        for place, step in enumerate(plan):
            if place < state["done"]:
                continue
            batches = await asyncio.to_thread(_executed, screening, step)
            async with job.chunk() as unit:
                for batch in batches:
                    await unit.connection.execute(_KEEP, {"run_id": run.id, "hits": _hits(batch), "subjects": subjects})
                state |= {"done": place + 1, "shares": shares}
                await job.checkpoint(unit, state, done=place + 1, total=len(plan))
    finally:
        await asyncio.to_thread(screening.__exit__, None, None, None)


def _executed(screening: Screening, step: Step) -> list[pa.RecordBatch]:
    return list(screening.execute(step))


def _hits(batch: pa.RecordBatch) -> str:
    found = []
    for hit in batch.to_pylist():
        kept = {
            name: hit[name] for name in ("rule_id", "region", "household_id", "person_id", "record_id", "fact_year")
        }
        records = dict.fromkeys(hit["source_records"])
        found.append(
            {
                **kept,
                "value": hit["growing_value"],
                "source_records": list(records),
                "inputs": orjson.loads(hit["inputs"]),
            }
        )
    return orjson.dumps(found).decode()


async def _settle(job: JobContext[ScreeningParameters], run: Any, numbers: Numbers) -> dict[str, int]:
    state = dict(job.resume or {})
    if state.get("phase") != "settling":
        state = {"phase": "settling", "after": str(_NIL), "counts": {"fired": await _fired(job, run.id)}}
    ageless = {
        bound.rule.id for bound in bind(await _rules(job, run), VOCABULARY, _told_values(run)) if bound.is_ageless
    }
    judgement = Judgement(
        run.id,
        run.as_of,
        {rule_id: RuleRun(**told, is_ageless=rule_id in ageless) for rule_id, told in run.rules.items()},
        numbers.dues,
        None if run.is_history else job.program.clock.business_now(),
    )
    while True:
        async with job.chunk() as unit:
            bound = {"run_id": run.id, "after": UUID(state["after"]), "lo": unit.area.lo, "hi": unit.area.hi}
            found = await unit.connection.execute(_HOUSEHOLDS, {**bound, "number": HOUSEHOLDS_PER_CHUNK})
            households = list(found.scalars())
            if households:
                settled = await settle_firings(unit, judgement, households)
                for name, number in settled.as_counts().items():
                    state["counts"][name] = state["counts"].get(name, 0) + number
                state["after"] = str(households[-1])
            await job.checkpoint(unit, state)
        if len(households) < HOUSEHOLDS_PER_CHUNK:
            return dict(state["counts"])


async def _fired(job: JobContext[ScreeningParameters], run_id: UUID) -> int:
    async with job.unit() as unit:
        counted = select(func.count()).select_from(_FIRING).where(_FIRING.c.run_id == run_id)
        return int((await unit.connection.execute(counted)).scalar_one())


async def _fail(job: JobContext[ScreeningParameters], code: str) -> None:
    async with job.unit() as unit:
        await unit.connection.execute(delete(_FIRING).where(_FIRING.c.run_id == job.parameters.run_id))
        await _finish(unit, job.parameters.run_id, "failed", error_code=code)


async def _finish(
    unit: UnitOfWork,
    run_id: UUID,
    state: str,
    *,
    counts: Mapping[str, int] | None = None,
    error_code: str | None = None,
) -> None:
    ended = await unit.connection.execute(
        update(_RUN)
        .where(_RUN.c.id == run_id, _RUN.c.state.in_(("waiting", "running")))
        .values(
            state=state,
            counts=dict(counts or {}),
            error_code=error_code,
            finished_at=func.clock_timestamp(),
            version=_RUN.c.version + 1,
        )
        .returning(_RUN)
    )
    row = ended.one_or_none()
    if row is not None:
        unit.record("screening.end", Aggregate("screening_run", row.id, row.region, row.version), fields=["state"])
