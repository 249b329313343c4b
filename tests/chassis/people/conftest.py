"""Monitoring with people who work in it, and the services that listen to it, each over a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.assets.app import SERVICE as ASSETS
from services.employment.app import SERVICE as EMPLOYMENT
from tests.chassis.people.village import Village
from tests.safety.running import running


@pytest.fixture
async def village(postgres_url, tmp_path) -> AsyncIterator[Village]:
    async with running(postgres_url, tmp_path / "monitoring") as service:
        yield Village(service)


@pytest.fixture
def monitoring(village):
    """Monitoring's program."""
    return village.service.program


@pytest.fixture
def assets(make_program):
    return make_program("assets", ASSETS.tables, versions=ASSETS.migrations, template="assets")


@pytest.fixture
def employment(make_program):
    return make_program("employment", EMPLOYMENT.tables, versions=EMPLOYMENT.migrations, template="employment")
