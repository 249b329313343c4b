"""What waits for a department, and who is outstanding in a case, is read along indexes at a county's size."""

from __future__ import annotations

import pytest

from chassis.identifiers import new_id
from chassis.security.scope import Role
from chassis.testing import database as databases
from chassis.testing import plans, programs
from chassis.testing.programs import COUNTY
from services.monitoring.app import SERVICE
from services.monitoring.codes.evidence import ComparisonState
from services.monitoring.comparisons.queries.listing import list_requests
from services.monitoring.comparisons.queries.requests import outstanding, requests_of
from services.monitoring.comparisons.schemas import ComparisonQuery
from services.monitoring.consents.queries.standing import consents_of

_FILL = f"""
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count, state,
                           origin, version, valid_from)
    SELECT gen_random_uuid(), r, r, false, false, '{{}}', 3, 'active', 'registered', 1, DATE '2024-01-01'
    FROM (SELECT {COUNTY} + (100 + n % 20) * 1000 + 200 + n % 400 / 20 AS r FROM generate_series(1, 4000) AS s(n)) AS m;
    INSERT INTO comparison_request (id, region, household_id, case_id, department, state, persons, asked_on, asked_by,
                                    due_at, ended_by, version)
    SELECT gen_random_uuid(), region, id, id, department, CASE WHEN d = 1 THEN 'open' ELSE 'answered' END,
           ARRAY[id], DATE '2024-06-01', 'x', TIMESTAMPTZ '2024-06-07 23:59:59+08', CASE WHEN d > 1 THEN 'x' END, 1
    FROM household, unnest(ARRAY['medical', 'civil', 'housing', 'traffic', 'labour'])
         WITH ORDINALITY AS t(department, d);
    INSERT INTO consent (id, region, household_id, kind, purposes, covers, signed_by, signed_on, expires_on, given_by,
                         recorded_by, version)
    SELECT gen_random_uuid(), region, id, 'authorisation', ARRAY['economy_check'], ARRAY[id], id, DATE '2024-06-01',
           DATE '2025-05-31', 'electronic', 'x', 1 FROM household;
    INSERT INTO interview (id, region, household_id, case_id, form, form_version, held_on, mode, state, present,
                           answers, sealed_answers, prefilled, fields_total, fields_prefilled, recorded_by, version)
    SELECT gen_random_uuid(), region, id, id, 'household_check', 1, DATE '2024-06-01', 'home', 'recorded', ARRAY[id],
           '{{}}', '', '{{}}', 1, 1, 'x', 1 FROM household;
"""


@pytest.fixture(scope="module")
def filled(postgres_url):
    """4,000 households of one county, each of a case with five requests, made once."""
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        plans.fill(database, _FILL, ("household", "comparison_request", "consent", "interview"))
        yield database


@pytest.fixture
async def program(filled, tmp_path):
    made = programs.make_program("monitoring", filled, tmp_path)
    yield made
    await made.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda unit: list_requests(unit, ComparisonQuery()),
        lambda unit: list_requests(unit, ComparisonQuery(overdue=True)),
        lambda unit: list_requests(unit, ComparisonQuery(department="medical")),
        lambda unit: list_requests(unit, ComparisonQuery(state=ComparisonState.ANSWERED, department="civil")),
        lambda unit: list_requests(unit, ComparisonQuery(case_id=new_id())),
        lambda unit: outstanding(unit, [new_id(), new_id()]),
        lambda unit: requests_of(unit, [new_id()]),
        lambda unit: consents_of(unit, new_id(), unit.clock.today()),
    ],
)
async def test_nothing_of_a_cases_evidence_scans_a_table(program, ask):
    found = await plans.plans_of(program, ask, role=Role.COUNTY_OFFICER, region=COUNTY)
    assert "Seq Scan" not in found, found
