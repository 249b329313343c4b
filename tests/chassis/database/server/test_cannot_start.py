"""A server that cannot start says what is wrong and what to do, and leaves everything as it was."""

from __future__ import annotations

import errno
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from chassis.database.server import PostgresFailed, failures, folders, remove
from tests.chassis.database.server.starting import start


def test_a_data_directory_of_another_version_is_refused_and_left_as_it_is(data: Path):
    version = data / "cluster" / "PG_VERSION"
    version.write_text("16\n")
    try:
        with pytest.raises(PostgresFailed) as refused:
            start(data)
        assert version.read_text() == "16\n"
    finally:
        version.write_text("18\n")
    assert "was made by PostgreSQL 16; this program runs PostgreSQL 18" in refused.value.message.en
    assert "XIANJIE_DATA_DIR=" in refused.value.message.en
    assert "是 PostgreSQL 16 建立的，本程序使用 PostgreSQL 18" in refused.value.message.zh


def test_a_wrong_setting_is_named_at_once_and_nothing_keeps_running(data: Path):
    began = time.monotonic()
    with pytest.raises(PostgresFailed, match=r'setting(.*\n)+.*invalid value for parameter "work_mem"'):
        start(data, settings={"work_mem": "plenty"})
    assert time.monotonic() - began < 5
    with start(data) as server:  # the lock was given back
        assert server.is_running()


def test_a_lost_or_foreign_password_file_says_to_restore_it(data: Path):
    kept = (data / "superuser.password").read_text()
    try:
        (data / "superuser.password").write_text("foreign")
        with pytest.raises(PostgresFailed, match="is not the one of this database"):
            start(data)
        (data / "superuser.password").unlink()
        with pytest.raises(PostgresFailed, match="Restore that file"):
            start(data)
    finally:
        folders.write_private(data / "superuser.password", kept)


def test_a_start_that_never_succeeds_ends_with_the_last_lines_of_the_log(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chassis.database.server.embedded.START_SECONDS_MAX", 0.5)
    control = data / "cluster" / "global" / "pg_control"
    aside = control.rename(control.with_name("aside"))
    try:
        with pytest.raises(PostgresFailed, match="did not start within") as refused:
            start(data)
    finally:
        aside.rename(control)
    assert "could not find the database system" in refused.value.message.zh


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PostgresFailed, match=r"cannot be read or written \(Not a directory\).*XIANJIE_DATA_DIR="):
        start(tmp_path / "file" / "data")


def test_a_full_disk_is_named_before_and_while_the_database_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=20_000_000))
    with pytest.raises(PostgresFailed, match=r"is full\. Free at least 1 GB"):
        start(tmp_path / "data")
    remove(tmp_path / "data")
    assert not (tmp_path / "data").exists()
    full = failures.unusable(tmp_path, OSError(errno.ENOSPC, "No space left on device"))
    assert "空间不足" in full.message.zh
    said = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    assert failures.known_reason(said, cluster=tmp_path, log=tmp_path).message == full.message
    assert failures.known_reason("FATAL:  lock file exists", cluster=tmp_path, log=tmp_path) is None
