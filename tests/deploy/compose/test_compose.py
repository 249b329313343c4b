"""Every program of docker-compose.yml starts by its own command and environment, turns healthy, and events cross.

There is no Docker here: each container's command runs as a process, with the containers' names mapped to loopback,
against the embedded PostgreSQL and a real Kafka that asks everybody for a password.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from chassis.bus.broker.node import Options
from chassis.database.server import EmbeddedPostgres, remove
from chassis.identifiers import new_id
from chassis.ports import free_port
from chassis.security.scope import Assignment, Role
from chassis.testing.kafka import is_wanted
from chassis.testing.programs import COUNTY, VILLAGE
from deploy.compose.secrets import SecretsThere, make_secrets
from deploy.embedded.installation import PROGRAMS, SERVICES
from deploy.embedded.issued_keys import IssuedKeys
from tests.personas import household

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: told for name, told in CONTAINERS.items() if told["image"].startswith("xianjie:")}
SETUP = "setup"
READY_SECONDS = 150
_VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


def test_every_program_has_an_api_and_a_worker_and_the_gateway_knows_them():
    services = {path.parent.name for path in (ROOT / "services").glob("*/app.py")}
    expected = {*services, "gateway"} | {f"{name}-worker" for name in (*services, "gateway")}
    assert set(OURS) == expected | {SETUP}
    environment = OURS["gateway"]["environment"]
    assert set(json.loads(environment["XIANJIE_UPSTREAMS"])) == services == {one.name for one in SERVICES}
    assert set(json.loads(environment["XIANJIE_WORKERS"])) == {one.name for one in PROGRAMS}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_is_bounded_watched_and_no_root(name):
    told = CONTAINERS[name]
    limits = told["deploy"]["resources"]["limits"]
    assert limits["cpus"]
    assert limits["memory"]
    if name in OURS:
        assert told["user"] == "10001:10001"
        assert told["read_only"] is True
        assert told["depends_on"]
    if name != SETUP:
        assert told["healthcheck"]["test"]
        assert told["restart"] == "unless-stopped"
    for mapping in told.get("ports", ()):
        assert mapping.startswith("127.0.0.1:"), "only a proxy with TLS may face the world"


def test_no_secret_stands_in_the_file_and_each_one_named_is_made(tmp_path):
    made = {path.name for path in make_secrets(tmp_path / "secrets")}
    assert set(COMPOSE["secrets"]) == made
    assert {secret for told in CONTAINERS.values() for secret in told.get("secrets", ())} == made
    for told in CONTAINERS.values():
        for key, value in told.get("environment", {}).items():
            if re.search("PASSWORD|KEY_RING|DATABASE_URL", key):
                assert key.endswith("_FILE"), key
                assert value.startswith("/run/secrets/")
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    with pytest.raises(SecretsThere):
        make_secrets(tmp_path / "secrets")


def test_compose_itself_reads_the_file(tmp_path):
    tool = shutil.which("docker-compose")
    if tool is None and not is_wanted():
        pytest.skip("docker-compose is not installed; .ci/run installs it, no engine is needed")
    assert tool, "install docker-compose"
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    make_secrets(tmp_path / "deploy" / "compose" / "secrets")
    environment = {**os.environ, "XIANJIE_JWKS_URL": "https://issuer.example/keys", "XIANJIE_TOKEN_ISSUER": "issuer"}
    read = subprocess.run([tool, "config"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    assert set(yaml.safe_load(read.stdout)["services"]) == set(CONTAINERS)
    without = {name: value for name, value in environment.items() if name != "XIANJIE_JWKS_URL"}
    refused = subprocess.run([tool, "config"], cwd=tmp_path, env=without, capture_output=True, text=True, check=False)
    assert refused.returncode != 0, "without an issuer nobody could sign in: the start must say so"


class Deployment:
    """The containers as processes of this machine."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, kafka: str, jwks_url: str) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in OURS}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._secrets = folder / "secrets"
        self._hosts = {"postgres:5432": f"127.0.0.1:{postgres.port}", "kafka:9092": kafka}
        self._variables = {
            "XIANJIE_JWKS_URL": jwks_url,
            "XIANJIE_TOKEN_ISSUER": "urn:xianjie",
            "XIANJIE_REGION": str(COUNTY),
        }

    def _mapped(self, text: str) -> str:
        text = _VARIABLE.sub(lambda found: self._variables.get(found[1], found[2] or ""), text)
        for name, address in self._hosts.items():
            text = text.replace(name, address)
        for name, port in self.ports.items():
            text = re.sub(rf"http://{name}:\d+", f"http://127.0.0.1:{port}", text)
        return text.replace("/run/secrets/", f"{self._secrets}/")

    def start(self, name: str) -> subprocess.Popen[bytes]:
        told = OURS[name]
        data = self.folder / "data" / name.removesuffix("-worker")
        data.mkdir(parents=True, exist_ok=True)
        environment = {key: self._mapped(str(value)) for key, value in told["environment"].items()}
        for key, value in list(environment.items()):
            if key.endswith("_FILE") and "DATABASE_URL" in key:  # the secret itself names a container
                mapped = self.folder / f"{name}-{Path(value).name}"
                mapped.write_text(self._mapped(Path(value).read_text("utf-8")), "utf-8")
                environment[key] = str(mapped)
        command = [sys.executable if word == "python" else word for word in told["command"]]
        if "--port" in command:
            command[command.index("--port") + 1] = str(self.ports[name])
            command[command.index("--host") + 1] = "127.0.0.1"
        own = {"XIANJIE_DATA_DIRECTORY": str(data), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, env=environment | own, cwd=data, stdout=log, stderr=log)
        self.processes[name] = process
        return process

    def wait_until_healthy(self) -> None:
        """Ask what each container's own health check asks."""
        until = time.monotonic() + READY_SECONDS
        waiting = [name for name in self.processes if name != SETUP]
        while waiting:
            name = waiting[0]
            assert self.processes[name].poll() is None, self.said(name)
            path = re.search(r"http://127\.0\.0\.1:\d+(/[\w/]+)", " ".join(OURS[name]["healthcheck"]["test"]))
            assert path is not None
            try:
                healthy = httpx.get(f"http://127.0.0.1:{self.ports[name]}{path[1]}", timeout=5).status_code == 200
            except httpx.TransportError:
                healthy = False
            if healthy:
                waiting.pop(0)
            else:
                assert time.monotonic() < until, f"{name} is not healthy: {self.said(name)}"
                time.sleep(0.2)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8")[-3000:]

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def jwks(tmp_path: Path) -> Iterator[tuple[IssuedKeys, str]]:
    """An issuer of tokens, as a deployment has one: its keys over HTTP."""
    keys = IssuedKeys.load_or_create(tmp_path)
    document = json.dumps(keys.jwks()).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield keys, f"http://127.0.0.1:{server.server_port}/jwks"
    server.shutdown()


@pytest.mark.budget(300)
def test_the_whole_deployment_starts_turns_healthy_and_an_event_crosses(tmp_path, jwks, own_brokers):
    keys, jwks_url = jwks
    folder = tmp_path / "run"
    make_secrets(folder / "secrets")
    lines = (folder / "secrets" / "kafka_users").read_text("utf-8").splitlines()
    users = dict(line.split("=", 1) for line in lines)
    port = free_port()
    module = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    options = Options(
        settings={
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENTS:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.clients.scram-sha-512.sasl.jaas.config": f"{module};",
        },
        more_listeners=[f"CLIENTS://127.0.0.1:{port}"],
        users=users,
    )
    own_brokers(options=options)
    try:
        with EmbeddedPostgres.start(tmp_path / "postgresql", fsync=False) as postgres:
            _runs(folder, postgres, f"127.0.0.1:{port}", jwks_url, keys)
    finally:
        remove(tmp_path / "postgresql")


def _runs(folder: Path, postgres: EmbeddedPostgres, kafka: str, jwks_url: str, keys: IssuedKeys) -> None:
    deployment = Deployment(folder, postgres, kafka, jwks_url)
    superuser = psycopg.conninfo.conninfo_to_dict(postgres.superuser_url())
    assert superuser["user"] == "postgres", "as in the image of PostgreSQL"
    secret = folder / "secrets" / "postgres_password"
    secret.chmod(0o600)
    secret.write_text(str(superuser["password"]), "utf-8")
    try:
        assert deployment.start(SETUP).wait(120) == 0, deployment.said(SETUP)
        assert "topics made: " in deployment.said(SETUP)
        for name in OURS:
            if name != SETUP:
                deployment.start(name)
        deployment.wait_until_healthy()
        gateway = f"http://127.0.0.1:{deployment.ports['gateway']}"
        _wait_for_all_ready(gateway)
        post = Assignment(new_id(), Role.COUNTY_OFFICER, COUNTY)
        token = keys.issue("somebody", "somebody", [post], now=datetime.now(UTC), lifetime=timedelta(hours=1))
        answer = httpx.post(
            f"{gateway}/v1/monitoring/households",
            json=household(region=str(VILLAGE)),
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text
        _wait_for_known(postgres, answer.json()["id"])
    finally:
        deployment.stop()
    # Ended in order, by themselves or, as the web server does it, by the signal that they were sent; nobody was killed.
    assert {process.returncode for process in deployment.processes.values()} <= {0, -signal.SIGTERM}


def _wait_for_all_ready(gateway: str) -> None:
    """The gateway hears of every program that it is ready; one that has just begun may not say so in time."""
    until = time.monotonic() + READY_SECONDS
    while (status := httpx.get(f"{gateway}/health/status", timeout=30)).status_code != 200:
        assert time.monotonic() < until, status.text
        time.sleep(0.2)


def _wait_for_known(postgres: EmbeddedPostgres, household_id: str) -> None:
    """Each of the other services comes to know the household."""
    until = time.monotonic() + 60
    for service in ("assets", "employment", "funds"):
        with psycopg.connect(postgres.superuser_url(service), autocommit=True) as connection:
            while not connection.execute("SELECT 1 FROM known_household WHERE id = %s", (household_id,)).fetchone():
                assert time.monotonic() < until, f"{service} never heard of the household"
                time.sleep(0.2)
