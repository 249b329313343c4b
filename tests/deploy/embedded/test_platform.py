"""One command starts the whole platform; however it ends, nothing stays behind and the next start just works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from chassis.database.server import remove
from chassis.ports import free_port
from deploy.embedded.installation import Installation

pytestmark = pytest.mark.budget(seconds=180)
READY_SECONDS = 90


class Running:
    """`xianjie serve` in a process group of its own."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        handle, self.log = tempfile.mkstemp(prefix="xj-serve-", suffix=".log")
        self.output = os.fdopen(handle, "w")
        self.process = subprocess.Popen(
            [str(Path(sys.executable).parent / "xianjie"), "serve", "--data", str(data), "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={
                **os.environ,
                "LANG": "en_US.UTF-8",
                "LC_ALL": "en_US.UTF-8",
                "XIANJIE_SAMPLE_HOUSEHOLDS": "0",
                "XIANJIE_REGION": "610999000000",
            },
        )

    def ready(self) -> dict:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, self.said()
            try:
                answer = httpx.get(f"http://127.0.0.1:{self.port}/health/status", timeout=2)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                return answer.json()
            time.sleep(0.1)
        raise AssertionError(f"not ready: {self.said()}")

    def said(self) -> str:
        self.output.flush()
        return Path(self.log).read_text("utf-8")

    def until_said(self, text: str) -> None:
        until = time.monotonic() + READY_SECONDS
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.05)

    def family(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]


def documented(port: int, path: str, seconds: float = 60) -> bool:
    """Whether the merged document comes to hold ``path``: a service writes its own when it is first asked."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if path in httpx.get(f"http://127.0.0.1:{port}/openapi.json", timeout=90).json()["paths"]:
            return True
        time.sleep(0.5)
    return False


def wait_until_gone(processes: list[psutil.Process], seconds: float = 40) -> list[str]:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return [" ".join(process.cmdline()[:4]) for process in alive if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def data(tmp_path):
    yield tmp_path / "data"
    for process in psutil.process_iter(["cmdline"]):
        if str(tmp_path) in " ".join(process.info["cmdline"] or ()):
            with suppress(psutil.NoSuchProcess):
                process.kill()  # a failed test must not leave its platform behind
    remove(tmp_path / "data" / "postgresql")


def test_a_platform_starts_serves_stops_and_starts_again_after_a_kill(data):
    port = free_port()
    first = Running(data, port)
    status = first.ready()
    assert status["programs"]["monitoring"]["ready"] is True
    assert httpx.get(f"http://127.0.0.1:{port}/docs").status_code == 200
    assert documented(port, "/v1/monitoring/households")
    refused = httpx.get(f"http://127.0.0.1:{port}/v1/monitoring/households")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")

    second = Running(data.parent / "other", port)
    assert second.process.wait(30) == 1
    assert f"Port {port} is taken" in second.said()

    before = posts(first)
    assert [post["role"] for post in before] == ["security_administrator"]

    family = first.family()
    assert len(family) >= 4  # supervisor, APIs, workers, PostgreSQL
    assert {address.ip for address in listening(family)} == {"127.0.0.1"}
    killed = sockets_of(first)
    os.killpg(first.process.pid, signal.SIGKILL)
    assert wait_until_gone(family) == []

    again = Running(data, port)
    again.ready()
    assert posts(again) == before, "the data and the password are there again"
    kill_the_database_and_the_apis(again)
    again.ready()
    assert posts(again) == before, "what ended by itself is started again, at the same addresses"
    family = again.family()
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(60) == 0, again.said()
    assert wait_until_gone(family) == []
    assert "Traceback" not in again.said()
    assert [folder for folder in (killed, sockets_of(again)) if folder.exists()] == []


def posts(running: Running) -> list[dict]:
    """What the first administrator sees, who signs in with what ``sign-ins.json`` says."""
    running.until_said("Sign-ins (also in ")
    (entry,) = json.loads((running.data / "sign-ins.json").read_text("utf-8"))
    running.until_said(f"{entry['username']:<24} {entry['password']:<18} {entry['role']}")
    form = {"grant_type": "password", "username": entry["username"], "password": entry["password"]}
    with httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=30) as client:
        token = client.post("/oauth2/token", data=form).json()["access_token"]
        return client.get("/v1/monitoring/posts", headers={"Authorization": f"Bearer {token}"}).json()["items"]


def kill_the_database_and_the_apis(running: Running) -> None:
    servers, apis = [], []
    for each in running.family():
        with suppress(psutil.NoSuchProcess):  # PostgreSQL's workers come and go
            if each.name() == "postgres" and each.parent().name() != "postgres":
                servers.append(each)
            elif "apis" in each.cmdline():
                apis.append(each)
    assert (len(servers), len(apis)) == (1, 1)
    for process in servers + apis:
        process.kill()
    assert wait_until_gone(servers + apis) == []


def sockets_of(running: Running) -> Path:
    return Path(Installation(running.data).read_run().sockets)


def listening(processes: list[psutil.Process]) -> set:
    """Addresses on which any of them takes connections over a network."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            connections = process.net_connections("inet")
            found |= {connection.laddr for connection in connections if connection.status == psutil.CONN_LISTEN}
    return found


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    running = Running(blocked / "data", free_port())
    assert running.process.wait(30) == 1
    assert "cannot be read or written (Not a directory)" in running.said()
    assert "or choose another data directory (XIANJIE_DATA_DIR=)" in running.said()
    assert "Traceback" not in running.said()


def test_ctrl_c_while_it_starts_ends_everything_too(data):
    running = Running(data, free_port())
    running.until_said("Starting the database")
    family = running.family()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) != 0
    assert wait_until_gone(family) == []
    assert "Traceback" not in running.said()
