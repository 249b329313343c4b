"""Try a draft over a county's data as a job, and compare whom it would hit with the version in force."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
import pyarrow as pa
from sqlalchemy import delete, insert, select, update

from chassis.database.engine import SERIALIZATION_STATES, is_outage, sqlstate
from chassis.database.metadata import rows
from chassis.jobs.context import JobContext, JobPaused, JobTaken
from chassis.records import Aggregate
from services.monitoring.screening.catalogue import Rule
from services.monitoring.screening.engine import Screening
from services.monitoring.screening.export import Snapshot
from services.monitoring.screening.job_parameters import TrialParameters
from services.monitoring.screening.parameters import Numbers, numbers_for
from services.monitoring.screening.stored import RULE, rule_of, rules_in_force, versions
from services.monitoring.screening.tables import RuleTrial, TrialHit
from services.monitoring.screening.taking_snapshot import private_folder, take_snapshot

ROWS_PER_INSERT: Final = 2_000
_TRIAL: Final = rows(RuleTrial)
_HIT: Final = rows(TrialHit)

Subject = tuple[str, str | None, str | None]


async def run_trial(job: JobContext[TrialParameters]) -> Mapping[str, Any]:
    """Do one trial; its counts are the job's result."""
    try:
        return await _run(job)
    except (JobPaused, JobTaken):
        raise
    except Exception as error:  # a fault or a cancellation ends it too, or it would wait for ever
        if not (is_outage(error) or sqlstate(error) in SERIALIZATION_STATES):
            async with job.closing() as unit:
                await unit.connection.execute(
                    update(_TRIAL).where(_TRIAL.c.id == job.parameters.trial_id).values(state="failed")
                )
        raise


async def _run(job: JobContext[TrialParameters]) -> Mapping[str, Any]:
    async with job.unit() as unit:
        trial = (await unit.connection.execute(select(_TRIAL).where(_TRIAL.c.id == job.parameters.trial_id))).one()
        numbers = await numbers_for(unit.connection, trial.region, trial.as_of)
        found = await versions(unit.connection, [(trial.rule_id, trial.rule_version)])
        draft = rule_of(found[trial.rule_id, trial.rule_version])
        policies = draft.policy is not None
        in_force = await rules_in_force(unit.connection, trial.region, trial.as_of, policies=policies)
    present = next((rule_of(row) for row in in_force if row.rule_id == trial.rule_id), None)
    async with private_folder(job) as folder:
        snapshot = await take_snapshot(job.program, job, trial.as_of, numbers, folder)
        drafted = await asyncio.to_thread(_hits, snapshot, draft, numbers, trial)
        standing = {} if present is None else await asyncio.to_thread(_hits, snapshot, present, numbers, trial)
    compared = list(_compared(drafted, standing))
    counts = {"hits": len(drafted), "in_force": len(standing)} | _shares(drafted, snapshot)
    counts |= {name: sum(row["difference"] == name for row in compared) for name in ("added", "gone", "same")}
    async with job.chunk() as unit:
        await unit.connection.execute(delete(_HIT).where(_HIT.c.trial_id == trial.id))
        for start in range(0, len(compared), ROWS_PER_INSERT):
            part = compared[start : start + ROWS_PER_INSERT]
            listed = [{**row, "trial_id": trial.id, "number": start + place} for place, row in enumerate(part, 1)]
            await unit.connection.execute(insert(_HIT), listed)
        done = await unit.connection.execute(
            update(_TRIAL)
            .where(_TRIAL.c.id == trial.id)
            .values(
                state="succeeded",
                counts=counts,
                compared_version=None if present is None else present.version,
                version=_TRIAL.c.version + 1,
            )
            .returning(_TRIAL)
        )
        row = done.one()
        # A draft that was rewritten meanwhile has not been tried.
        await unit.connection.execute(
            update(RULE)
            .where(
                RULE.c.rule_id == trial.rule_id,
                RULE.c.version == trial.rule_version,
                RULE.c.revision == trial.revision,
                RULE.c.state == "draft",
            )
            .values(tried_at=job.program.clock.system_now())
        )
        unit.record("rule.try", Aggregate("rule_trial", row.id, row.region, row.version), fields=["counts"])
    return counts


def _hits(snapshot: Snapshot, rule: Rule, numbers: Numbers, trial: Any) -> dict[Subject, dict[str, Any]]:
    found: dict[Subject, dict[str, Any]] = {}
    with Screening(snapshot.files, [rule], numbers.values, trial.as_of, has_keys=True) as screening:
        for step in screening.steps:
            for batch in screening.execute(step):
                found.update(_by_subject(batch))
    return found


def _shares(drafted: Mapping[Subject, dict[str, Any]], snapshot: Snapshot) -> dict[str, int]:
    """How many 户 and 人 the draft hits, and of how many: so two people see it when a broken draft hits nearly all."""
    return {
        "hit_households": len({household for household, _, _ in drafted}),
        "households": snapshot.rows["households"],
        "hit_persons": len({person for _, person, _ in drafted if person is not None}),
        "persons": snapshot.rows["persons"],
    }


def _by_subject(batch: pa.RecordBatch) -> Iterable[tuple[Subject, dict[str, Any]]]:
    for hit in batch.to_pylist():
        yield (hit["household_id"], hit["person_id"], hit["record_id"]), hit


def _compared(
    drafted: Mapping[Subject, dict[str, Any]], standing: Mapping[Subject, dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    """Who is hit by one of the two, the changes first."""
    groups: Sequence[tuple[str, list[Subject]]] = (
        ("added", [key for key in drafted if key not in standing]),
        ("gone", [key for key in standing if key not in drafted]),
        ("same", [key for key in drafted if key in standing]),
    )
    for difference, keys in groups:
        for key in sorted(keys, key=lambda one: tuple(part or "" for part in one)):
            hit = drafted.get(key) or standing[key]
            yield {
                "difference": difference,
                "region": hit["region"],
                "household_id": UUID(hit["household_id"]),
                "person_id": None if hit["person_id"] is None else UUID(hit["person_id"]),
                "record_id": None if hit["record_id"] is None else UUID(hit["record_id"]),
                "inputs": orjson.loads(hit["inputs"]),
            }
