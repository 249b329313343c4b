"""A migration's step on data reaches every row, and its tables belong to the owner."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text

import chassis.files.tables  # noqa: F401  # puts the table into the kernel's metadata
from chassis.database.engine import driver_url
from chassis.database.migrate import data_step
from chassis.testing.programs import COUNTY

_FILL = text(
    "INSERT INTO stored_object (id, region, address, size, media) VALUES (uuidv7(), :region, 'a', 1, 'text/csv')"
)
_CHANGE = text("UPDATE stored_object SET size = size + 1")
_OWNER = text("SELECT set_config('role', regexp_replace(current_user, '_migrate$', '_owner'), false)")


def test_a_step_on_data_changes_rows_that_forced_policies_hide_from_the_owner(make_database):
    database = make_database()
    engine = create_engine(driver_url(database.migrate_url))
    with engine.connect() as connection:
        connection.execute(_FILL, {"region": COUNTY})
        connection.execute(_OWNER)
        owner = connection.scalar(text("SELECT current_user"))
        operations = Operations(MigrationContext.configure(connection))
        assert connection.execute(_CHANGE).rowcount == 0, "the owner sees nothing: forced policy, no area"
        with data_step(operations):
            assert connection.execute(_CHANGE).rowcount == 1
        assert connection.scalar(text("SELECT current_user")) == owner != "postgres"
        owners = connection.scalars(text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"))
        assert set(owners) == {owner}
    engine.dispose()
