"""Monitoring for a whole module: one database, many people."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.safety.running import Running, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """Monitoring over a database that all tests of a module share; they ask with ``loop_scope="module"``."""
    async with running(postgres_url, tmp_path_factory.mktemp("data")) as made:
        yield made
