"""A number's person is in the registry and stays there, whoever writes, however many rows a statement has."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.database.engine import constraint_of, sqlstate
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing.programs import COUNTY, VILLAGE

FOREIGN_KEY = "23503"
_HOUSEHOLD = text(
    "INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count, state,"
    " origin, version, valid_from) VALUES (:id, :region, :region, false, false, '{}', 1, 'active', 'registered', 1,"
    " date '2024-01-01')"
)
_PERSON = text(
    "INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind, state,"
    " version, valid_from) VALUES (:id, :region, :id, '王秀英', date '1960-01-01', '2', '02', '{}', false, 'active', 1,"
    " date '2024-01-01')"
)
_NUMBERS = text(
    "INSERT INTO person_number (blind_index, person_id, kind)"
    " SELECT uuid_send(gen_random_uuid()), unnest(CAST(:persons AS uuid[])), 'current'"
)


@pytest.fixture
async def person(monitoring):
    """A person with a number, who lives in the village."""
    made = new_id()
    async with monitoring.database.transaction(Area.of(VILLAGE)) as connection:
        for statement in (_HOUSEHOLD, _PERSON):
            await connection.execute(statement, {"id": made, "region": VILLAGE})
        await connection.execute(_NUMBERS, {"persons": [made]})
    return made


async def _refused(monitoring, area, statement, **values):
    with pytest.raises(IntegrityError) as caught:
        async with monitoring.database.transaction(Area.of(area)) as connection:
            await connection.execute(text(statement) if isinstance(statement, str) else statement, values)
    assert sqlstate(caught.value) == FOREIGN_KEY
    assert constraint_of(caught.value) == "fk_person_number_person_id_person"


async def test_one_number_among_many_without_a_person_refuses_the_statement(monitoring, person):
    await _refused(monitoring, COUNTY, _NUMBERS, persons=[person, person, new_id(), person])
    async with monitoring.database.transaction(Area.of(COUNTY)) as connection:
        assert (await connection.execute(text("SELECT count(*) FROM person_number"))).scalar_one() == 1


async def test_a_number_is_not_handed_to_nobody(monitoring, person):
    await _refused(monitoring, COUNTY, "UPDATE person_number SET person_id = :id", id=new_id())


async def test_a_person_of_another_area_gets_no_number_from_here(monitoring, person):
    await _refused(monitoring, VILLAGE + 1, _NUMBERS, persons=[person])


@pytest.mark.parametrize("statement", ["DELETE FROM person WHERE id = :id", "UPDATE person SET id = gen_random_uuid()"])
async def test_a_person_stays(monitoring, person, statement):
    await _refused(monitoring, COUNTY, statement, **({"id": person} if ":id" in statement else {}))
