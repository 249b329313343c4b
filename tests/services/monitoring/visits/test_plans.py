"""What is due is read along indexes at a county's size, and the day's refresh is a few statements' work."""

from __future__ import annotations

import pytest

from chassis.identifiers import new_id
from chassis.security.scope import Role
from chassis.testing import database as databases
from chassis.testing import plans, programs
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.app import SERVICE
from services.monitoring.codes.visits import VisitReason
from services.monitoring.visits.queries.due import list_dues
from services.monitoring.visits.queries.one import list_visits
from services.monitoring.visits.schemas import DueQuery, VisitQuery

HOUSEHOLDS = 12_000

_FILL = f"""
    CREATE TEMPORARY TABLE made AS
    SELECT n, gen_random_uuid() AS id, {COUNTY} + (100 + n % 20) * 1000 + 200 + n % 400 / 20 AS region
    FROM generate_series(1, {HOUSEHOLDS}) AS s(n);
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, monitoring_type, risks,
                           member_count, state, origin, version, valid_from)
    SELECT id, region, region, n % 3 = 0, false, '1', ARRAY['01'], 1, 'active', 'registered', 1, date '2024-01-01'
    FROM made;
    INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind, state,
                        version, valid_from)
    SELECT gen_random_uuid(), region, id, '王' || n, date '1950-01-01', '1', '02', '{{}}', false, 'active', 1,
           date '2024-01-01' FROM made;
    INSERT INTO helper (id, scope, kind, name, recorded_by)
    SELECT gen_random_uuid(), {COUNTY}, 'person', '帮' || n, 'test' FROM generate_series(1, 600) AS s(n);
    INSERT INTO pairing (id, region, household_id, helper_id, is_main, starts_on, source, state, version, recorded_by)
    SELECT gen_random_uuid(), region, made.id, helper.id, true, date '2024-01-01', '-', 'active', 1, 'test'
    FROM made JOIN (SELECT id, row_number() OVER () AS place FROM helper) AS helper ON helper.place = 1 + n % 600;
    INSERT INTO visit (id, region, household_id, visited_on, way, forms, state, version, recorded_by)
    SELECT gen_random_uuid(), region, id, date '2024-05-01' - n % 200, 'at_home', '[]', 'recorded', 1, 'test' FROM made;
    INSERT INTO visit_met (visit_id, subject_id, reason, region, visited_on, due_on)
    SELECT id, household_id, 'monitored', region, visited_on, visited_on FROM visit;
    INSERT INTO visit_due (household_id, reason, subject_id, region, begins_on, due_on, form, rhythm)
    SELECT id, reason, id, region, date '2024-01-01', date '2024-06-03' + n % 90 - 30, 'general', 'month'
    FROM made CROSS JOIN unnest(ARRAY['monitored', 'paired', 'lifted']) AS reasons(reason);
"""
_TABLES = ("household", "person", "helper", "pairing", "visit", "visit_due", "visit_met", "visit_history", "officer")


@pytest.fixture(scope="module")
def filled(postgres_url):
    """12,000 households in 400 villages with three duties each, made once."""
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        plans.fill(database, _FILL, _TABLES)
        yield database


@pytest.fixture
async def program(filled, tmp_path):
    made = programs.make_program("monitoring", filled, tmp_path)
    yield made
    await made.close()


_LISTS = {
    "everything": DueQuery(),
    "a village": DueQuery(region=VILLAGE),
    "late ones": DueQuery(is_late=True),
    "a reason": DueQuery(reason=VisitReason.MONITORED),
    "a household": DueQuery(household_id=new_id()),
}


@pytest.mark.parametrize("query", _LISTS.values(), ids=_LISTS.keys())
@pytest.mark.parametrize(
    ("role", "region"),
    [(Role.VILLAGE_CADRE, VILLAGE), (Role.COUNTY_OFFICER, COUNTY), (Role.PROVINCE_OFFICER, 610000000000)],
)
async def test_what_is_due_is_read_along_an_index(program, query, role, region):
    if query.region is None or role is not Role.VILLAGE_CADRE:
        found = await plans.plans_of(program, lambda unit: list_dues(unit, query), role=role, region=region)
        assert "Seq Scan" not in found, found


async def test_what_is_due_by_helper_and_a_households_visits_are_read_along_indexes(program):
    async with program.unit(programs.officer()) as unit:
        one = (await unit.connection.exec_driver_sql("SELECT id FROM helper LIMIT 1")).scalar_one()
        home = (await unit.connection.exec_driver_sql("SELECT id FROM household LIMIT 1")).scalar_one()
    for ask in (
        lambda unit: list_dues(unit, DueQuery(helper_id=one)),
        lambda unit: list_visits(unit, home, VisitQuery()),
    ):
        found = await plans.plans_of(program, ask)
        assert "Seq Scan" not in found, found
