"""Lists and searches read along indexes as the role that serves them, at a county's size."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from chassis.security.scope import Area, Role
from chassis.testing import database as databases
from chassis.testing import plans, programs
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.app import SERVICE
from services.monitoring.codes.monitoring import MonitoringType, Risk
from services.monitoring.households.queries.findings import list_findings
from services.monitoring.households.queries.listing import list_households
from services.monitoring.households.queries.one import read_household
from services.monitoring.households.queries.person_search import search_persons
from services.monitoring.households.queries.transfers import list_transfers
from services.monitoring.households.schemas import HouseholdQuery
from services.monitoring.households.schemas.findings import FindingQuery
from services.monitoring.households.schemas.search import PersonSearch
from services.monitoring.households.schemas.transfers import Direction, TransferQuery

HOUSEHOLDS = 20_000

_FILL = f"""
    CREATE TEMPORARY TABLE made AS
    SELECT n, gen_random_uuid() AS id, {COUNTY} + (100 + n % 20) * 1000 + 200 + n % 400 / 20 AS region
    FROM generate_series(1, {HOUSEHOLDS}) AS s(n);
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, monitoring_type, risks,
                           member_count, state, origin, version, valid_from)
    SELECT id, region, region, n % 3 = 0, false, CASE WHEN n % 50 = 0 THEN '1' END, ARRAY['01'], 3, 'active',
           'registered', 1, date '2024-01-01' FROM made;
    INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind, state,
                        version, valid_from)
    SELECT gen_random_uuid(), region, id, chr(19968 + n * 7 % 400) || chr(20100 + m) || chr(20200 + n % 300),
           date '1950-01-01' + n, '1', CASE m WHEN 1 THEN '02' ELSE '20' END, '{{}}', false, 'active', 1,
           date '2024-01-01' FROM made CROSS JOIN generate_series(1, 3) AS t(m);
    INSERT INTO person_number (blind_index, person_id, kind)
    SELECT decode(md5(id::text), 'hex'), id, 'current' FROM person;
    INSERT INTO finding (id, region, household_id, code, field, message_zh, message_en, state, found_on, version)
    SELECT gen_random_uuid(), region, id, 'head_missing', '/members', '-', '-', 'open', date '2024-01-01', 1 FROM made;
    INSERT INTO transfer (id, household_id, household_version, from_region, to_region, effective_on, member_count,
                          state, reason, version)
    SELECT gen_random_uuid(), id, 1, region, region + 1, date '2024-01-01', 3, 'accepted', '-', 2 FROM made;
"""
_TABLES = ("household", "person", "person_number", "finding", "transfer")


@pytest.fixture(scope="module")
def filled(postgres_url):
    """20,000 households of three people in 400 villages, made once."""
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
    "everything": HouseholdQuery(),
    "a village": HouseholdQuery(region=VILLAGE),
    "a type": HouseholdQuery(monitoring_type=MonitoringType.UNSTABLE_LIFTED),
    "lifted with a risk": HouseholdQuery(is_lifted=True, risk=Risk("01")),
    "a name": HouseholdQuery(name="一丕"),
    "a rare name in a village": HouseholdQuery(name="一", region=VILLAGE),
}


@pytest.mark.parametrize("query", _LISTS.values(), ids=_LISTS.keys())
@pytest.mark.parametrize(("role", "region"), [(Role.COUNTY_OFFICER, COUNTY), (Role.PROVINCE_OFFICER, 610000000000)])
async def test_a_list_of_households_scans_no_table(program, query, role, region):
    found = await plans.plans_of(program, lambda unit: list_households(unit, query), role=role, region=region)
    assert "Seq Scan" not in found, found


@pytest.mark.parametrize(
    "ask",
    [
        lambda unit: search_persons(unit, PersonSearch(purpose="核对", identity_number="610999197403123010")),
        lambda unit: search_persons(unit, PersonSearch(purpose="核对", name="一", birth_year=1974)),
        lambda unit: list_findings(unit, FindingQuery(), language="zh"),
        lambda unit: list_findings(unit, FindingQuery(region=VILLAGE, code="head_missing"), language="zh"),
        lambda unit: list_transfers(unit, TransferQuery(direction=Direction.INCOMING)),
        lambda unit: list_transfers(unit, TransferQuery(direction=Direction.OUTGOING)),
    ],
)
async def test_a_search_scans_no_table(program, ask):
    found = await plans.plans_of(program, ask)
    assert "Seq Scan" not in found, found


async def test_one_household_is_read_along_its_keys(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        some = (await connection.execute(text("SELECT id FROM household LIMIT 1"))).scalar_one()
    found = await plans.plans_of(program, lambda unit: read_household(unit, some))
    assert "Seq Scan" not in found, found
