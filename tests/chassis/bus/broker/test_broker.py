"""A real broker starts, comes back over what it had written, ends with its parent, and says why there is none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chassis.bus.broker import BrokerMissing, Brokers, distribution
from chassis.ports import HOST
from chassis.testing import kafka
from tests.chassis.database.server.starting import ends


@pytest.mark.budget(seconds=120)
def test_a_killed_broker_comes_back_at_the_same_address(own_brokers):
    brokers = own_brokers()
    (node,) = brokers.nodes
    address, first = brokers.bootstrap_servers, node.pid
    node.kill()
    assert node.has_ended()
    brokers.start_again_what_ended()
    node.wait_until_ready(1)
    second = node.pid
    brokers.start_again_what_ended()
    assert node.pid == second, "it runs: nothing is to be done"
    assert brokers.bootstrap_servers == address
    assert node.pid != first


@pytest.mark.budget(seconds=120)
def test_a_broker_waits_for_its_port_and_takes_no_other_program_for_itself(own_brokers):
    (node,) = own_brokers().nodes
    node.kill()
    with ThreadingHTTPServer((HOST, node.place.port), BaseHTTPRequestHandler) as other:
        serving = threading.Thread(target=other.serve_forever)
        serving.start()
        node.start()
        while not node.has_ended():
            time.sleep(0.05)
        leaving = threading.Timer(0.5, other.shutdown)
        leaving.start()
        serving.join()
    node.wait_until_ready(1)


@pytest.mark.budget(seconds=120)
def test_a_broker_ends_with_its_parent_even_if_that_is_killed(kafka_servers, tmp_path):
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom chassis.bus.broker import Brokers\n"
        f"brokers = Brokers.start(Path({str(tmp_path / 'own')!r}))\n"
        "print(brokers.nodes[0].pid, flush=True)\ntime.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    broker = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert ends(broker, within_seconds=60), "the broker outlived its parent"


@pytest.mark.parametrize("program", ["java", "mvn"])
def test_without_java_or_maven_it_says_what_to_install(monkeypatch, tmp_path, program):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(distribution.shutil, "which", lambda name: None if name == program else f"/usr/bin/{name}")
    with pytest.raises(BrokerMissing, match=f"There is no {program}.*Debian"):
        Brokers.start(tmp_path / "own")


def test_what_was_fetched_needs_no_maven(kafka_servers, monkeypatch):
    java = distribution.fetch().java
    monkeypatch.setattr(distribution.shutil, "which", lambda name: str(java) if name == "java" else None)
    assert any(Path(distribution.fetch().folder).glob("kafka_*.jar"))


def test_a_fetch_that_fails_leaves_nothing_behind(monkeypatch, tmp_path):
    false = tmp_path / "mvn"
    false.write_text("#!/bin/sh\necho no route to anything\nexit 1\n", "utf-8")
    false.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(distribution.shutil, "which", lambda name: str(false))
    with pytest.raises(BrokerMissing, match="no route to anything"):
        distribution.fetch()
    assert [path.name for path in (tmp_path / "cache" / "xianjie").iterdir()] == [f"kafka-{distribution.VERSION}.lock"]


@pytest.mark.parametrize(("value", "wanted"), [("true", True), ("", False), (None, False)])
def test_only_ci_insists_on_a_broker(monkeypatch, value, wanted):
    monkeypatch.delenv("CI", raising=False)
    if value is not None:
        monkeypatch.setenv("CI", value)
    assert kafka.is_wanted() is wanted


def test_every_process_of_a_run_gets_the_same_broker(kafka_servers):
    told = subprocess.run(
        [sys.executable, "-c", "from chassis.testing import kafka; print(kafka.bootstrap_servers())"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == kafka_servers
