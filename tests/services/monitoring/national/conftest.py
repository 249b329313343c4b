"""A county officer with national exports, the worker that reads them, and what stands in the registry afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from chassis.jobs.definition import JobKind
from chassis.jobs.tables import import_error
from chassis.program import Program
from chassis.security.scope import Area
from services.monitoring.national.job import NATIONAL_IMPORT
from tests.services.monitoring.at_work import at_work

_OVER = ("succeeded", "failed", "cancelled")


class County:
    """Hands exports in and waits for their jobs."""

    def __init__(self, program: Program, client: httpx.AsyncClient) -> None:
        self.program = program
        self.client = client

    def working(self, kind: JobKind[Any] = NATIONAL_IMPORT) -> AbstractAsyncContextManager[None]:
        return at_work(self.program, [kind])

    async def hand_in(self, content: bytes, path: str = "/national-exports/imports", **query: str) -> dict[str, Any]:
        answer = await self.client.post(path, content=content, params=query)
        assert answer.status_code == 202, answer.text
        return answer.json()

    async def over(self, job_id: str, seconds: float = 40) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while (job := (await self.client.get(f"/jobs/{job_id}")).json())["state"] not in _OVER:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return job

    async def imports(self, content: bytes, kind: JobKind[Any] = NATIONAL_IMPORT, **query: str) -> dict[str, Any]:
        """The job once it is over; ``export_id`` beside it."""
        accepted = await self.hand_in(content, **query)
        async with self.working(kind):
            return await self.over(accepted["job_id"]) | {"export_id": accepted["export_id"]}

    async def keeps(self, content: bytes, **query: str) -> dict[str, Any]:
        """Hand in an export to be compared alone."""
        accepted = await self.hand_in(content, "/national-exports", **query)
        async with self.working():
            return await self.over(accepted["job_id"]) | {"export_id": accepted["export_id"]}

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(path, params=query)
        assert answer.is_success, answer.text
        return answer.json()

    async def differences(self, job: dict[str, Any], grain: str, kind: str, **query: Any) -> list[dict[str, Any]]:
        where = f"/national-exports/{job['export_id']}/differences/{grain}"
        return (await self.get(where, kind=kind, **query))["items"]

    async def summary(self, job: dict[str, Any]) -> dict[str, Any]:
        return await self.get(f"/national-exports/{job['export_id']}/differences")

    async def errors(self, job: dict[str, Any]) -> list[tuple[int, str, str]]:
        async with self.program.database.transaction(Area.everywhere()) as connection:
            statement = select(import_error.c.row, import_error.c.column, import_error.c.code)
            found = await connection.execute(
                statement.where(import_error.c.job_id == job["id"]).order_by(
                    import_error.c.row, import_error.c.position
                )
            )
            return [tuple(one) for one in found]

    async def ask(self, query: str, **parameters: Any) -> list[Any]:
        async with self.program.database.transaction(Area.everywhere()) as connection:
            return list((await connection.execute(text(query), parameters)).all())


@pytest.fixture
def county(monitoring: Program, asks: Callable[..., httpx.AsyncClient]) -> County:
    return County(monitoring, asks())
