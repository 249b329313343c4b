"""Monitoring's API over a fresh database, and people who ask it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from chassis.http.application import create_app
from chassis.lifecycle import opened
from chassis.security.scope import Role
from chassis.security.tokens import choose_assignment
from chassis.testing.programs import COUNTY
from chassis.testing.sign_in import SignIns
from services.monitoring.app import SERVICE


@pytest.fixture
def monitoring(make_program):
    """Monitoring's program over a database of its own."""
    return make_program("monitoring", SERVICE.tables, versions=SERVICE.migrations, template="monitoring")


@pytest.fixture
async def asks(monitoring) -> Callable[..., httpx.AsyncClient]:
    """``asks(role, region, department=…)``: a client signed in with that post."""
    sign_ins = SignIns()
    monitoring.verify, monitoring.choose = sign_ins.verify, choose_assignment
    app = create_app(SERVICE, monitoring)
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
