"""The embedded server keeps its data, its address and its files' privacy, and spares what is not its own."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from chassis.database.server import PostgresFailed, folders, remove
from chassis.database.server.folders import Folders
from tests.chassis.database.server.starting import ask, start


def test_a_stopped_server_starts_again_with_its_data_on_the_same_port(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XIANJIE_KEY_RING", "secret")
    with start(data) as first:
        ask(first.superuser_url(), "CREATE TABLE kept AS SELECT 42 AS number")
        assert first.is_running()
        assert os.getsid(first.pid) != os.getsid(0)  # Ctrl-C at the terminal does not reach it
        if sys.platform == "linux":
            assert b"secret" not in Path(f"/proc/{first.pid}/environ").read_bytes()
    first.stop()
    assert not first.is_running()
    assert not psutil.pid_exists(first.pid)
    with start(data, settings={"work_mem": "5MB", "log_min_error_statement": "error"}) as second:
        assert ask(second.superuser_url(), "SELECT number FROM kept") == 42
        assert second.superuser_url() == first.superuser_url()
        by_loopback = second.url(
            "postgres", (data / "superuser.password").read_text().strip(), "postgres", by_loopback=True
        )
        assert "127.0.0.1" in by_loopback
        for setting, value in {
            "work_mem": "5MB",
            "log_min_error_statement": "panic",
            "data_checksums": "on",
            "listen_addresses": "127.0.0.1",
            "max_connections": "200",
            "server_encoding": "UTF8",
            "lc_messages": "C",
            "log_parameter_max_length_on_error": "0",
        }.items():
            assert (setting, ask(by_loopback, f"SHOW {setting}")) == (setting, value)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(second.url("postgres", "wrong", "postgres"))


def test_its_files_are_private_and_nothing_wider_is_touched(data: Path):
    before = data.parent.stat().st_mode
    with start(data) as server:
        assert data.stat().st_mode & 0o777 == 0o700
        assert (data / "cluster").stat().st_mode & 0o777 == 0o700
        assert server.socket_directory.stat().st_mode & 0o777 == 0o700
        for name in ("superuser.password", "postgresql.log", "port"):
            assert (data / name).stat().st_mode & 0o777 == 0o600
    assert data.parent.stat().st_mode == before


def test_a_taken_port_is_replaced(data: Path):
    taken = int((data / "port").read_text())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the last server's connections linger
        other.bind(("127.0.0.1", taken))
        other.listen()
        with start(data) as server:
            assert server.port != taken
            assert ask(server.superuser_url(), "SHOW port") == str(server.port)
    assert (data / "port").read_text().strip() == str(server.port)


def test_a_second_program_on_the_same_data_directory_is_refused_while_the_first_runs(data: Path):
    with start(data) as server:
        for attempt in (start, remove):
            with pytest.raises(PostgresFailed, match=f"in use by process {os.getpid()}"):
                attempt(data)
        assert ask(server.superuser_url(), "SELECT 1") == 1


def test_a_long_data_directory_gets_a_short_private_socket_folder(tmp_path: Path):
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    where = Folders(data=deep, home=deep, account=None)
    short = folders.socket_directory(where)
    assert len(os.fsencode(short)) < 80
    assert folders.socket_directory(where) == short
    short.chmod(0o777)  # as if another user had made it first
    other = folders.socket_directory(where)
    try:
        assert other != short
        assert other.stat().st_mode & 0o777 == 0o700
    finally:
        short.rmdir()
        other.rmdir()


def test_removing_spares_what_is_not_the_servers(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "sign-ins.json").write_text("[]")
    (data / "superuser.password").write_text("x")
    remove(data)
    assert [path.name for path in data.iterdir()] == ["sign-ins.json"]
    remove(tmp_path / "absent")
