"""Measures, guarantees and gaps are read along indexes as the role that serves them, at a county's size."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from chassis.security.scope import Area
from chassis.testing import database as databases
from chassis.testing import plans, programs
from chassis.testing.programs import COUNTY
from services.monitoring.app import SERVICE
from services.monitoring.guarantees.queries.standing import guarantees_of
from services.monitoring.measures.queries.given import measures_of
from services.monitoring.measures.queries.listing import list_measures
from services.monitoring.measures.queries.missing import PAGE
from services.monitoring.measures.schemas import MeasureQuery

ON = date(2024, 6, 3)
_FILL = f"""
    CREATE TEMPORARY TABLE made AS
    SELECT n, gen_random_uuid() AS id, {COUNTY} + (100 + n % 20) * 1000 + 200 + n % 400 / 20 AS region
    FROM generate_series(1, 20000) AS s(n);
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, monitoring_type, registered_on,
                           risks, member_count, state, origin, version, valid_from)
    SELECT id, region, region, n % 3 = 0, false, CASE WHEN n % 50 = 0 THEN '1' END,
           CASE WHEN n % 50 = 0 THEN date '2024-01-01' END, ARRAY['01'], 3, 'active', 'registered', 1,
           date '2024-01-01' FROM made;
    INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind, state,
                        labour_skill, version, valid_from)
    SELECT gen_random_uuid(), region, id, '王', date '1974-01-01', '1', '02', '{{}}', false, 'active', 'ordinary', 1,
           date '2024-01-01' FROM made CROSS JOIN generate_series(1, 3);
    INSERT INTO measure (id, region, household_id, kind, risks, timing, description, started_on, source, state, version,
                         recorded_by)
    SELECT gen_random_uuid(), region, id, 'work', ARRAY['07'], 'preventive', '-', date '2024-02-01', '-', 'running', 1,
           '-' FROM made CROSS JOIN generate_series(1, 2);
    INSERT INTO imported_measure (id, region, household_id, kind, started_on, state, source_id)
    SELECT gen_random_uuid(), region, id, 'health', date '2024-02-01', 'in_force', id FROM made;
    INSERT INTO guarantee_check (id, region, household_id, item, answer, checked_on, source, state, version,
                                 recorded_by)
    SELECT gen_random_uuid(), region, id, item, 'yes', date '2024-02-01', '-', 'active', 1, '-' FROM made
    CROSS JOIN unnest(ARRAY['food', 'clothing', 'compulsory_education', 'basic_medical', 'housing', 'water']) AS i(item)
"""
_TABLES = ("household", "person", "measure", "imported_measure", "guarantee_check")


@pytest.fixture(scope="module")
def filled(postgres_url):
    """20,000 households with what they were given and what was checked, made once."""
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        plans.fill(database, _FILL, _TABLES)
        yield database


@pytest.fixture
async def program(filled, tmp_path):
    made = programs.make_program("monitoring", filled, tmp_path)
    yield made
    await made.close()


async def test_what_hangs_on_a_household_is_read_along_its_keys(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        some = (await connection.execute(text("SELECT id FROM household LIMIT 3"))).scalars().all()
    for ask in (
        lambda unit: list_measures(unit, some[0], MeasureQuery()),
        lambda unit: measures_of(unit, some, on=ON),
        lambda unit: guarantees_of(unit, some, on=ON),
    ):
        found = await plans.plans_of(program, ask)
        assert "Seq Scan" not in found, found


async def test_gaps_are_found_without_reading_every_household_of_the_county(program):
    binds = {
        "rules": f'[{{"county": {COUNTY}, "risk": "01", "kinds": ["health"]}}]',
        "numbers": f'[{{"county": {COUNTY}, "first_months": 1, "developmental_months": 6, "developmental": ["work"]}}]',
        "working": ["ordinary"],
        "households": None,
        "on": ON,
        "due_by": ON,
        "hidden": [],
        "after": None,
        "after_code": "",
        "after_risk": "",
        "most": 50,
    }

    async def ask(unit):
        await unit.connection.execute(PAGE, binds | {"lo": unit.area.lo, "hi": unit.area.hi})

    found = await plans.plans_of(program, ask)
    assert "Seq Scan" not in found, found
