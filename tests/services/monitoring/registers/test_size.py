"""A town's feed is a few statements and a repeated one changes nothing; lists read along indexes, at a town's size."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from chassis.jobs.sweeps import SweepRun
from chassis.lifecycle import opened
from chassis.security.scope import Area
from chassis.testing import database as databases
from chassis.testing import plans, programs
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.app import SERVICE
from services.monitoring.registers.catalogue import REGISTERS
from services.monitoring.registers.jobs import ASSESS, bring_up
from services.monitoring.registers.queries.facts import household_facts, list_facts
from services.monitoring.registers.queries.findings import list_findings
from services.monitoring.registers.schemas import FactQuery, HeldQuery, RegisterFindingQuery

HOUSEHOLDS = 600
TOWNS = 3

# Every household is lifted and resettled, has a pupil and somebody ill, one row in three of each department a finding.
_FILL = f"""
    CREATE TEMPORARY TABLE made AS
    SELECT n, gen_random_uuid() AS id, {COUNTY} + (100 + n % {TOWNS}) * 1000 + 200 + n % 100 / 5 AS region
    FROM generate_series(1, {HOUSEHOLDS}) AS s(n);
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count, state, origin,
                           version, valid_from)
    SELECT id, region, region, true, true, '{{}}', 3, 'active', 'registered', 1, date '2024-01-01' FROM made;
    INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind, state,
                        labour_skill, school_stage, version, valid_from)
    SELECT gen_random_uuid(), region, id, '王小明', CASE m WHEN 3 THEN date '2012-01-01' ELSE date '1980-01-01' END,
           '1', '20', '{{}}', false, 'active', CASE m WHEN 3 THEN NULL ELSE 'ordinary' END,
           CASE m WHEN 3 THEN 'junior_high_1' END, 1, date '2024-01-01'
    FROM made CROSS JOIN generate_series(1, 3) AS t(m);
    INSERT INTO submission (id, region, department, dataset, contract_version, period, file_id, file_digest, file_name,
                            submitted_by, received_on, state, is_late, counts, attempts, rows_received, version)
    SELECT id, {COUNTY}, 'water', 'water.supply', 1, '2024-04', id, uuid_send(id), 'file.csv', 'test',
           date '2024-06-03', 'read', false, '{{}}', 1, 1, 1 FROM made WHERE n = 1;
    INSERT INTO department_record (id, region, county, dataset, period, submission_id, row_number, person_id,
                                   household_id, event_date, natural_key, payload, state, version)
    SELECT gen_random_uuid(), p.region, {COUNTY}, d.dataset, '2024-04', b.id, row_number() OVER (), p.id,
           p.household_id, date '2024-04-01', uuid_send(gen_random_uuid()), CAST(d.payload AS jsonb), 'in_force', 1
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM person) AS p CROSS JOIN submission AS b
    CROSS JOIN (VALUES
        ('education.status', '{{"school_status": "enrolled"}}', '{{"school_status": "dropped_out"}}'),
        ('health.chronic_contract', '{{"chronic_kind": "diabetes", "signed_on": "2024-01-01"}}',
         '{{"chronic_kind": "mental"}}'),
        ('medical.settlements', '{{"stay_no": "1", "in_policy_fen": 100, "basic_paid_fen": 90}}',
         '{{"stay_no": "1", "in_policy_fen": 9000000, "basic_paid_fen": 90}}'),
        ('work.status', '{{"is_working": true}}', '{{"is_working": false}}'),
        ('water.supply', '{{"water_quality": "pass"}}', '{{"water_quality": "fail"}}')
    ) AS d(dataset, good, bad)
    CROSS JOIN LATERAL (SELECT CASE WHEN p.n % 3 = 0 THEN d.bad ELSE d.good END AS payload) AS said;
"""
_TABLES = ("household", "person", "department_record", "submission")
_FED = ("register_dropout", "register_water", "register_finding")
_ADDED = """
    SELECT (SELECT count(*) FROM register_dropout), (SELECT count(*) FROM register_medical_year),
           (SELECT count(*) FROM register_resettled), (SELECT count(*) FROM register_student_aid)
"""


@pytest.fixture
def just_loaded(postgres_url):
    """The same before PostgreSQL has counted anything of it, as in the minute after a county's first files."""
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        plans.fill(database, _FILL.replace("CAST(d.payload", "CAST(said.payload"), ())
        yield database


@pytest.fixture(scope="module")
def filled(postgres_url):
    """600 households of three people in three towns and five departments' rows about each person, made once."""
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        plans.fill(database, _FILL.replace("CAST(d.payload", "CAST(said.payload"), _TABLES)
        yield database


@pytest.fixture
async def program(filled, tmp_path):
    made = programs.make_program("monitoring", filled, tmp_path)
    async with opened(SERVICE, made):
        yield made
    await made.close()


async def test_a_county_is_fed_once_and_its_lists_scan_no_table(program, filled):
    """In one test, since what it asks about is made by its first half."""
    run = SweepRun(program, ASSESS.name, COUNTY, program.clock.today())
    towns = [COUNTY + (100 + town) * 1000 for town in range(TOWNS)]
    changed = []
    for town in [*towns, towns[0]]:
        async with run.unit() as unit:
            changed.append(await bring_up(unit, tuple(REGISTERS.values()), COUNTY, Area.of(town)))
    assert min(changed[:-1]) > 10 * HOUSEHOLDS // TOWNS
    assert changed[-1] == 0, "what was fed already is left alone"
    async with program.database.transaction(Area.everywhere()) as connection:
        assert (await connection.execute(text(_ADDED))).one() == (*[3 * HOUSEHOLDS] * 2, *[HOUSEHOLDS] * 2)
        some = (await connection.execute(text("SELECT id FROM household LIMIT 1"))).scalar_one()
    plans.fill(filled, "SELECT 1", _FED)
    for ask in (
        lambda unit: list_facts(unit, "dropout", FactQuery()),
        lambda unit: list_facts(unit, "dropout", FactQuery(region=VILLAGE, finding="out_of_school")),
        lambda unit: list_findings(unit, RegisterFindingQuery(), language="zh"),
        lambda unit: list_findings(unit, RegisterFindingQuery(register_code="water", duty="water"), language="zh"),
        lambda unit: household_facts(unit, some, HeldQuery()),
    ):
        found = await plans.plans_of(program, ask)
        assert not [table for table in _FED if f"Seq Scan on {table} " in found], found


async def test_a_county_that_was_loaded_a_minute_ago_is_fed_in_moments(just_loaded, tmp_path):
    program = programs.make_program("monitoring", just_loaded, tmp_path)
    run = SweepRun(program, ASSESS.name, COUNTY, program.clock.today())
    async with opened(SERVICE, program), asyncio.timeout(20):
        for register in REGISTERS.values():
            async with run.unit() as unit:
                await bring_up(unit, (register,), COUNTY, Area.of(COUNTY))
    await program.close()
