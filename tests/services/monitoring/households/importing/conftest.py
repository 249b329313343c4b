"""A signed-in client, the job worker at work, and what the registry holds afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, text

from chassis.jobs.definition import JobKind
from chassis.jobs.tables import JobState, import_error, job
from chassis.program import Program
from chassis.security.scope import Area
from services.monitoring.households.importing.job import HOUSEHOLD_IMPORT
from tests.services.monitoring.at_work import at_work


class Importing:
    """Hands files in and waits for their jobs."""

    def __init__(self, program: Program, client: Any) -> None:
        self.program = program
        self.client = client

    async def hand_in(self, content: bytes, **query: str) -> UUID:
        answer = await self.client.post("/households/imports", content=content, params=query)
        assert answer.status_code == 202, answer.text
        return UUID(answer.json()["job_id"])

    def working(self, kind: JobKind[Any] = HOUSEHOLD_IMPORT) -> AbstractAsyncContextManager[None]:
        return at_work(self.program, [kind])

    async def row(self, job_id: UUID) -> Any:
        async with self.program.database.transaction(Area.everywhere()) as connection:
            return (await connection.execute(select(job).where(job.c.id == job_id))).one()

    async def over(self, job_id: UUID, seconds: float = 40) -> Any:
        async with asyncio.timeout(seconds):
            while not JobState((row := await self.row(job_id)).state).is_final:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return row

    async def run(self, content: bytes, kind: JobKind[Any] = HOUSEHOLD_IMPORT, **query: str) -> Any:
        asked = await self.hand_in(content, **query)
        async with self.working(kind):
            return await self.over(asked)

    async def errors(self, job_id: UUID) -> list[tuple[int, str, str]]:
        async with self.program.database.transaction(Area.everywhere()) as connection:
            statement = select(import_error.c.row, import_error.c.column, import_error.c.code)
            found = await connection.execute(
                statement.where(import_error.c.job_id == job_id).order_by(import_error.c.row, import_error.c.position)
            )
            return [tuple(one) for one in found]

    async def ask(self, query: str, **parameters: Any) -> list[Any]:
        async with self.program.database.transaction(Area.everywhere()) as connection:
            return list((await connection.execute(text(query), parameters)).all())


@pytest.fixture
def importing(monitoring: Program, asks: Callable[..., Any]) -> Importing:
    return Importing(monitoring, asks())


@pytest.fixture
def lines() -> Callable[..., bytes]:
    """``lines(household, …)``: those households as NDJSON."""
    return lambda *households: b"".join(orjson.dumps(one) + b"\n" for one in households)
