"""Whatever was killed by force, the server ends with its program and the next start works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from chassis.database.server import binaries, folders
from chassis.errors import Message
from tests.chassis.database.server.starting import ROOT, SUPERVISOR, ask, ends, start

PLANTED = "610999199001010018"


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
