"""Bring a service's database to its newest schema, as the owner, with bounded waits for locks.

The kernel's tables and a service's own are two branches of one Alembic history. DDL runs under ``SET ROLE`` of the
owner; a data step runs as ``migrate`` itself, which no row-level policy filters: ``with data_step(op): …``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import alembic.command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, MetaData, create_engine, text

from chassis.database import kernel_tables  # noqa: F401  # so that the metadata is whole
from chassis.database.engine import driver_url
from chassis.database.metadata import kernel
from chassis.database.policies import guard_by_area
from chassis.database.revisions import KERNEL_VERSIONS as KERNEL_VERSIONS

LOCK_TIMEOUT_SECONDS: Final = 5
_HERE: Final = Path(__file__).parent / "migrations"


def configuration(versions: Path, tables: MetaData, connection: Connection | None = None) -> Config:
    """Alembic's configuration for one service, without a file."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", ":".join(dict.fromkeys([str(KERNEL_VERSIONS), str(versions)])))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = [kernel, tables]
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(driver_url(url), hide_parameters=True)
    try:
        with engine.connect() as connection:
            owner = connection.execute(text("SELECT regexp_replace(current_user, '_migrate$', '_owner')")).scalar_one()
            connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"))
            connection.execute(text("SELECT set_config('role', :owner, false)"), {"owner": owner})
            connection.commit()
            yield connection
    finally:
        engine.dispose()


def upgrade(url: str, versions: Path, tables: MetaData, *, to: str = "heads") -> list[str]:
    """Run every migration that is still to run, and name them in their order. ``url`` is of the role ``migrate``."""
    ran: list[str] = []
    with _connected(url) as connection:
        config = configuration(versions, tables, connection)
        config.attributes["on_version"] = lambda *, step, **_more: ran.append(step.up_revision_id)
        alembic.command.upgrade(config, to)
    return ran


def downgrade(url: str, versions: Path, tables: MetaData, *, to: str = "base") -> None:
    """Undo migrations; tests go up, down and up again."""
    with _connected(url) as connection:
        alembic.command.downgrade(configuration(versions, tables, connection), to)


def differences(url: str, tables: MetaData) -> list[Any]:
    """What the models say and the database lacks, or the reverse; empty when they agree."""
    found: list[Any] = []
    with _connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours, "compare_type": True})
        both = MetaData()
        for metadata in (kernel, tables):
            for table in metadata.tables.values():
                table.to_metadata(both)
        found.extend(compare_metadata(context, both))
    return found


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave Alembic's own table and the job queue's to those libraries."""
    return not (kind == "table" and name is not None and name.startswith(("alembic_", "procrastinate_")))


@contextmanager
def data_step(operations: Operations) -> Iterator[None]:
    """Run statements on data as ``migrate`` (BYPASSRLS): as the owner, forced policies would filter them to no rows."""
    owner = operations.get_bind().execute(text("SELECT current_user")).scalar_one()
    operations.execute("RESET ROLE")
    try:
        yield
    finally:
        operations.execute(text("SELECT set_config('role', :owner, false)").bindparams(owner=owner))


def guard(operations: Operations, table: str) -> None:
    """Force row-level security by area on a new table; every table with a ``region`` needs it."""
    for statement in guard_by_area(table):
        operations.execute(statement)
