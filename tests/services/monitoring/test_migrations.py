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
