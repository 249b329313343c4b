"""Each role may do its own work and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from chassis.database.provision import (
    ServiceDatabase,
    ServicePasswords,
    clone,
    drop,
    load_or_make_passwords,
    provision,
)
from chassis.database.server import EmbeddedPostgres, PostgresFailed, remove

OLD = ServicePasswords(app="old'app", migrate="old:mig@rate", backup="old/backup")
NEW = ServicePasswords(app="new'app", migrate="new:mig@rate", backup="new/backup")
PLANTED = "610999199001010018"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    data = tmp_path_factory.mktemp("provision") / "postgresql"
    with EmbeddedPostgres.start(data, fsync=False) as server:
        yield server
    remove(data)


@pytest.fixture(scope="module")
def service(server: EmbeddedPostgres) -> ServiceDatabase:
    """A database with one migration behind it: a table under forced row-level security, a view and a function."""
    first = provision(server.superuser_url(), "monitoring", OLD)
    with psycopg.connect(first.migrate_url) as migration:
        migration.execute("SET ROLE monitoring_owner")
        migration.execute("""
            CREATE TABLE household (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region bigint NOT NULL, note text UNIQUE
            );
            ALTER TABLE household ENABLE ROW LEVEL SECURITY;
            ALTER TABLE household FORCE ROW LEVEL SECURITY;
            CREATE POLICY area ON household USING (
                region BETWEEN NULLIF(current_setting('app.area_lo', true), '')::bigint
                AND NULLIF(current_setting('app.area_hi', true), '')::bigint
            );
            CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1;
        """)
        migration.execute("RESET ROLE")
        migration.execute("INSERT INTO household (region, note) VALUES (610999000000, 'a'), (610998000000, 'b')")
    return provision(server.superuser_url(), "monitoring", NEW)


def test_a_repeated_provision_sets_new_passwords(service: ServiceDatabase, server: EmbeddedPostgres):
    for role, old, url in (
        ("app", OLD.app, service.app_url),
        ("migrate", OLD.migrate, service.migrate_url),
        ("backup", OLD.backup, service.backup_url),
    ):
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (f"monitoring_{role}",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url(f"monitoring_{role}", old, "monitoring"))


def test_no_role_holds_a_power_over_the_server(service: ServiceDatabase, server: EmbeddedPostgres):
    with psycopg.connect(server.superuser_url()) as connection:
        rows = connection.execute(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication"
            " FROM pg_roles WHERE rolname LIKE 'monitoring%' ORDER BY 1"
        ).fetchall()
    assert rows == [
        ("monitoring_app", True, False, False),
        ("monitoring_backup", True, True, False),
        ("monitoring_migrate", True, True, False),
        ("monitoring_owner", False, False, False),
    ]


def test_app_sees_only_its_area_and_cannot_step_around_it(service: ServiceDatabase):
    with psycopg.connect(service.app_url, autocommit=True) as app:
        assert app.execute("SELECT count(*) FROM household").fetchone() == (0,)
        app.execute("SET app.area_lo = 610999000000; SET app.area_hi = 610999999999")
        assert app.execute("SELECT note FROM household").fetchall() == [("a",)]
        assert app.execute("SELECT one()").fetchone() == (1,)
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            app.execute("INSERT INTO household (region) VALUES (610998000000)")
        for forbidden in (
            "SET ROLE monitoring_owner",
            "SET ROLE monitoring_migrate",
            "ALTER TABLE household DISABLE ROW LEVEL SECURITY",
            "ALTER ROLE monitoring_app BYPASSRLS",
            "CREATE TABLE mine (id int)",
            "TRUNCATE household",
            "SET log_min_messages = 'debug5'",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(forbidden)
        app.execute("SET row_security = off")
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            app.execute("SELECT * FROM household")


def test_app_writes_in_its_area_and_through_a_temporary_table(service: ServiceDatabase):
    with psycopg.connect(service.app_url) as app:
        app.execute("SET app.area_lo = 610999000000; SET app.area_hi = 610999999999")
        app.execute("CREATE TEMPORARY TABLE incoming (region bigint) ON COMMIT DROP")
        with app.cursor().copy("COPY incoming FROM STDIN") as copy:
            copy.write_row((610999101000,))
        app.execute("INSERT INTO household (region) SELECT region FROM incoming")
        app.execute("UPDATE household SET note = 'c' WHERE region = 610999101000")
        assert app.execute("DELETE FROM household WHERE note = 'c'").rowcount == 1


def test_migrate_becomes_the_owner_and_changes_rows_of_every_area(service: ServiceDatabase):
    with psycopg.connect(service.migrate_url, autocommit=True) as migrate:
        assert migrate.execute("UPDATE household SET note = note").rowcount == 2
        with pytest.raises(errors.InsufficientPrivilege):
            migrate.execute("CREATE TABLE astray (id int)")
        migrate.execute("SET ROLE monitoring_owner")
        migrate.execute("CREATE TABLE made (id int)")
        assert migrate.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall() == [
            ("monitoring_owner",)
        ]
        migrate.execute("DROP TABLE made")


def test_backup_reads_every_area_and_writes_nothing(service: ServiceDatabase, server: EmbeddedPostgres):
    with psycopg.connect(service.backup_url, autocommit=True) as backup:
        assert backup.execute("SELECT count(*) FROM household").fetchone() == (2,)
        with pytest.raises(errors.ReadOnlySqlTransaction):
            backup.execute("DELETE FROM household")
        backup.execute("SET default_transaction_read_only = off")
        for forbidden in ("DELETE FROM household", "INSERT INTO household (region) VALUES (1)", "CREATE TABLE x ()"):
            with pytest.raises(errors.InsufficientPrivilege):
                backup.execute(forbidden)
    dumped = subprocess.run(
        [server.programs / "pg_dump", "--data-only", service.backup_url], capture_output=True, text=True, check=True
    ).stdout
    assert "610999000000" in dumped
    assert "610998000000" in dumped


def test_the_roles_of_one_service_cannot_enter_another_services_database(
    service: ServiceDatabase, server: EmbeddedPostgres
):
    provision(server.superuser_url(), "assets", NEW)
    for url in (service.app_url, service.migrate_url, service.backup_url):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(url.replace("/monitoring?", "/assets?"))


def test_an_offered_value_reaches_the_program_but_not_the_servers_log(
    service: ServiceDatabase, server: EmbeddedPostgres
):
    for url in (service.app_url, service.migrate_url, service.backup_url):
        with psycopg.connect(url, autocommit=True) as connection:
            with pytest.raises(errors.Error, match=PLANTED):
                connection.execute(f"SELECT '{PLANTED}'::int")
            with pytest.raises(errors.Error, match=PLANTED):
                connection.execute("SELECT %s::text::date", (PLANTED + "x",))
    with psycopg.connect(service.migrate_url, autocommit=True) as migrate:
        migrate.execute("INSERT INTO household (region, note) VALUES (610999000000, %s)", (PLANTED,))
        with pytest.raises(errors.UniqueViolation, match=PLANTED):
            migrate.execute("INSERT INTO household (region, note) VALUES (610999000000, %s)", (PLANTED,))
        migrate.execute("DELETE FROM household WHERE note = %s", (PLANTED,))
    with psycopg.connect(server.superuser_url()) as control, pytest.raises(errors.InvalidTextRepresentation):
        control.execute("SELECT 'control'::int")  # shows that errors do reach this log
    assert 'integer: "control"' in server.log.read_text()
    assert PLANTED not in server.log.read_text()


def test_a_clone_keeps_data_owner_and_grants_and_is_apart(service: ServiceDatabase, server: EmbeddedPostgres):
    clone(server.superuser_url(), "monitoring", "monitoring_1")
    copy = service.in_database("monitoring_1")
    with psycopg.connect(copy.migrate_url, autocommit=True) as migrate:
        migrate.execute("DELETE FROM household WHERE note = 'b'")
        migrate.execute("SET ROLE monitoring_owner")
        migrate.execute("CREATE TABLE later (id int)")
    with psycopg.connect(copy.app_url) as app:
        app.execute("CREATE TEMPORARY TABLE t (id int)")
        assert app.execute("SELECT count(*) FROM later").fetchone() == (0,)
    with psycopg.connect(service.backup_url) as backup:
        assert backup.execute("SELECT count(*) FROM household").fetchone() == (2,)
    with psycopg.connect(server.superuser_url()) as connection:
        grants = "SELECT datdba, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a) FROM pg_database"
        rows = connection.execute(f"{grants} WHERE datname IN ('monitoring', 'monitoring_1')").fetchall()
    assert len(rows) == 2
    assert rows[0] == rows[1]
    with pytest.raises(errors.DuplicateDatabase):
        clone(server.superuser_url(), "monitoring", "monitoring_1")
    with pytest.raises(errors.InvalidCatalogName):
        clone(server.superuser_url(), "absent", "monitoring_2")


def test_a_dropped_database_is_gone_also_while_someone_is_in_it(service: ServiceDatabase, server: EmbeddedPostgres):
    clone(server.superuser_url(), "monitoring", "monitoring_3")
    with psycopg.connect(service.in_database("monitoring_3").app_url) as app:
        drop(server.superuser_url(), "monitoring_3")
        with pytest.raises(psycopg.OperationalError):
            app.execute("SELECT 1")
    drop(server.superuser_url(), "monitoring_3")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(service.in_database("monitoring_3").app_url)


@pytest.mark.parametrize("name", ["", "Monitoring", "1a", 'a"b', "a-b", "a" * 60])
def test_a_name_that_is_no_plain_identifier_is_refused(name: str):
    with pytest.raises(ValueError, match="lower-case"):
        provision("postgresql://nobody@/x", name, OLD)


def test_passwords_are_made_once_kept_private_and_extended(tmp_path: Path):
    path = tmp_path / "keys" / "passwords.json"
    first = load_or_make_passwords(path, ["monitoring"])
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    assert load_or_make_passwords(path, ["monitoring"]) == first
    assert path.stat().st_mode & 0o777 == 0o600
    both = load_or_make_passwords(path, ["monitoring", "assets"])
    assert both["monitoring"] == first["monitoring"]
    made = [word for entry in json.loads(path.read_text()).values() for word in entry.values()]
    assert len(set(made)) == 6
    assert min(map(len, made)) >= 32
    assert not any(word in repr(both) for word in made)


@pytest.mark.parametrize("content", ["", "[]", '{"monitoring": 1}', '{"monitoring": {"app": "x"}}'])
def test_a_damaged_password_file_is_refused_with_what_to_do(tmp_path: Path, content: str):
    path = tmp_path / "passwords.json"
    path.write_text(content)
    with pytest.raises(PostgresFailed, match="Restore it from a backup") as refused:
        load_or_make_passwords(path, ["monitoring"])
    assert "从备份恢复" in refused.value.message.zh
    assert path.read_text() == content
