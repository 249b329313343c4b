"""The gateway's own schema goes up, down and up again, and is what the models say."""

from __future__ import annotations

from chassis.database import migrate
from gateway.service import SERVICE


def test_the_schema_is_what_the_models_say_also_after_down_and_up(make_database):
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="gateway")
    assert migrate.differences(database.migrate_url, SERVICE.tables) == []
    migrate.downgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables)
    migrate.upgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables)
    assert migrate.differences(database.migrate_url, SERVICE.tables) == []
