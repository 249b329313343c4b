"""Monitoring and assets as a deployment runs them: processes of their own over a durable PostgreSQL and a real Kafka.

Every part can be killed and brought back. What ends without having been killed is brought back too, and told.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from chassis.bus.broker import Brokers
from chassis.bus.kafka.provision import apply
from chassis.bus.topics import topics_of
from chassis.ports import free_port
from chassis.program import Program
from chassis.service import Service
from chassis.settings import Bus, KafkaSettings, Mode, ProgramSettings
from chassis.start import make_program
from services.assets.app import SERVICE as ASSETS
from services.monitoring.app import SERVICE as MONITORING
from tests.staging import Staged, staged

API: Final = "api"
RELAY: Final = "relay"
READER: Final = "reader"
POSTGRES: Final = "postgres"
BROKER: Final = "broker"
SERVICES: Final = (MONITORING, ASSETS)
_COMMANDS: Final[Mapping[str, tuple[Service, str]]] = {
    API: (MONITORING, "api"),
    RELAY: (MONITORING, "worker"),
    READER: (ASSETS, "worker"),
}
_WATCH_SECONDS: Final = 0.2
_SAID_MAX: Final = 2_000
_GONE_SECONDS: Final = 0.01


@dataclass
class Site(Staged):
    """The running deployment. Killing and starting wait for the system: call them in a thread."""

    brokers: Brokers
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ended_alone: list[str] = field(default_factory=list)
    _down: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/monitoring"

    @property
    def kafka(self) -> KafkaSettings:
        return KafkaSettings(bootstrap_servers=self.brokers.bootstrap_servers)

    def program(self, service: Service) -> Program:
        """The same program in this process, to look at its database."""
        settings = ProgramSettings(
            mode=Mode.TEST,
            database_url=SecretStr(self.databases[service.name].app_url),
            bus=Bus.KAFKA,
            data_directory=self.data_of(service.name),
            jwks_file=self.jwks_file,
            key_ring=SecretStr(self.key_ring),
        )
        return make_program(service.name, settings)

    def start(self, part: str) -> None:
        """Bring ``part`` back over what it had written."""
        if part == POSTGRES:
            self.postgres.start_again()
        elif part == BROKER:
            [node] = self.brokers.nodes
            node.start()
            node.wait_until_ready(1)
        else:
            self._start_process(part)
        self._down.discard(part)

    def kill(self, part: str) -> None:
        """SIGKILL, and return when it is gone."""
        self._down.add(part)
        if part == POSTGRES:
            os.kill(self.postgres.pid, signal.SIGKILL)
            while self.postgres.is_running():
                time.sleep(_GONE_SECONDS)
        elif part == BROKER:
            [node] = self.brokers.nodes
            node.kill()
        else:
            self.processes[part].kill()
            self.processes[part].wait()

    async def watch(self) -> None:
        """Start again what ended without us, as a deployment's supervisor does. Runs until it is cancelled."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            for part, process in list(self.processes.items()):
                if part not in self._down and process.poll() is not None:
                    said = self.log(part).read_text("utf-8", "replace")[-_SAID_MAX:]
                    self.ended_alone.append(f"{part} ended by itself with {process.returncode}: {said}")
                    self._start_process(part)

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_process(self, part: str) -> None:
        service, command = _COMMANDS[part]
        port = self.port if part == API else free_port()
        environment = {
            **self.environment_of(service.name),
            "XIANJIE_BUS": "kafka",
            "XIANJIE_KAFKA_BOOTSTRAP_SERVERS": self.brokers.bootstrap_servers,
            "XIANJIE_LOG_LEVEL": "WARNING",
        }
        words = [sys.executable, "-m", f"services.{service.name}", command, "--port", str(port)]
        with self.log(part).open("ab") as log:
            self.processes[part] = subprocess.Popen(words, env=environment, stdout=log, stderr=log)

    def log(self, part: str) -> Path:
        return self.folder / f"{part}.log"


@contextmanager
def site() -> Iterator[Site]:
    """Set the deployment up in a folder of its own, and clear it away.

    :raises BrokerMissing: without Java or Maven.
    """
    with staged(*SERVICES) as made, Brokers.start(made.folder / "kafka") as brokers:
        here = Site(**vars(made), brokers=brokers)
        asyncio.run(apply(here.kafka, topics_of(event for service in SERVICES for event in service.events)))
        try:
            for part in _COMMANDS:
                here.start(part)
            yield here
        finally:
            here.stop()
