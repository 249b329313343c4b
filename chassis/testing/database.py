"""Give each test a database of its own: cloned from a migrated template on one real PostgreSQL per test process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import MetaData, create_engine, text

from chassis.database import migrate
from chassis.database.engine import driver_url
from chassis.database.metadata import is_policed
from chassis.database.policies import guard_by_area
from chassis.database.provision import ServiceDatabase, ServicePasswords, clone, drop, provision
from chassis.database.server import EmbeddedPostgres, remove
from chassis.identifiers import new_id
from chassis.testing.memory import folder_in_memory

_PASSWORD: Final = "only-for-tests-on-loopback"  # noqa: S105
# Who is cancelled while it connects leaves a connection that never signs in; dropping a database waits for that one.
# Each test connects a dozen times; 4,096 rounds of hashing at each cost 4 ms, and passwords of tests are known anyway.
# What the autovacuum writes in whatever database holds back the cluster's snapshot horizon for a moment, and with it
# sealing and change feeds; no test's database lives long enough to need it.
_SETTINGS: Final = {"authentication_timeout": "10s", "scram_iterations": "1", "autovacuum": "off"}
PASSWORDS: Final = ServicePasswords(app=_PASSWORD, migrate=_PASSWORD, backup=_PASSWORD)
_templates: Final[dict[tuple[str, str], ServiceDatabase]] = {}
"""By server and name."""


@contextmanager
def postgres(directory: Path, *, fsync: bool = False) -> Iterator[str]:
    """A server for one test process; yields its superuser's address.

    Its files lie in memory where there is room, otherwise in ``directory``.

    Workers of a parallel run do not share one: a transaction that a neighbour holds open, in whatever database, holds
    back the cluster's snapshot horizon, and with it sealing and change feeds.
    """
    with folder_in_memory() as memory:
        data = directory if memory is None else memory / "data"
        try:
            with EmbeddedPostgres.start(data, fsync=fsync, settings=_SETTINGS, homes=memory) as server:
                _hash_again(server.superuser_url())
                yield server.superuser_url()
        finally:
            remove(data)


def template(superuser_url: str, name: str, versions: Path | None, tables: MetaData) -> ServiceDatabase:
    """The migrated template of one service, made for the first who asks this process for it.

    :param versions: the service's migrations; None makes ``tables`` straight from the metadata, for tables that only
        a test has.
    """
    if (known := _templates.get((superuser_url, name))) is not None:
        return known
    made = provision(superuser_url, name, PASSWORDS)
    migrate.upgrade(made.migrate_url, versions or migrate.KERNEL_VERSIONS, tables)
    if versions is None:
        _make(made.migrate_url, tables)
    _templates[superuser_url, name] = made
    return made


@contextmanager
def fresh(superuser_url: str, of: ServiceDatabase) -> Iterator[ServiceDatabase]:
    """A copy of a template, dropped afterwards."""
    name = f"t_{of.name[:20]}_{new_id().hex[-20:]}"
    clone(superuser_url, of.name, name)
    try:
        yield of.in_database(name)
    finally:
        drop(superuser_url, name)


def meddle(database: ServiceDatabase, *statements: str) -> None:
    """Change rows as somebody with the rights of the role ``migrate``, whom neither policies nor grants stop.

    :raises AssertionError: if a statement changes nothing.
    """
    engine = create_engine(driver_url(database.migrate_url))
    with engine.begin() as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0, "the meddling must change something"
    engine.dispose()


def template_name(tables: MetaData) -> str:
    """A name for the template of tables that only a test has."""
    digest = hashlib.sha256(repr(sorted(tables.tables)).encode()).hexdigest()[:12]
    return f"kernel_{digest}"


def _hash_again(superuser_url: str) -> None:
    """Store the superuser's password, which was set before the server had its settings, as these say."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        name, password = connection.info.user, connection.info.password
        stored = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(stored)))


def _make(url: str, tables: MetaData) -> None:
    engine = create_engine(driver_url(url))
    owner = f"{engine.url.database}_owner"
    with engine.begin() as connection:
        connection.execute(text("SELECT set_config('role', :owner, true)"), {"owner": owner})
        tables.create_all(connection)
        for table in tables.sorted_tables:
            if is_policed(table):
                for statement in guard_by_area(table.name):
                    connection.execute(text(statement))
    engine.dispose()
