"""``xianjie migrate`` brings a database to the newest schema, wherever it is, and says what it did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from typer.testing import CliRunner

from chassis.database import migrate
from chassis.database.server import EmbeddedPostgres, remove
from deploy.console.main import app
from deploy.embedded.installation import PROGRAMS, Installation
from services.monitoring.app import SERVICE


def xianjie(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["migrate", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Installation]:
    """An installation whose PostgreSQL was made and has stopped, with no service in it."""
    installation = Installation(tmp_path / "data")
    installation.prepare()
    with EmbeddedPostgres.start(installation.postgres, fsync=False):
        pass
    yield installation
    remove(installation.postgres)


def test_an_installation_that_does_not_run_is_brought_up_to_date_and_left_stopped(stopped):
    code, said = xianjie("--data", str(stopped.directory))
    assert code == 0
    told = dict(line.removesuffix(".").split(": ran ") for line in said.splitlines() if ": ran " in line)
    assert set(told) == {program.name for program in PROGRAMS}
    for program in PROGRAMS:
        script = ScriptDirectory.from_config(migrate.configuration(program.migrations, program.tables))
        ran = told[program.name].split(", ")
        assert set(ran) == {revision.revision for revision in script.walk_revisions()}
        assert ran.index("kernel_0001") < ran.index("kernel_0002")
    code, said = xianjie("--data", str(stopped.directory))
    newest = [f"{program.name}: at the newest schema already." for program in PROGRAMS]
    assert (code, said.splitlines()[-len(newest) :]) == (0, newest)
    remove(stopped.postgres)  # refused while anything runs


def test_one_service_is_migrated_where_the_environment_says(make_database, monkeypatch, tmp_path):
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="monitoring")
    migrate.downgrade(database.migrate_url, SERVICE.migrations, SERVICE.tables, to="kernel_0001")
    secret = tmp_path / "url"
    secret.write_text(database.migrate_url + "\n")
    monkeypatch.setenv("XIANJIE_MIGRATE_DATABASE_URL_FILE", str(secret))
    code, said = xianjie("--service", "monitoring")
    assert code == 0
    assert said.startswith("monitoring: ran kernel_0002")
    assert xianjie("--service", "monitoring") == (0, "monitoring: at the newest schema already.\n")
    assert xianjie() == (1, "XIANJIE_MIGRATE_DATABASE_URL is set: say --service.\n")
    assert "There is no such service; there are: monitoring" in xianjie("--service", "nothing")[1]


def test_a_database_that_cannot_be_reached_is_a_sentence_without_its_password(monkeypatch):
    monkeypatch.setenv("XIANJIE_MIGRATE_DATABASE_URL", "postgresql://monitoring_migrate:hush-hush@127.0.0.1:1/nothing")
    code, said = xianjie("--service", "monitoring")
    assert code == 1
    assert "The database of monitoring was not brought up to date" in said
    assert "XIANJIE_MIGRATE_DATABASE_URL" in said
    assert "hush" not in said


def test_a_folder_without_a_platform_is_told_so(tmp_path):
    code, said = xianjie("--data", str(tmp_path))
    assert code == 1
    assert "There is no platform in" in said
