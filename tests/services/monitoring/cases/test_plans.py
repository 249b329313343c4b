"""A village's list of cases reads what is the village's, however many the county has."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.testing import database as databases
from chassis.testing import plans, programs
from chassis.testing.programs import VILLAGE
from services.monitoring.app import SERVICE
from services.monitoring.cases.queries.listing import list_cases
from services.monitoring.cases.schemas.reading import CaseQuery
from services.monitoring.codes.cases import CaseState, Holder

CASES = 20_000
# The villages around the one that is asked for: a page without rows has the same plan, and needs no parameters.
_FILL = f"""
    CREATE TEMPORARY TABLE made AS
    SELECT n, uuidv7() AS household, uuidv7() AS one, {VILLAGE} + 1 + n % 399 AS region, n % 3 = 0 AS waits
    FROM generate_series(1, {CASES}) AS s(n);
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count, state, origin,
                           version, valid_from)
    SELECT household, region, region, true, false, '{{}}', 1, 'active', 'registered', 1, DATE '2024-01-01' FROM made;
    INSERT INTO monitoring_case (id, region, household_id, state, origin, day_0, urgent, plan, step, holder, due_on,
                                 step_count, shock_verified, version)
    SELECT one, region, household, CASE WHEN waits THEN 'dispatched' ELSE 'measures_active' END, 'clue',
           DATE '2024-06-01', false, '{{}}', CASE WHEN waits THEN 'verified' END, CASE WHEN waits THEN 'village' END,
           CASE WHEN waits THEN DATE '2024-06-01' + CAST(n % 30 AS int) END, 1, false, 1
    FROM made;
"""


@pytest.fixture(scope="module")
def filled(postgres_url):
    """The cases of a county's other villages, made once."""
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        plans.fill(database, _FILL, ("household", "monitoring_case"))
        yield database


@pytest.fixture
async def program(filled, tmp_path):
    made = programs.make_program("monitoring", filled, tmp_path)
    yield made
    await made.close()


@pytest.mark.parametrize(
    "query",
    [
        CaseQuery(),
        CaseQuery(late=True),
        CaseQuery(state=CaseState.DISPATCHED),
        CaseQuery(holder=Holder.VILLAGE),
    ],
    ids=["all", "late", "by state", "by holder"],
)
async def test_a_villages_page_of_cases_scans_no_table(program, query):
    found = await plans.plans_of(program, lambda unit: list_cases(unit, query), role=Role.VILLAGE_CADRE, region=VILLAGE)
    assert "Seq Scan" not in found, found
