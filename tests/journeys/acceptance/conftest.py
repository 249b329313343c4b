"""A world for each story; the village's chapters, each of which goes on where the one before it ended."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.journeys.acceptance.helping import Helped, a_year_passes, help_begins
from tests.journeys.acceptance.out_and_back import Back, Out, household_a_comes_back, household_a_leaves
from tests.journeys.acceptance.registering import Registered, register_three
from tests.journeys.acceptance.songping import Village
from tests.journeys.acceptance.world import World, new_world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with new_world(postgres_url, tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registered(world: World) -> Registered:
    """17 June 2024: A, B and C stand in the register."""
    return await register_three(Village(world))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def helped(registered: Registered) -> Helped:
    """1 July 2025: a year of help has passed."""
    helped = await help_begins(registered)
    await a_year_passes(helped)
    return helped


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def out(helped: Helped) -> Out:
    """18 July 2025: household A's risk is eliminated."""
    return await household_a_leaves(helped)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def back(out: Out) -> Back:
    """20 October 2025: household A is in the register again, by a case that names its first."""
    return await household_a_comes_back(out)
