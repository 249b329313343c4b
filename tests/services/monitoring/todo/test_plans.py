"""A list reads no table from end to end at a county's size, whoever asks, and again on a later page."""

from __future__ import annotations

import pytest

from chassis.lifecycle import opened
from chassis.security.scope import Role
from chassis.testing import database as databases
from chassis.testing import plans, programs
from chassis.testing.programs import COUNTY, TOWN
from services.monitoring.app import SERVICE
from services.monitoring.todo.queries.listing import count_todos, list_todos
from services.monitoring.todo.schemas import TodoCountQuery, TodoQuery
from tests.benchmarks.todo import FILL, VILLAGE

_TABLES = ("household", "visit_due", "finding", "clue", "monitoring_case")


@pytest.fixture(scope="module")
def filled(postgres_url):
    """12,000 households with what waits for them, made once."""
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        plans.fill(database, FILL % {"today": "DATE '2024-06-03'", "count": 12_000}, _TABLES)
        yield database


@pytest.fixture
async def program(filled, tmp_path):
    made = programs.make_program("monitoring", filled, tmp_path)
    async with opened(SERVICE, made):
        yield made
    await made.close()


@pytest.mark.parametrize(
    ("role", "region"),
    [
        (Role.VILLAGE_CADRE, VILLAGE),
        (Role.TOWN_OFFICER, TOWN),
        (Role.COUNTY_OFFICER, COUNTY),
        (Role.DEPARTMENT_CLERK, COUNTY),
    ],
)
async def test_what_waits_is_read_along_indexes(program, role, region):
    for ask in (
        lambda unit: list_todos(unit, TodoQuery()),
        lambda unit: count_todos(unit, TodoCountQuery()),
    ):
        found = await plans.plans_of(program, ask, role=role, region=region)
        # The area's parameters are looked up before, in a table of one line and as many rows as were ever decided.
        lists = [plan for plan in found.split("\n\n") if "parameter" not in plan]
        assert lists
        assert "Seq Scan" not in "\n".join(lists), lists
