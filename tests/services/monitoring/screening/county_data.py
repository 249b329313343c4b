"""A county's department rows for tests of the screening on a database: put there as the intake would leave them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from chassis.database.metadata import rows
from chassis.identifiers import new_id
from chassis.jobs.definition import JobKind
from chassis.jobs.tables import JobState, job
from chassis.jobs.worker import JobWorker
from chassis.security.scope import Area
from chassis.testing import jobs
from chassis.testing.programs import COUNTY, VILLAGE, officer
from services.monitoring.datasets.tables import DepartmentRecord, Submission
from services.monitoring.screening.actions.request_run import RunCause, request_run
from services.monitoring.screening.jobs import SCREENING, TRIAL
from services.monitoring.screening.tables import ScreeningRun

KINDS = (SCREENING, TRIAL)
SELF_PAY = "medical.annual_self_pay"
MAY = date(2024, 5, 1)
MANY = """
WITH made AS (
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count, state, origin,
                           version, valid_from)
    SELECT uuidv7(), 610999101203, 610999101203, true, false, '{}', 1, 'active', 'registered', 1, DATE '2024-01-01'
    FROM generate_series(1, :n) RETURNING id
), people AS (
    INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind, state,
                        version, valid_from)
    SELECT uuidv7(), 610999101203, id, '王小明', DATE '1980-01-01', '1', '02', '{}', false, 'active', 1,
           DATE '2024-01-01'
    FROM made RETURNING id, household_id
)
INSERT INTO department_record (id, region, county, dataset, period, submission_id, row_number, person_id, household_id,
                               event_date, natural_key, payload, state, version)
SELECT uuidv7(), 610999101203, 610999000000, 'medical.annual_self_pay', '2024-04', :batch, row_number() OVER (), id,
       household_id, DATE '2024-04-01', uuid_send(id), '{"self_pay_fen": 600000}', 'in_force', 1
FROM people
"""
"""Households of one person each, `n` of them, of whom a `batch` of medical insurance tells 6,000.00 of self-pay."""


async def submission(program, dataset: str, period: str = "2024-05") -> UUID:
    """An empty batch of a department that was read."""
    made = new_id()
    async with program.database.transaction(Area.of(COUNTY)) as connection:
        await connection.execute(
            insert(rows(Submission)).values(
                id=made,
                region=COUNTY,
                department=dataset.partition(".")[0],
                dataset=dataset,
                contract_version=1,
                period=period,
                file_id=new_id(),
                file_digest=made.bytes,
                file_name="file.csv",
                submitted_by="test:clerk",
                received_on=date(2024, 6, 3),
                state="read",
            )
        )
    return made


async def record(
    program, dataset: str, person: dict[str, Any], household_id: str, event_date: date, batch: UUID | None = None,
    *, row: int = 1, key: bytes | None = None, period: str = "2024-05", **payload: Any,
) -> UUID:  # fmt: skip
    """A department's row in force about a registered person."""
    made = new_id()
    batch = batch or await submission(program, dataset, period)
    async with program.database.transaction(Area.of(COUNTY)) as connection:
        await connection.execute(
            insert(rows(DepartmentRecord)).values(
                id=made,
                region=VILLAGE,
                county=COUNTY,
                dataset=dataset,
                period=period,
                submission_id=batch,
                row_number=row,
                person_id=UUID(person["id"]),
                household_id=UUID(household_id),
                event_date=event_date,
                natural_key=key or made.bytes,
                payload=payload,
            )
        )
    return made


async def withdraw(program, record_id: UUID, state: str = "withdrawn") -> None:
    async with program.database.transaction(Area.of(COUNTY)) as connection:
        await connection.execute(
            text("UPDATE department_record SET state = :state WHERE id = :id"), {"state": state, "id": record_id}
        )


async def ask(program, cause: RunCause = RunCause.BATCH) -> Any:
    async with program.unit(officer()) as unit:
        return await request_run(unit, COUNTY, cause, program.clock.today())


def working(program, kinds: Sequence[JobKind[Any]] = KINDS, **options: Any) -> AbstractAsyncContextManager[JobWorker]:
    return jobs.working(program, *kinds, **options)


async def ended(program, job_id: UUID, seconds: float = 25) -> Any:
    async with asyncio.timeout(seconds):
        while True:
            async with program.database.transaction(Area.everywhere()) as connection:
                row = (await connection.execute(select(job).where(job.c.id == job_id))).one()
            if JobState(row.state).is_final:
                return row
            await asyncio.sleep(0.02)


async def screen(program, cause: RunCause = RunCause.BATCH) -> Any:
    """Ask for a run, let a worker do it, and give the run's row."""
    run = await ask(program, cause)
    async with working(program):
        row = await ended(program, run.job_id)
    assert row.state == "succeeded", (row.error_code, row.error)
    [done] = [one for one in await everything(program, ScreeningRun) if one.id == run.id]
    return done


async def everything(program, model: Any) -> list[Any]:
    async with program.database.transaction(Area.everywhere()) as connection:
        return list((await connection.execute(select(rows(model)))).all())
