"""Run the screening of a county as a job: snapshot, rules, then clues in chunks of households.

After a kill the run takes a fresh snapshot, looks at it again, which takes seconds, and goes on with the households
that were not judged yet; a chunk of households that is judged twice leaves the same clues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update

from chassis.database.engine import SERIALIZATION_STATES, is_outage, sqlstate
from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import DomainError
from chassis.jobs.context import JobContext, JobPaused, JobStopped, JobTaken
from chassis.records import Aggregate
from services.monitoring.clues.actions.settle_firings import Judgement, RuleRun
from services.monitoring.screening.catalogue import Rule, bind
from services.monitoring.screening.errors import ScreeningFailed
from services.monitoring.screening.firing import fired
from services.monitoring.screening.job_parameters import ScreeningParameters
from services.monitoring.screening.parameters import Numbers, numbers_for
from services.monitoring.screening.settling import Settling
from services.monitoring.screening.stored import rule_of, rules_in_force, versions
from services.monitoring.screening.tables import ScreeningRun
from services.monitoring.screening.terms import VOCABULARY

_RUN: Final = rows(ScreeningRun)


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
        # It ended and was cut off before its job did.
        return dict(run.counts)
    rules = await _rules(job, run)
    values = {name: value for told in run.rules.values() for name, value in told["thresholds"].items()}
    ageless = {bound.rule.id for bound in bind(rules, VOCABULARY, values) if bound.is_ageless}
    judgement = Judgement(
        run.id,
        run.as_of,
        {
            rule.id: RuleRun(**run.rules[rule.id], subject=rule.subject.value, is_ageless=rule.id in ageless)
            for rule in rules
        },
        numbers.dues,
        None if run.is_history else job.program.clock.business_now(),
    )
    async with fired(job, run, rules, numbers) as screening:
        counts = await Settling(job, screening, judgement, job.resume).run()
    async with job.chunk() as unit:
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


async def _rules(job: JobContext[ScreeningParameters], run: Any) -> list[Rule]:
    async with job.unit() as unit:
        found = await versions(unit.connection, [(rule_id, told["version"]) for rule_id, told in run.rules.items()])
    return [rule_of(found[key]) for key in sorted(found)]


async def _fail(job: JobContext[ScreeningParameters], code: str) -> None:
    async with job.closing() as unit:
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
