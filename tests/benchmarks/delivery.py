"""Set up what delivery is measured on: a durable PostgreSQL, a broker, and the tally's two services as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.bus.broker import Brokers
from chassis.bus.kafka.provision import apply
from chassis.bus.topics import topics_of
from chassis.database.provision import ServiceDatabase
from chassis.database.server import EmbeddedPostgres, remove
from chassis.program import Program
from chassis.settings import KafkaSettings
from chassis.testing import database as databases
from chassis.testing import programs, tally
from chassis.testing.tally_services import MIRROR, READER, WRITER

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class DeliveryStage:
    """The services' databases, and the broker between them."""

    folder: Path
    postgres: EmbeddedPostgres
    kafka: KafkaSettings
    databases: Mapping[str, ServiceDatabase]

    def program(self, name: str) -> Program:
        """A program of this process over one of the databases."""
        return programs.make_program(name, self.databases[name], self.folder)

    def superuser_url(self, name: str) -> str:
        return self.postgres.superuser_url(self.databases[name].name)

    @contextmanager
    def working(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """The worker of a service as a process of its own."""
        database = self.databases[name]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XIANJIE_MODE": "test",
            "XIANJIE_BUS": "kafka",
            "XIANJIE_KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "XIANJIE_DATABASE_URL": database.app_url,
            "XIANJIE_DATA_DIRECTORY": str(self.folder),
            "XIANJIE_JWKS_URL": "http://127.0.0.1:1/nobody-signs-in-to-a-worker",
            "XIANJIE_KEY_RING": programs.RING.to_json(),
        }
        where = ["--uds", str(self.folder / f"{name}.sock")]
        command = [sys.executable, "-m", "chassis.testing.tally_services", name, "worker", *where]
        process = subprocess.Popen(command, env=environment, stdout=sys.stderr)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(40)


@contextmanager
def delivery_stage(reader: str) -> Iterator[DeliveryStage]:
    """Make the stage for the writer and ``reader``, and clear it away."""
    with TemporaryDirectory(prefix="xj-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        data = folder / "postgresql"
        stack.callback(remove, data)
        postgres = stack.enter_context(EmbeddedPostgres.start(data))
        brokers = Brokers.start(folder / "kafka")
        stack.callback(brokers.stop, at_once=True)
        url = postgres.superuser_url()
        kafka = KafkaSettings(bootstrap_servers=brokers.bootstrap_servers)
        made = {name: databases.template(url, name, None, tally.tables) for name in ("tally", reader)}
        yield DeliveryStage(folder, postgres, kafka, made)


async def make_topics(stage: DeliveryStage) -> None:
    """The topics of both services, and one for the bare client that is measured beside them."""
    await apply(stage.kafka, topics_of([*WRITER.events, *READER.events, *MIRROR.events, Bare]))


class Bare(tally.Event, type="bare.message.sent", version=1):
    """A topic for the baseline."""
