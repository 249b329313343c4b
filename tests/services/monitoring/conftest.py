"""Monitoring's API over a fresh database, and people who ask it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from chassis.database.provision import ServiceDatabase, clone
from chassis.http.application import create_app
from chassis.lifecycle import opened
from chassis.program import Program
from chassis.security.scope import Role
from chassis.security.tokens import choose_assignment
from chassis.testing import database as databases
from chassis.testing import programs
from chassis.testing.programs import COUNTY
from chassis.testing.sign_in import SignIns
from services.monitoring.app import SERVICE
from tests.services.monitoring.clues.reporting import DIVISIONS


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_once(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> ServiceDatabase:
    """A database as monitoring's first start leaves it, with the release's parameters, rules and policies."""
    name = "monitoring_started"
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    clone(postgres_url, template.name, name)
    started = template.in_database(name)
    async with opened(SERVICE, programs.make_program("monitoring", started, tmp_path_factory.mktemp("started"))):
        return started


@pytest.fixture
def monitoring(make_program, postgres_url, started_once):
    """Monitoring's program over a database of its own, at its second start."""
    with databases.fresh(postgres_url, started_once) as database:
        yield make_program("monitoring", database=database)


@pytest.fixture(scope="session")
def app_over() -> Callable[[Program], FastAPI]:
    """``app_over(program)``: the application of this test process, which from now on serves ``program``.

    Nothing else of an application differs from test to test, and making its routes costs as much as many a test.
    """
    made: list[FastAPI] = []

    def over(program: Program) -> FastAPI:
        if not made:
            made.append(create_app(SERVICE, program))
        made[0].state.program = program
        return made[0]

    return over


@pytest.fixture
async def asks(monitoring, app_over) -> Callable[..., httpx.AsyncClient]:
    """``asks(role, region, department=…)``: a client signed in with that post."""
    sign_ins = SignIns()
    monitoring.verify, monitoring.choose = sign_ins.verify, choose_assignment
    app = app_over(monitoring)
    clients: list[httpx.AsyncClient] = []

    def client(role: Role = Role.COUNTY_OFFICER, region: int = COUNTY, **post) -> httpx.AsyncClient:
        token = sign_ins.token(role, region, **post)
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://monitoring/v1/monitoring",
            headers={"Authorization": f"Bearer {token}"},
        )
        clients.append(made)
        return made

    async with opened(SERVICE, monitoring):
        yield client
        for made in clients:
            await made.aclose()


@pytest.fixture
async def divisions(asks) -> None:
    """The village's divisions are on record."""
    loaded = await asks(Role.PROVINCE_OFFICER, 610000000000).post("/regions/import", content=DIVISIONS.encode())
    assert loaded.json()["created"] == 5, loaded.text
