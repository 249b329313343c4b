"""Know what lies in a data directory: keys, passwords, addresses, sign-ins; every process reads it here.

Light to import, since whoever starts the platform waits for it: drivers and ciphers come with what needs them. The
services themselves are in ``installation``.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chassis.errors import Message
from deploy.embedded.private_files import SecretUnusable, create_private, read_private, replace_private

if TYPE_CHECKING:
    from chassis.bus.protocol import Bus as BusProtocol
    from chassis.database.provision import ServiceDatabase
    from chassis.program import Program
    from chassis.settings import ProgramSettings

PACKAGES: Final[Mapping[str, str]] = {
    "monitoring": "services.monitoring",
    "assets": "services.assets",
    "employment": "services.employment",
    "funds": "services.funds",
    "gateway": "gateway",
}
"""The package of every program with a database of its own, by its name."""

SOCKETS_PREFIX: Final = "xj-"
"""How the folder of a run's sockets is named; it lies apart, since a socket's path must be short."""

_RING: Final = "key-ring.json"
_RUN: Final = "run.json"
_JWKS: Final = "jwks.json"


@dataclass(frozen=True)
class Run:
    """Addresses of one run: of the databases, and of the sockets on which programs listen."""

    port: int
    sockets: str
    databases: Mapping[str, ServiceDatabase]
    kafka: str = ""
    """The brokers' addresses, where every program is a process of its own; empty with the bus in one process."""

    def socket(self, service: str) -> Path:
        return Path(self.sockets) / f"{service}.sock"

    def worker_socket(self, service: str) -> Path:
        """Where the service's worker tells its health and metrics."""
        return Path(self.sockets) / f"{service}-worker.sock"


class Installation:
    """One data directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()

    @property
    def postgres(self) -> Path:
        return self.directory / "postgresql"

    @property
    def passwords(self) -> Path:
        return self.directory / "database-passwords.json"

    @property
    def sign_ins(self) -> Path:
        return self.directory / "sign-ins.json"

    @property
    def password_book(self) -> Path:
        return self.directory / "password-hashes.json"

    @property
    def key_ring_file(self) -> Path:
        return self.directory / _RING

    @property
    def clock_file(self) -> Path:
        return self.directory / "clock.json"

    def is_ours(self) -> bool:
        """Whether a platform was started over it. One that failed at once has left its log alone, or nothing."""
        return self.key_ring_file.exists() or all(path == self.logs for path in self.directory.iterdir())

    def erase(self) -> None:
        """Remove the directory; PostgreSQL's own files must have been removed before."""
        shutil.rmtree(self.directory)

    @property
    def logs(self) -> Path:
        return self.directory / "log"

    def make_folders(self) -> None:
        """Make the folders that processes find when they are started.

        :raises OSError: if they cannot be made.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)

    def prepare(self) -> None:
        """Make what a first start needs; what is there stays.

        :raises OSError: if the folder cannot be written.
        """
        from chassis.security.keys import KeyRing
        from deploy.embedded.issued_keys import IssuedKeys

        self.make_folders()
        create_private(self.key_ring_file, KeyRing.generate(os.urandom).to_json().encode())
        keys = IssuedKeys.load_or_create(self.directory)
        replace_private(self.directory / _JWKS, json.dumps(keys.jwks()).encode())

    def write_run(self, run: Run) -> None:
        """Tell this run's addresses to its processes."""
        replace_private(self.directory / _RUN, json.dumps(asdict(run)).encode())

    def read_run(self) -> Run:
        """The addresses of the present run.

        :raises NotRunning: if none was written.
        :raises SecretUnusable: if they cannot be read.
        """
        path = self.directory / _RUN
        content = read_private(path)
        if content is None:
            raise NotRunning
        from chassis.database.provision import ServiceDatabase

        try:
            told = json.loads(content)
            databases = {name: ServiceDatabase(**entry) for name, entry in told.pop("databases").items()}
            return Run(**told, databases=databases)
        except (ValueError, TypeError, AttributeError, LookupError):
            # Not chained: what json says of a file repeats a piece of it, and it holds passwords.
            raise RunUnreadable(
                Message(
                    f"{path} 已损坏：请重新启动平台，启动时会重写它。",
                    f"{path} is damaged: start the platform again, which writes it anew.",
                )
            ) from None

    def key_ring(self) -> str:
        """The data keys, as JSON.

        :raises NotRunning: if nothing was ever started over this directory.
        """
        ring = read_private(self.key_ring_file)
        if ring is None:
            raise NotRunning
        return ring.decode()

    def bus(self, program: Program, groups: Iterable[str]) -> BusProtocol:
        """The bus of this run, for one program. It opens no connection yet.

        :param groups: the consumer groups of this process, which are all that a bus inside it can reach.
        """
        kafka = self.read_run().kafka
        if not kafka:
            from chassis.bus.in_process import InProcessBus

            return InProcessBus(groups)
        from chassis.bus.kafka import KafkaBus  # only a cluster pays for its import
        from chassis.settings import KafkaSettings

        return KafkaBus(KafkaSettings(bootstrap_servers=kafka), program.name)

    def forget_sockets(self) -> None:
        """Remove the sockets of the last run, which a kill left behind; the caller holds the data directory."""
        with suppress(NotRunning, RunUnreadable):
            sockets = Path(self.read_run().sockets)
            if sockets.name.startswith(SOCKETS_PREFIX):
                shutil.rmtree(sockets, ignore_errors=True)

    def settings(self, service: str) -> ProgramSettings:
        """The settings of one program in this run."""
        from pydantic import SecretStr

        from chassis.settings import Bus, Mode, ProgramSettings

        run = self.read_run()
        database = run.databases[service]
        return ProgramSettings(
            mode=Mode.EMBEDDED,
            database_url=SecretStr(database.app_url),
            migrate_database_url=SecretStr(database.migrate_url),
            bus=Bus.KAFKA if run.kafka else Bus.IN_PROCESS,
            data_directory=self.directory,
            jwks_url=None,
            jwks_file=self.directory / _JWKS,
            key_ring=SecretStr(self.key_ring()),
        )


class RunUnreadable(SecretUnusable):
    """The file of this run's addresses is damaged; the message says what to do."""


class NotRunning(Exception):
    """Nothing runs over this data directory: `make run` starts it."""
