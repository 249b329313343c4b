"""Run a service over a database of its own for a whole module of tests, with people who ask it over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from fastapi import FastAPI

from chassis.database.provision import ServiceDatabase
from chassis.database.unit_of_work import UnitOfWork
from chassis.http.application import create_app
from chassis.lifecycle import opened
from chassis.program import Program
from chassis.security.scope import Role
from chassis.security.tokens import choose_assignment
from chassis.service import Service
from chassis.testing import database as databases
from chassis.testing import programs
from chassis.testing.programs import COUNTY
from chassis.testing.sign_in import SignIns
from services.monitoring.app import SERVICE as MONITORING


@dataclass
class Running:
    """The service as it runs: its program, its application, its database, and who may sign in."""

    program: Program
    app: FastAPI
    database: ServiceDatabase
    client: httpx.AsyncClient
    sign_ins: SignIns = field(default_factory=SignIns)

    def token(self, role: Role = Role.COUNTY_OFFICER, region: int = COUNTY, **post: Any) -> str:
        return self.sign_ins.token(role, region, **post)

    async def ask(
        self, method: str, path: str, token: str | None, *, version: Any = None, headers: Any = None, **more: Any
    ) -> httpx.Response:
        """One request to a path below the service's own."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        return await self.client.request(method, f"/v1/{self.program.name}{path}", headers=sent, **more)

    async def made(self, method: str, path: str, token: str, **more: Any) -> Any:
        """The document that a request made; the request must succeed."""
        answer = await self.ask(method, path, token, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


@asynccontextmanager
async def running(
    postgres_url: str, directory: Path, *, of: Service = MONITORING, **settings: Any
) -> AsyncIterator[Running]:
    """A service over a fresh database, with a double of the verifier that knows the tokens it gave out."""
    template = databases.template(postgres_url, of.name, of.migrations, of.tables)
    with databases.fresh(postgres_url, template) as database:
        program = programs.make_program(of.name, database, directory)
        if settings:
            program.settings = program.settings.model_copy(update=settings)
        app = create_app(of, program)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=60) as client:
            service = Running(program, app, database, client)
            program.verify, program.choose = service.sign_ins.verify, choose_assignment
            async with opened(of, program):
                yield service


@contextmanager
def undone() -> Iterator[None]:
    """Let every request go its whole way, records and constraints too, and undo it instead of committing.

    So that many people can be asked to do the same thing to the same object.
    """
    commit = UnitOfWork.commit

    async def write_all_and_undo(unit: UnitOfWork) -> None:
        if unit._connection is not None:
            await unit.write_records()
            await unit.connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
            await unit.close()

    UnitOfWork.commit = write_all_and_undo  # type: ignore[method-assign]
    try:
        yield
    finally:
        UnitOfWork.commit = commit  # type: ignore[method-assign]


UNKNOWN = UUID("0190b7c2-0000-7000-8000-000000000009")
"""The id of nothing."""


def assert_every_region_is_guarded(database: ServiceDatabase, expected: set[str]) -> None:
    """Every table with a region is forced under one policy, those ``expected`` among them.

    The catalogue decides, not our metadata: a table that a migration made by hand counts too.
    """
    with closing(psycopg.connect(database.migrate_url)) as connection:
        found = connection.execute(
            """
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                   (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = c.oid)
            FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'region'
            WHERE c.relkind IN ('r', 'p') AND NOT a.attisdropped AND c.relnamespace = 'public'::regnamespace
            """
        ).fetchall()
    assert {name for name, _forced, _policies in found} >= expected
    assert [name for name, forced, policies in found if not forced or policies != 1] == []
