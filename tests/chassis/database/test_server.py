"""The embedded server keeps its data, ends with its program, and says what to do when it cannot start."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest

from chassis.database.server import EmbeddedPostgres, PostgresFailed, binaries, failures, folders, keeping, remove
from chassis.database.server.folders import Folders
from chassis.errors import Message

PLANTED = "610999199001010018"
ROOT = Path(__file__).parents[3]
IS_ROOT = os.geteuid() == 0

# Prints the address and the process numbers, then waits to be killed. A forked child holds every pipe it inherited.
SUPERVISOR = """
import os, sys, time, threading
from pathlib import Path
from chassis.database.server import EmbeddedPostgres, folders
folders.SHARED_ROOT = Path(sys.argv[3])
servers = []
starter = threading.Thread(target=lambda: servers.append(EmbeddedPostgres.start(Path(sys.argv[1]), fsync=False)))
starter.start(); starter.join()  # the thread that started it ends, the server must not
forked = os.fork() if sys.argv[2] == "forking" else None
if forked == 0:
    time.sleep(60)
print(servers[0].superuser_url(), servers[0].pid, os.getuid(), flush=True)
time.sleep(60)
"""

REMOVER = """
import sys
from pathlib import Path
from chassis.database.server import remove
remove(Path(sys.argv[1]))
"""


@pytest.fixture(scope="module", autouse=True)
def shared_root() -> Iterator[Path]:
    """Root's files below a folder of this test's own, which an unprivileged user can enter (tmp_path is private)."""
    with tempfile.TemporaryDirectory(prefix="xianjie-test-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setattr(folders, "SHARED_ROOT", Path(folder) / "xianjie")
        patch.setattr(keeping, "_GRACE_SECONDS", 0.3)
        yield Path(folder) / "xianjie"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory whose database is made once; each test starts a server over it and stops it."""
    data = tmp_path_factory.mktemp("server") / "postgresql"
    start(data).stop()
    yield data
    remove(data)
    assert not data.exists()


def start(data: Path, **arguments) -> EmbeddedPostgres:
    return EmbeddedPostgres.start(data, fsync=False, **arguments)


def ask(url: str, query: str):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def ends(pid: int, *, within_seconds: float = 15) -> bool:
    deadline = time.monotonic() + within_seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


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


def test_a_killed_server_and_backend_leave_no_data_in_the_log_and_the_next_start_works(data: Path):
    with start(data) as server:
        ask(server.superuser_url(), "CREATE TABLE committed AS SELECT 1 AS number")
        backends: list[int] = []
        arrived = threading.Event()

        def work_until_killed() -> None:
            with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
                backends.append(connection.info.backend_pid)
                arrived.set()
                with pytest.raises(psycopg.OperationalError):
                    connection.execute(f"SELECT pg_sleep(30), '{PLANTED}'")

        worker = threading.Thread(target=work_until_killed)
        worker.start()
        arrived.wait(10)
        watched = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        while ask(server.superuser_url(), watched) == 0:
            time.sleep(0.02)
        os.kill(backends[0], signal.SIGKILL)
        worker.join(10)
        assert not worker.is_alive()
        assert ends(backends[0])
        until = time.monotonic() + 15
        while "was terminated by signal 9" not in server.log.read_text():
            assert time.monotonic() < until, "the server does not tell of its killed backend"
            time.sleep(0.02)
        os.kill(server.pid, signal.SIGKILL)
        assert ends(server.pid)
        while server.is_running():  # until its keeper has said so
            time.sleep(0.02)
        address = server.superuser_url()
        server.start_again()
        server.start_again()  # the second changes nothing
        assert server.superuser_url() == address, "programs know no other"
        assert ask(address, "SELECT number FROM committed") == 1
        os.kill(server.pid, signal.SIGKILL)
        assert ends(server.pid)
    with start(data) as again:
        assert ask(again.superuser_url(), "SELECT number FROM committed") == 1
    log = again.log.read_text()
    assert PLANTED not in log


@pytest.mark.parametrize("how", ["alone", "forking", "with its keeper"])
def test_a_supervisor_killed_by_force_takes_its_server_along_and_the_next_start_works_at_once(data: Path, how: str):
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, data, how, folders.SHARED_ROOT],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    ) as supervisor:
        url, pid, _ = supervisor.stdout.readline().split()
        ask(url, f"CREATE TABLE {'by_' + how.replace(' ', '_')} AS SELECT 7 AS number")
        assert psutil.pid_exists(int(pid))
        keeper = psutil.Process(int(pid)).parent()
        if how == "with its keeper":
            keeper.kill()
        children = [child for child in psutil.Process(supervisor.pid).children() if child.pid != keeper.pid]
        supervisor.kill()
        supervisor.wait()
        if how != "alone":  # alone, the next start meets a server that is still stopping
            assert ends(int(pid))
        began = time.monotonic()
        with start(data) as server:
            assert time.monotonic() - began < 5
            assert server.pid != int(pid)
            assert ends(int(pid), within_seconds=0)
            assert ask(server.superuser_url(), f"SELECT number FROM by_{how.replace(' ', '_')}") == 7
        assert len(children) == (how == "forking")
        for child in children:
            child.kill()


def test_a_server_left_running_without_a_keeper_is_stopped_before_the_next_one_starts(data: Path):
    with start(data) as server:
        command = server._command({})
        where = server._folders
    orphan = subprocess.Popen(
        command, env=binaries.ENVIRONMENT, stderr=subprocess.DEVNULL, cwd="/", **binaries.as_account(where.account)
    )
    while not (where.cluster / "postmaster.pid").exists():
        time.sleep(0.02)
    told: list[Message] = []
    with start(data, on_progress=told.append) as server:
        assert orphan.wait(10) == 0  # in order, not by force
        assert ask(server.superuser_url(), "SELECT 1") == 1
    assert any("an earlier run had left" in message.en for message in told)


def test_a_stale_pid_file_whose_number_another_process_now_has_does_not_hinder(data: Path):
    with start(data) as server:
        where = server._folders
        old = (where.cluster / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "60"], **binaries.as_account(where.account))
    try:
        pid_file = where.cluster / "postmaster.pid"
        pid_file.write_text("\n".join([str(stranger.pid), *old[1:]]) + "\n")
        where.own(pid_file)
        with start(data) as server:
            assert ask(server.superuser_url(), "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


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


@pytest.mark.skipif(not IS_ROOT, reason="needs root")
class TestAsRoot:
    def test_the_server_runs_as_another_user_over_files_linked_from_the_data_directory(
        self, data: Path, shared_root: Path
    ):
        with start(data) as server:
            assert psutil.Process(server.pid).uids().real != 0
            assert (data / "cluster").readlink().is_relative_to(shared_root)
        home = (data / "cluster").readlink().parent
        assert home.stat().st_uid == 0
        assert home.stat().st_mode & 0o777 == 0o711

    def test_programs_out_of_the_users_reach_are_copied_once(
        self, tmp_path: Path, shared_root: Path, monkeypatch: pytest.MonkeyPatch, data: Path
    ):
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        (private / "site-packages").symlink_to(binaries.site_packages())
        monkeypatch.setattr(binaries, "site_packages", lambda: private / "site-packages")
        with start(data) as server:
            assert server.programs.is_relative_to(shared_root)
            assert ask(server.superuser_url(), "SELECT 1") == 1
            made = server.programs.stat().st_ino
        with start(data) as server:
            assert server.programs.stat().st_ino == made
        assert len(list(shared_root.glob("*pg-*"))) == 1

    def test_linked_files_that_are_gone_are_not_silently_made_anew(self, tmp_path: Path, shared_root: Path):
        data = tmp_path / "data"
        data.mkdir()
        (data / "cluster").symlink_to(shared_root / "0123456789ab" / "cluster")
        with pytest.raises(PostgresFailed, match="Restore them from a backup"):
            start(data)
        remove(data)
        assert not data.exists()

    def test_a_database_of_an_ordinary_user_is_not_taken_over(self, tmp_path: Path):
        cluster = tmp_path / "data" / "cluster"
        cluster.mkdir(parents=True)
        os.chown(cluster, 65534, 65534)
        with pytest.raises(PostgresFailed, match=r"belongs to user 65534\. Start as that user"):
            start(tmp_path / "data")

    def test_an_ordinary_user_runs_it_as_oneself_and_cannot_use_roots(self, data: Path):
        nobody = {"user": 65534, "group": 65534, "extra_groups": []}
        python = next((path for path in (sys.executable, *SYSTEM_PYTHONS) if can_run(path, nobody)), None)
        if python is None:
            pytest.skip("no Python of this version that an ordinary user can run")
        with tempfile.TemporaryDirectory(prefix="xianjie-test-") as folder:
            os.chown(folder, 65534, 65534)
            own = Path(folder) / ("long" * 20) / "data"
            environment = {"PYTHONPATH": f"{ROOT}:{binaries.site_packages()}", "PYTHONDONTWRITEBYTECODE": "1"}
            with subprocess.Popen(
                [python, "-c", SUPERVISOR, own, "alone", folders.SHARED_ROOT],
                **{**nobody, "stdout": subprocess.PIPE, "text": True, "cwd": "/", "env": environment},
            ) as program:
                url, pid, uid = program.stdout.readline().split()
                assert psutil.Process(int(pid)).uids().real == int(uid) == 65534
                assert ask(url, "SELECT current_user") == "postgres"
                assert not (own / "cluster").is_symlink()
                program.kill()
                program.wait()
                assert ends(int(pid))
            refused = subprocess.run(
                [python, "-c", SUPERVISOR, data, "alone", folders.SHARED_ROOT],
                **{**nobody, "capture_output": True, "text": True, "cwd": "/", "env": environment},
                check=False,
            )
            subprocess.run([python, "-c", REMOVER, own], cwd="/", env=environment, check=True, **nobody)
            assert not own.exists()
            assert not list(Path("/tmp").glob(f"{Path(parse_qs(urlsplit(url).query)['host'][0]).name}*"))
        assert "cannot be read or written (Permission denied)" in refused.stderr
        assert "PostgresFailed" in refused.stderr


SYSTEM_PYTHONS = (f"/usr/bin/python3.{sys.version_info.minor}", f"/usr/local/bin/python3.{sys.version_info.minor}")


def can_run(python: str, account: dict) -> bool:
    try:
        return subprocess.run([python, "-c", ""], cwd="/", env={}, check=False, **account).returncode == 0
    except OSError:
        return False
