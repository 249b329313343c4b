"""The officials of the acceptance village, whose to-dos these tests read."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from tests.services.monitoring.cases.village import Officials
from tests.services.monitoring.clues.reporting import DIVISIONS
from tests.services.monitoring.lines.county_lines import PROVINCE


@pytest.fixture
def them(monitoring, asks) -> Officials:
    return Officials(monitoring, asks)


@pytest.fixture
async def divisions(asks) -> None:
    """The county and its divisions are on record."""
    loaded = await asks(Role.PROVINCE_OFFICER, PROVINCE).post("/regions/import", content=DIVISIONS.encode())
    assert loaded.status_code == 200, loaded.text
