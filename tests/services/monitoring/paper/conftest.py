"""The village of the case procedure, with the names of its divisions on record."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.security.scope import Role
from tests.services.monitoring.cases.conftest import chen, lines, them  # noqa: F401  # fixtures
from tests.services.monitoring.cases.village import made

DIVISIONS = """code,name,valid_from
610000000000,甲省,2020-01-01
610900000000,乙市,2020-01-01
610999000000,云岭县,2020-01-01
610999101000,清溪镇,2020-01-01
610999101203,松坪村,2020-01-01
"""


@pytest.fixture
async def named(asks) -> Any:
    province = asks(Role.PROVINCE_OFFICER, 610000000000)
    return made(await province.post("/regions/import", content=DIVISIONS.encode()))
