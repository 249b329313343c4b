"""Migrations go up, down and up again, and say exactly what the models say."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from chassis.database import migrate
from chassis.database.engine import driver_url
from chassis.database.metadata import is_policed, kernel
from services.monitoring.app import SERVICE


def test_the_schema_is_what_the_models_say(make_database):
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="monitoring")
    assert migrate.differences(database.migrate_url, SERVICE.tables) == []


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
