"""A service's database with the kernel's tables of jobs and the queue in it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, inspect, text

import chassis.files.tables
import chassis.jobs.tables  # noqa: F401  # puts the tables into the kernel's metadata
from chassis.database.engine import driver_url
from chassis.database.metadata import is_policed, kernel
from chassis.database.policies import guard_by_area
from chassis.files.files import Files
from chassis.files.sealed_store import SealedStore, open_objects
from chassis.jobs import schema
from chassis.program import Program

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode puts no folder of tests on the path
from tests_jobs_kinds import own


@pytest.fixture
def make_job_program(make_program: Callable[..., Program], make_database: Callable[..., Any]) -> Callable[..., Program]:
    """``make_job_program()``: a program whose database has jobs, the queue, and a table ``work`` for handlers."""

    def make(**options: Any) -> Program:
        database = make_database(own)
        complete(database.migrate_url)
        return make_program("jobs", database=database, **options)

    return make


def complete(migrate_url: str) -> None:
    """Add what the kernel's migrations lack yet of its metadata, and the queue."""
    engine = create_engine(driver_url(migrate_url))
    with engine.begin() as connection:
        owner = connection.execute(text("SELECT regexp_replace(current_user, '_migrate$', '_owner')")).scalar_one()
        connection.execute(text("SELECT set_config('role', :owner, true)"), {"owner": owner})
        there = set(inspect(connection).get_table_names())
        kernel.create_all(connection)
        for table in kernel.sorted_tables:
            if table.name not in there and is_policed(table):
                for statement in guard_by_area(table.name):
                    connection.execute(text(statement))
        if "procrastinate_jobs" not in there:
            schema.install(Operations(MigrationContext.configure(connection)))
    engine.dispose()


@pytest.fixture
def program(make_job_program, tmp_path: Path) -> Program:
    made = make_job_program()
    made.extras[Files] = Files(SealedStore(open_objects(tmp_path / "store"), made.vault.encryptor))
    return made
