"""A chunk of households is settled along the indexes that find one thing, also in tables that nothing has analysed yet.

A first screening fills the very tables that it reads, so it must not lean on statistics. An index led by the division
is open to every look-up, by way of the area's policy, and then walks all that the county has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from chassis.database.provision import ServiceDatabase
from chassis.identifiers import new_id
from chassis.security.scope import Area, program
from chassis.testing import database as databases
from chassis.testing.plans import fill
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.app import SERVICE
from services.monitoring.clues.actions import settle_sql as sql
from services.monitoring.clues.actions.join import clues_join
from services.monitoring.clues.actions.settle_firings import Judgement, RuleRun, settle_firings
from services.monitoring.clues.rules import DUES

HOUSEHOLDS = 6_000
IN_A_CHUNK = 600
LASTING = ("household", "person", "department_record", "clue", "hit", "fact_silence")
OF_THE_CHUNK = {"judged", "firing_given", "firing", "locked", "clue_of", "touched"}

# Of six households one has nothing, one a dismissed fact, one a case and three an open clue.
FILL = f"""
CREATE TEMPORARY TABLE made AS
    SELECT n, uuidv7() AS household, uuidv7() AS person, uuidv7() AS record, uuidv7() AS clue
    FROM generate_series(1, {HOUSEHOLDS}) AS s(n);
INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count, state, origin,
                       version, valid_from)
    SELECT household, {VILLAGE}, {VILLAGE}, true, false, '{{}}', 1, 'active', 'registered', 1, DATE '2024-01-01'
    FROM made;
INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind, state, version,
                    valid_from)
    SELECT person, {VILLAGE}, household, '王小明', DATE '1980-01-01', '1', '02', '{{}}', false, 'active', 1,
           DATE '2024-01-01' FROM made;
INSERT INTO submission (id, region, department, dataset, contract_version, period, file_id, file_digest, file_name,
                        submitted_by, received_on, state, is_late, counts, attempts, rows_received, version)
    SELECT household, {COUNTY}, 'medical', 'medical.annual_self_pay', 1, '2024-04', household, uuid_send(household),
           'file.csv', 'test', DATE '2024-06-03', 'read', false, '{{}}', 1, 1, 1 FROM made WHERE n = 1;
INSERT INTO department_record (id, region, county, dataset, period, submission_id, row_number, person_id, household_id,
                               event_date, natural_key, payload, state, version)
    SELECT record, {VILLAGE}, {COUNTY}, 'medical.annual_self_pay', '2024-04', submission.id, n, person, household,
           DATE '2024-04-01', uuid_send(person), '{{"self_pay_fen": 600000}}', 'in_force', 1 FROM made, submission;
INSERT INTO clue (id, region, household_id, state, severity, raised_on, due_at, hit_count, version)
    SELECT clue, {VILLAGE}, household, CASE WHEN n % 6 = 2 THEN 'in_case' ELSE 'open' END, 3, DATE '2024-05-01',
           TIMESTAMPTZ '2024-05-02 08:00:00+08', 1, 1 FROM made WHERE n % 6 > 1;
INSERT INTO hit (id, region, clue_id, household_id, person_id, kind, state, channel, severity, hit_on, due_at, rule_id,
                 rule_version, run_id, fact_key, fact_year, fact_value, inputs, thresholds, source_records)
    SELECT uuidv7(), {VILLAGE}, clue, household, person, 'rule', 'standing', 'department', 3, DATE '2024-05-01',
           TIMESTAMPTZ '2024-05-02 08:00:00+08', 'R01', 1, clue, concat_ws(':', 'R01', person, 2024), 2024, 500000,
           '{{"year_self_pay_fen": 500000}}', '{{}}', ARRAY[record] FROM made WHERE n % 6 > 1;
INSERT INTO fact_silence (fact_key, region, household_id, hit_id, dismissed_on, silent_until)
    SELECT concat_ws(':', 'R01', person, 2024), {VILLAGE}, household, clue, DATE '2024-05-01', DATE '2024-11-01'
    FROM made WHERE n % 6 = 1
"""
PERSONS = "SELECT household_id, id AS person_id FROM person ORDER BY household_id LIMIT :limit"

EXPECTED: Mapping[Any, Mapping[str, set[str]]] = {
    sql.LOCK: {"clue": {"ix_clue_household_id_id", "pk_clue"}},
    sql.GATHER: {
        "hit": {"uq_hit_fact"},
        "clue": {"pk_clue"},
        "fact_silence": {"pk_fact_silence"},
        "department_record": {"pk_department_record"},
    },
    sql.LOCK_LEFT: {"clue": {"pk_clue"}},
    sql.LEAVE: {"hit": {"pk_hit"}, "clue": {"pk_clue"}},
    sql.LEFT: {},
    sql.UPDATE: {"hit": {"pk_hit"}},
    sql.WITHDRAW: {
        "hit": {"ix_hit_clue_id_id", "pk_hit"},
        "person": {"pk_person"},
        "department_record": {"pk_department_record"},
    },
    sql.OPEN: {},
    sql.RAISE: {"household": {"pk_household"}},
    sql.MEET: {"clue": {"uq_clue_open"}},
    sql.JOIN: {},
    sql.RECOMPUTE: {"clue": {"pk_clue"}, "hit": {"ix_hit_clue_id_id"}},
    sql.COUNT: {},
    sql.NOT_NEW: {},
}
TOLD = {"clue": {"pk_clue"}}
"""What the statement reads that tells of the clues: its text is made for each kind of record."""


@pytest.fixture(scope="module", params=[False, True], ids=["as they come", "analysed"])
def filled(request, postgres_url) -> Iterator[ServiceDatabase]:
    template = databases.template(postgres_url, "monitoring", SERVICE.migrations, SERVICE.tables)
    with databases.fresh(postgres_url, template) as database:
        fill(database, FILL, LASTING if request.param else ())
        yield database


class Planned:
    """A connection that asks for the plan of every statement before it runs."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.plans: list[tuple[Any, Mapping[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        if statement not in (sql.ANALYZE, sql.HASH, sql.UNHASH):
            compiled = statement.compile(dialect=postgresql.psycopg.dialect())
            values = compiled.construct_params(parameters or {})
            asked = await self._connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", values)
            self.plans.append((statement, asked.scalar_one()[0]["Plan"]))
        return await self._connection.execute(statement, parameters)


@pytest.fixture
async def unit(filled, make_program):
    """A unit of work of a screening that keeps its statements' plans; nothing that it does stays."""
    monitoring = make_program("monitoring", database=filled)
    async with monitoring.unit(program("screening.run", COUNTY), area=Area.of(COUNTY)) as unit:
        opened = await unit.begin()
        unit._connection = Planned(opened)
        yield unit
        unit._connection = opened
        await unit.close()


async def test_every_look_up_of_a_chunk_takes_the_index_that_finds_one_thing(unit):
    rule = RuleRun(version=1, severity="H", thresholds={"self_pay_monitored_min_fen": 500_000}, subject="person")
    judgement = Judgement(new_id(), date(2024, 6, 3), {"R01": rule}, DUES, unit.clock.business_now())
    found = (await unit.connection.execute(text(PERSONS), {"limit": IN_A_CHUNK})).all()
    unit.connection.plans.clear()
    firings = [
        f"R01\t{one.household_id}\t{one.person_id}\t\\N\t{{}}\t2024\t600000\t{{}}\n"
        for one in found[: -IN_A_CHUNK // 6]
    ]
    settled = await settle_firings(unit, judgement, [one.household_id for one in found], "".join(firings))
    assert (settled.raised, settled.updated, settled.withdrawn) == (83, 333, 67)
    read = {statement: looked_up(plan) for statement, plan in unit.connection.plans}
    again, new = (statement for statement in read if statement not in EXPECTED)
    assert read == {**EXPECTED, again: TOLD, new: {}}
    assert [walk for _, plan in unit.connection.plans for walk in walks(plan)] == []


async def test_what_follows_a_person_to_another_household_is_found_by_the_clue(unit):
    left, household = [one.household_id for one in await unit.connection.execute(text(PERSONS), {"limit": 5})][3:]
    unit.connection.plans.clear()
    await clues_join(unit, left=left, household=household, persons=[])
    [(_, plan)] = unit.connection.plans
    read = looked_up(plan)
    assert read["clue"] == {"ix_clue_household_id_id"}
    assert read["hit"] <= {"ix_hit_clue_id_id", "uq_hit_fact"}


def looked_up(plan: Mapping[str, Any]) -> dict[str, set[str]]:
    """The lasting tables that a plan reads, each with its indexes, or how else it is read."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes(plan):
        if node.get("Relation Name") in LASTING and node["Node Type"] != "ModifyTable":
            by = node["Plans"][0] if node["Node Type"] == "Bitmap Heap Scan" else node
            found[node["Relation Name"]].add(by.get("Index Name", node["Node Type"]))
    return dict(found)


def walks(plan: Mapping[str, Any]) -> Iterator[str]:
    """The tables of the chunk that a plan reads anew for each of the rows that it joins to them."""
    for node in nodes(plan):
        if node["Node Type"] == "Nested Loop":
            for inner in nodes(node["Plans"][1]):
                if inner.get("Relation Name") in OF_THE_CHUNK:
                    yield inner["Relation Name"]


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
