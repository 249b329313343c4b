"""Whatever keeps the platform from starting is one sentence that says what to do."""

from __future__ import annotations

import asyncio
import errno
import io
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from rich.console import Console
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from chassis.clock import FixedClock
from chassis.database.server import EmbeddedPostgres, failures
from chassis.errors import Message
from chassis.ports import free_port
from deploy.console import progress
from deploy.console.main import app
from deploy.embedded import databases
from deploy.embedded.installation import Installation
from deploy.embedded.passwords import PasswordBook
from deploy.embedded.sign_ins import keep_sign_ins, read_sign_ins
from deploy.sample.loading import Progress as Step
from deploy.sample.officers import officers


@pytest.fixture
def serve(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``serve("--region", …)``: the command over an empty folder; nothing of it starts a server."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("XIANJIE_SAMPLE_HOUSEHOLDS", "0")

    def run(*words: str) -> Result:
        result = CliRunner().invoke(
            app, ["serve", "--data", str(tmp_path / "data"), "--port", str(free_port()), *words]
        )
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == 1
        return result

    return run


def no_space(*_words: object, **_options: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("place", ["prepare", "write_run", "forget_sockets"])
def test_a_full_disk_is_named_wherever_the_start_meets_it(serve, monkeypatch, place):
    monkeypatch.setattr(Installation, place, no_space)
    monkeypatch.setattr(EmbeddedPostgres, "start", lambda *_words, **_options: Silent())
    monkeypatch.setattr("deploy.embedded.databases.bring_up_to_date", lambda *_words: databases.Databases({}, {}))
    assert "is full. Free at least 1 GB and start again" in serve().output


def test_a_full_disk_while_the_samples_people_are_written_is_named(serve, monkeypatch):
    monkeypatch.setattr(Installation, "prepare", no_space)
    assert "is full. Free at least 1 GB and start again" in serve("--sample-households", "3").output


class Silent:
    """A server that is only held."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_error: object) -> None:
        return


def test_a_data_directory_of_another_postgresql_is_named(serve, monkeypatch, tmp_path):
    def start(*_words: object, **_options: object) -> None:
        raise failures.another_version(tmp_path, found="16", expected="18")

    monkeypatch.setattr(EmbeddedPostgres, "start", start)
    said = serve().output
    assert "was made by PostgreSQL 16; this program runs PostgreSQL 18" in said
    assert "XIANJIE_DATA_DIR=" in said


def test_a_folder_that_may_not_be_written_is_named(serve, monkeypatch, tmp_path):
    def refused(*_words: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "data" / "key-ring.json"))

    monkeypatch.setattr(Installation, "prepare", refused)
    said = serve().output
    assert "key-ring.json cannot be read or written (Permission denied)" in said
    assert "Change its owner or permissions, or choose another data directory" in said


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("issuer.pem", "holds no Ed25519 key: remove it"),
        ("sign-ins.json", "is damaged: restore it from a backup"),
        ("password-hashes.json", "is damaged"),
    ],
)
def test_a_damaged_file_is_named(serve, tmp_path, name, says):
    installation = Installation(tmp_path / "data")
    installation.prepare()
    keep_sign_ins(installation, officers([])[:1])
    (installation.directory / name).write_text("{]")
    said = serve("--sample-households", "3").output
    assert name in said
    assert says in said


def test_a_secret_that_others_may_read_is_named(serve, tmp_path):
    installation = Installation(tmp_path / "data")
    installation.prepare()
    (installation.directory / "issuer.pem").chmod(0o644)
    assert "run `chmod 600 " in serve().output


def test_a_taken_port_is_named_before_anything_is_made(serve, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = serve("--sample-households", "3", "--port", str(taken.getsockname()[1])).output
    assert "is taken; start with PORT=another" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("lost", ["password-hashes.json", "sign-ins.json"])
def test_a_file_of_the_samples_people_that_was_removed_as_told_is_made_anew(serve, monkeypatch, tmp_path, lost):
    installation = Installation(tmp_path / "data")
    installation.prepare()
    people = officers([])[:1]  # each password costs a fifth of a second
    before = keep_sign_ins(installation, people)
    (installation.directory / "sample-loaded").touch()
    (installation.directory / lost).unlink()
    monkeypatch.setattr(EmbeddedPostgres, "start", no_space)
    monkeypatch.setattr("deploy.sample.installing.keep_sign_ins", lambda at, _county: keep_sign_ins(at, people))
    serve("--sample-households", "3")
    after = read_sign_ins(installation)
    assert [entry.username for entry in after] == [entry.username for entry in before]
    if lost == "password-hashes.json":
        assert after == before
    book, now = PasswordBook(installation.password_book), FixedClock().system_now()
    assert asyncio.run(book.is_right(after[0].username, after[0].password, now=now))


def test_an_exporter_of_traces_that_is_not_installed_is_named_before_anything_starts(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "carrier_pigeon")
    said = serve().output
    assert "OTEL_TRACES_EXPORTER=carrier_pigeon: no such exporter is installed" in said
    assert "pip install -e '.[otlp]'" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (psycopg.errors.DiskFull("could not extend file"), "is full. Free at least 1 GB"),
        (OperationalError("", {}, psycopg.errors.DiskFull("could not extend file")), "is full. Free at least 1 GB"),
        (OperationalError("", {}, psycopg.errors.LockNotAvailable("a name")), "(SQLSTATE 55P03); what was done stays"),
    ],
)
def test_a_schema_that_cannot_be_brought_up_to_date_is_named(error, says):
    refused = databases.refused(error, "monitoring", place=Path("data"), log=Path("log"))
    assert says in refused.message.en
    assert "a name" not in refused.message.en + refused.message.zh


def test_the_loading_of_the_sample_shows_a_bar_for_each_step(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setattr(progress, "out", Console(file=screen, force_terminal=True, width=100))
    with progress.bars() as tell:
        tell(Step(Message("农户", "households"), 3, 600))
        tell(Step(Message("农户", "households"), 600, 600))
        tell(Step(Message("部门文件", "department files"), 1, 22))
    shown = screen.getvalue()
    assert "农户" in shown
    assert "600/600" in shown
    assert "部门文件" in shown
    assert "1/22" in shown
