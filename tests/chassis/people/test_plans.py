"""What a service asks of the people whom it knows is read along indexes, at a county's size."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.people.queries import find_by_numbers, find_household, find_persons, persons_of_region, require_person
from chassis.security.scope import Area, Role
from chassis.testing import database as databases
from chassis.testing import plans, programs
from chassis.testing.programs import COUNTY, VILLAGE
from services.assets.app import SERVICE
from tests.personas import number

HOUSEHOLDS = 20_000

_FILL = f"""
    CREATE TEMPORARY TABLE made AS
    SELECT n, gen_random_uuid() AS id, {COUNTY} + (100 + n % 20) * 1000 + 200 + n % 400 / 20 AS region
    FROM generate_series(1, {HOUSEHOLDS}) AS s(n);
    INSERT INTO known_household (id, region, registration_region, is_lifted, member_count, state, version)
    SELECT id, region, region, n % 3 = 0, 3, 'active', 1 FROM made;
    INSERT INTO known_person (id, region, household_id, birth_date, sex, is_lifted, state, version)
    SELECT gen_random_uuid(), region, id, date '1950-01-01' + n, '1', n % 3 = 0, 'active', 1
    FROM made CROSS JOIN generate_series(1, 3) AS t(m);
    INSERT INTO known_number (blind_index, person_id, region)
    SELECT decode(md5(id::text), 'hex'), id, region FROM known_person;
"""


@pytest.fixture(scope="module")
def filled(postgres_url):
    """20,000 households of three people in 400 villages, made once."""
    template = databases.template(postgres_url, "assets", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        plans.fill(database, _FILL, ("known_household", "known_person", "known_number"))
        yield database


@pytest.fixture
async def program(filled, tmp_path):
    made = programs.make_program("assets", filled, tmp_path)
    yield made
    await made.close()


async def some_ids(program, table: str) -> list[UUID]:
    async with program.database.transaction(Area.everywhere()) as connection:
        return list((await connection.execute(text(f"SELECT id FROM {table} LIMIT 20"))).scalars())


async def test_numbers_persons_and_households_are_found_along_their_keys(program):
    numbers = [number() for _ in range(200)]
    persons, households = await some_ids(program, "known_person"), await some_ids(program, "known_household")
    for ask in (
        lambda unit: find_by_numbers(unit, numbers, receiver="assets"),
        lambda unit: find_persons(unit, persons),
        lambda unit: require_person(unit, persons[0]),
        lambda unit: find_household(unit, households[0]),
    ):
        found = await plans.plans_of(program, ask)
        assert "Seq Scan" not in found, found


@pytest.mark.parametrize(("role", "region"), [(Role.COUNTY_OFFICER, COUNTY), (Role.PROVINCE_OFFICER, 610000000000)])
@pytest.mark.parametrize("asked", [COUNTY, VILLAGE])
async def test_a_page_of_a_division_reads_no_more_than_the_page(program, role, region, asked):
    first = await plans.plans_of(
        program, lambda unit: persons_of_region(unit, asked, limit=50), role=role, region=region
    )
    after = (VILLAGE, UUID(int=0))
    later = await plans.plans_of(
        program, lambda unit: persons_of_region(unit, asked, after=after, limit=50), role=role, region=region
    )
    for found in (first, later):
        assert "Seq Scan" not in found, found
        assert "Sort" not in found, found
