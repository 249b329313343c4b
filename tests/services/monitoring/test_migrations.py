"""Migrations go up, down and up again, and say exactly what the models say."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from chassis.database import migrate
from chassis.database.engine import driver_url
from chassis.database.metadata import is_policed, kernel
from services.monitoring.app import SERVICE


def test_the_schema_is_what_the_models_say(make_database):
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="monitoring")
    assert migrate.differences(database.migrate_url, SERVICE.tables) == []


@pytest.mark.budget(60)  # 6 to 15 s, and more with each revision in CI
def test_down_and_up_again(make_database):
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="monitoring")
    migrate.downgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables)
    migrate.upgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables)
    assert migrate.differences(database.migrate_url, SERVICE.tables) == []


def test_every_table_with_a_region_forces_its_policy_and_belongs_to_the_owner(make_database):
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="monitoring")
    engine = create_engine(driver_url(database.migrate_url))
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT relname, relforcerowsecurity AND relrowsecurity AS forced, pg_get_userbyid(relowner) AS owner"
                " FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            )
        ).all()
    engine.dispose()
    forced = {row.relname for row in rows if row.forced}
    policed = {
        table.name for metadata in (kernel, SERVICE.tables) for table in metadata.tables.values() if is_policed(table)
    }
    assert policed
    assert forced == policed
    assert {row.owner for row in rows} == {"monitoring_owner"}


_ENDED = text(
    """
    WITH home AS (
        INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count, state,
                               origin, version, valid_from, monitoring_type, registered_on)
        VALUES (uuidv7(), 610999101203, 610999101203, false, false, '{01}', 0, 'moved_out', 'registered', 1,
                '2024-06-09', '3', '2024-06-08') RETURNING id, region
    )
    INSERT INTO monitoring_fact (household_id, number, region, holds_from, monitoring_type, risks, registered_on,
                                 ended_on, ended_as, source, source_id)
    SELECT id, 1, region, DATE '2024-06-09', '3', ARRAY['01'], DATE '2024-06-08', DATE '2024-06-09', 'natural_end',
           'case', uuidv7() FROM home
    """
)
_SHOWN = "SELECT monitoring_type, risks, registered_on::text"


def test_a_registration_that_had_ended_naturally_is_over_after_the_upgrade(make_database):
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="monitoring")
    migrate.downgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables, to="monitoring_0022")
    engine = create_engine(driver_url(database.migrate_url))
    with engine.begin() as connection:
        connection.execute(_ENDED)
    migrate.upgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables)
    with engine.begin() as connection:
        *shown, ended = connection.execute(text(f"{_SHOWN}, ended_monitoring FROM household")).one()
    assert shown == [None, [], None]
    assert ended == {
        "monitoring_type": "3", "risks": ["01"], "registered_on": "2024-06-08", "ended_on": "2024-06-09",
    }  # fmt: skip
    migrate.downgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables, to="monitoring_0022")
    with engine.begin() as connection:
        assert list(connection.execute(text(f"{_SHOWN} FROM household")).one()) == ["3", ["01"], "2024-06-08"]
    engine.dispose()


# Registered by a case in 610999 on 8 June, helped on the 9th, and moved to 610998, whither all of it had followed.
_MOVED = text(
    """
    WITH home AS (
        INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, risks, member_count, state,
                               origin, version, valid_from, recorded_at, monitoring_type, registered_on)
        VALUES (uuidv7(), 610998101203, 610999101203, false, false, '{01}', 3, 'active', 'registered', 2, '2024-06-10',
                '2024-06-10T08:00+08', '3', '2024-06-08') RETURNING *
    ), past AS (
        INSERT INTO household_history (id, version, region, valid_from, valid_to, recorded_at, replaced_at, document)
        SELECT id, 1, 610999101203, '2024-01-01', '2024-06-10', '2024-06-01T08:00+08', '2024-06-10T08:00+08',
               to_jsonb(home) FROM home
    ), own AS (
        INSERT INTO monitoring_case (id, region, household_id, state, day_0, urgent, plan, dues, step_count,
                                     shock_verified, risks, registered_on, monitoring_type, basis, version, origin)
        SELECT uuidv7(), region, id, 'registered', '2024-06-03', false, '{}', '{}', 3, true, risks, registered_on, '3',
               'shock', 3, 'clue' FROM home RETURNING *
    ), steps AS (
        INSERT INTO case_step (case_id, number, region, action, to_state, on_day, subject, role, details, taken_at,
                               recorded_at)
        SELECT own.id, step.*, step.recorded_at
        FROM own CROSS JOIN LATERAL (VALUES
            (1, own.region, 'dispatch', 'dispatched', DATE '2024-06-03', 'x', 'county_officer', JSONB '{}',
             TIMESTAMPTZ '2024-06-03T08:00+08'),
            (2, own.region, 'register', 'registered', DATE '2024-06-08', 'x', 'village_cadre', JSONB '{}',
             TIMESTAMPTZ '2024-06-08T08:00+08'),
            (3, own.region, 'move', 'registered', DATE '2024-06-10', 'x', 'county_officer',
             JSONB '{"from": "610999101203", "to": "610998101203"}', TIMESTAMPTZ '2024-06-10T08:00+08')
        ) AS step(number, region, action, to_state, on_day, subject, role, details, recorded_at)
    ), given AS (
        INSERT INTO measure (id, region, household_id, kind, risks, timing, description, started_on, source, state,
                             version, recorded_by, recorded_at)
        SELECT uuidv7(), region, id, 'health', '{01}', 'after_event', '签约', '2024-06-09', '乡卫生院', 'running', 1,
               'x', '2024-06-09T08:00+08' FROM home
    )
    INSERT INTO monitoring_fact (household_id, number, region, holds_from, monitoring_type, risks, registered_on,
                                 source, source_id, recorded_at)
    SELECT household_id, 1, region, registered_on, '3', risks, registered_on, 'case', id, '2024-06-08T08:00+08' FROM own
    """
)
_FACTS = "SELECT region, basis, CAST(known_since AT TIME ZONE 'Asia/Shanghai' AS date)::text FROM monitoring_fact"
_COURSES = """
    SELECT region, changed_on::text, registered_on::text, helped_on::text,
           CAST(replaced_at AT TIME ZONE 'Asia/Shanghai' AS date)::text
    FROM case_course ORDER BY recorded_at
"""


def test_what_a_county_knew_of_a_household_that_had_moved_is_known_there_after_the_upgrade(make_database):
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="monitoring")
    migrate.downgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables, to="monitoring_0032")
    engine = create_engine(driver_url(database.migrate_url))
    with engine.begin() as connection:
        connection.execute(_MOVED)
    migrate.upgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables)
    here, there = 610999101203, 610998101203
    with engine.begin() as connection:
        assert [tuple(row) for row in connection.execute(text(f"{_FACTS} ORDER BY known_since"))] == [
            (here, "shock", "2024-06-08"),
            (there, "shock", "2024-06-10"),
        ]
        assert [tuple(row) for row in connection.execute(text(_COURSES))] == [
            (here, "2024-06-03", None, None, "2024-06-08"),
            (here, "2024-06-03", "2024-06-08", None, "2024-06-09"),
            (here, "2024-06-03", "2024-06-08", "2024-06-09", "2024-06-10"),
            (there, "2024-06-03", "2024-06-08", "2024-06-09", None),
        ]
    migrate.downgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables, to="monitoring_0032")
    with engine.begin() as connection:
        assert connection.execute(text("SELECT region FROM monitoring_fact")).scalars().all() == [there]
    engine.dispose()
