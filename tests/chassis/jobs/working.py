"""Ask for jobs and look at what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from tests_jobs_kinds import work  # type: ignore[import-not-found]

from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind, defer
from chassis.jobs.tables import JobState, job
from chassis.program import Program
from chassis.security.scope import Area
from chassis.testing.programs import COUNTY, officer
from chassis.types import Model


class NoParameters(Model):
    pass


def kind(handler: Callable[[JobContext[Any]], Any], **options: Any) -> JobKind[NoParameters]:
    return JobKind(name=handler.__name__, parameters=NoParameters, handler=handler, **options)


async def ask(program: Program, of: JobKind[Any], parameters: Model | None = None, region: int = COUNTY) -> UUID:
    async with program.unit(officer(region=COUNTY)) as unit:
        return await defer(unit, of, parameters or NoParameters(), region)


async def row_of(program: Program, job_id: UUID) -> Any:
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(job).where(job.c.id == job_id))).one()


async def until(program: Program, job_id: UUID, *states: JobState, seconds: float = 25) -> Any:
    async with asyncio.timeout(seconds):
        while (row := await row_of(program, job_id)).state not in states:  # noqa: ASYNC110  # it is in a database
            await asyncio.sleep(0.02)
    return row


async def done(program: Program, number: int) -> None:
    async with asyncio.timeout(20):
        while len(await numbers(program)) < number:  # noqa: ASYNC110  # it is in a database
            await asyncio.sleep(0.01)


async def numbers(program: Program) -> list[int]:
    async with program.database.transaction(Area.everywhere()) as connection:
        return list((await connection.execute(select(work.c.number).order_by(work.c.number))).scalars())


async def queued_rows(program: Program) -> int:
    async with program.database.transaction(Area.everywhere()) as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) or 0)
