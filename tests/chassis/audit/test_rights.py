"""The role that serves can add to the audit and read it; what stands there it can neither change nor remove."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest
from psycopg import sql

from chassis.audit.chain import RingChainKeys
from chassis.audit.checkpoints import CheckpointFile, sealed_event
from chassis.audit.rights import APPEND_ONLY
from chassis.audit.sealer import Sealer
from chassis.clock import FixedClock
from chassis.database.metadata import kernel
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.testing.programs import COUNTY, RING, VILLAGE, officer


@pytest.fixture
async def sealed(make_program, make_database, tmp_path):
    """A database whose audit has an entry, its seal, a checkpoint and its epoch, all written as the role ``app``."""
    database = make_database()
    program = make_program(database=database)
    async with program.unit(officer()) as unit:
        unit.record("thing.changed", Aggregate("thing", new_id(), VILLAGE, 1), fields=["name"])
    file = CheckpointFile(tmp_path / "checkpoints.jsonl", database="test")
    keys, event = RingChainKeys(RING), sealed_event("test")
    sealer = Sealer(program.database, keys, file, event=event, region=COUNTY, clock=FixedClock())
    while not (await sealer.turn(publish=True)).published:
        pass
    return database


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_the_serving_role_changes_and_deletes_nothing_of_the_audit(sealed, table):
    column = kernel.tables[table].columns.values()[-1].name
    statements = [
        sql.SQL("UPDATE {table} SET {column} = {column}"),
        sql.SQL("DELETE FROM {table}"),
        sql.SQL("TRUNCATE {table}"),
        sql.SQL("SELECT FROM {table} FOR UPDATE"),
        sql.SQL("ALTER TABLE {table} ADD COLUMN more integer"),
        sql.SQL("MERGE INTO {table} AS old USING {table} AS new ON false WHEN MATCHED THEN DELETE"),
    ]
    with closing(psycopg.connect(sealed.app_url, autocommit=True)) as connection:
        connection.execute(
            "SELECT set_config('app.area_lo', '0', false), set_config('app.area_hi', '999999999999', false)"
        )
        assert table == "audit_read" or connection.execute(f"SELECT count(*) FROM {table}").fetchone() != (0,)
        for statement in statements:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.format(table=sql.Identifier(table), column=sql.Identifier(column)))


async def test_the_serving_role_cannot_wind_the_numbers_of_entries_back(sealed):
    with (
        closing(psycopg.connect(sealed.app_url, autocommit=True)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT setval(pg_get_serial_sequence('audit_entry', 'id'), 1)")
