"""Start the whole platform with one command, watch it, and end every process of it together."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chassis.database.server import EmbeddedPostgres
from chassis.database.server.folders import failing_at
from chassis.errors import Message
from deploy.embedded.directory import PACKAGES, SOCKETS_PREFIX, Installation, Run
from deploy.embedded.ending import Ending
from deploy.embedded.processes import Processes, StartFailed

if TYPE_CHECKING:
    from chassis.bus.broker import Brokers

HOST: Final = "127.0.0.1"
READY_SECONDS_MAX: Final = 60
CLUSTER_READY_SECONDS_MAX: Final = 180
"""Eleven interpreters that start at once on two cores take their time."""

_POLL_SECONDS: Final = 0.05
_WATCH_SECONDS: Final = 0.5
_ANSWER_SECONDS: Final = 2
_TOGETHER: Final = ("apis", "workers")
_CLUSTER: Final = (
    *(f"api-{name}" for name in PACKAGES if name != "gateway"),
    *(f"worker-{name}" for name in PACKAGES),
    "api-gateway",  # the last to start is the first to stop
)
Say = Callable[[Message], None]


class Platform:
    """A running platform. Make it with :func:`started`."""

    def __init__(
        self,
        installation: Installation,
        run: Run,
        postgres: EmbeddedPostgres,
        brokers: Brokers | None,
        processes: Processes,
        ending: Ending,
    ) -> None:
        self.installation = installation
        self.run = run
        self.postgres = postgres
        self.brokers = brokers
        self._processes = processes
        self._ending = ending

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.run.port}"

    @property
    def is_ending(self) -> bool:
        """Whether the end was asked for, or has begun."""
        return self._ending.is_asked

    def wait_until_ready(self) -> None:
        """Return once the gateway says that every program is ready.

        :raises StartFailed: if a process ended or time ran out.
        """
        until = time.monotonic() + (CLUSTER_READY_SECONDS_MAX if self.run.kafka else READY_SECONDS_MAX)
        while time.monotonic() < until:
            self._ending.check()
            self._processes.raise_if_ended()
            if _is_ready(self.run.port):
                return
            time.sleep(_POLL_SECONDS)
        logs = self.installation.logs
        raise StartFailed(
            Message(f"平台未能按时就绪，请查看 {logs}。", f"The platform was not ready in time; see {logs}.")
        )

    def watch(self) -> None:
        """Keep everything running until a signal comes: what ends by itself is started again.

        :raises PostgresFailed: if the database cannot be.
        """
        while not self._ending.is_asked:
            time.sleep(_WATCH_SECONDS)
            if self._ending.is_asked:
                return
            if not self.postgres.is_running():
                self.postgres.start_again()
            if self.brokers is not None:
                self.brokers.start_again_what_ended()
            self._processes.start_again_what_ended()

    def stop(self) -> None:
        """End every process of ours; PostgreSQL is the caller's."""
        self._ending.is_asked = True
        self._processes.stop()
        shutil.rmtree(self.run.sockets, ignore_errors=True)


@contextlib.contextmanager
def started(
    directory: Path, *, port: int, say: Say, cluster: bool = False, ending: Ending | None = None
) -> Iterator[Platform]:
    """Start PostgreSQL, bring the schemas up to date, start every program; end them all afterwards.

    :param cluster: every program as a process of its own, over a real Kafka, instead of two processes in all.
    :param ending: who may ask for the end; nobody if None.
    :raises StartFailed: or PostgresFailed, with a sentence that says what to do.
    :raises KeyboardInterrupt: if the end was asked for before the platform was ready.
    """
    ending = ending or Ending()
    refuse_taken(port)
    installation = Installation(directory)
    with failing_at(installation.directory):
        installation.make_folders()
    with (
        _processes(installation, _CLUSTER if cluster else _TOGETHER) as processes,
        _postgres(installation, say) as postgres,
        _brokers(installation, say) if cluster else contextlib.nullcontext() as brokers,
    ):
        from deploy.embedded.databases import bring_up_to_date  # a driver, which loads beside the processes

        say(Message("正在更新数据库结构", "Bringing the schemas up to date"))
        databases = bring_up_to_date(installation, postgres).databases
        with failing_at(installation.directory):
            installation.forget_sockets()
            kafka = brokers.bootstrap_servers if brokers else ""
            run = Run(port, tempfile.mkdtemp(prefix=SOCKETS_PREFIX), databases, kafka)
            installation.write_run(run)
        platform = Platform(installation, run, postgres, brokers, processes, ending)
        try:
            say(Message("正在启动各服务", "Starting the services"))
            processes.begin()
            platform.wait_until_ready()
            ending.wait_for_watch()
            yield platform
        finally:
            platform.stop()


@contextlib.contextmanager
def _processes(installation: Installation, names: Sequence[str]) -> Iterator[Processes]:
    """Our processes, loading already while the database starts: most of the wait would be for their imports."""
    processes = Processes(installation)
    try:
        for name in names:
            processes.start(name)
        yield processes
    finally:
        processes.stop()


def _postgres(installation: Installation, say: Say) -> EmbeddedPostgres:
    """PostgreSQL over this data directory, which then holds all that a process finds there."""
    with failing_at(installation.directory):
        installation.prepare()
    return EmbeddedPostgres.start(installation.postgres, on_progress=say)


@contextlib.contextmanager
def _brokers(installation: Installation, say: Say) -> Iterator[Brokers]:
    """A broker over this data directory, with every topic as declared."""
    from chassis.bus.broker import BrokerMissing, Brokers  # only a cluster pays for these imports
    from chassis.bus.kafka.provision import apply
    from chassis.bus.protocol import BusAway
    from chassis.bus.topics import topics_of
    from chassis.settings import KafkaSettings
    from deploy.embedded.installation import PROGRAMS

    say(Message("正在启动 Kafka", "Starting Kafka"))
    try:
        with Brokers.start(installation.directory / "kafka") as brokers:
            declared = topics_of(event for program in PROGRAMS for event in program.events)
            asyncio.run(apply(KafkaSettings(bootstrap_servers=brokers.bootstrap_servers), declared))
            yield brokers
    except BrokerMissing as missing:
        raise StartFailed(missing.message) from missing
    except BusAway as away:
        raise StartFailed(Message(f"Kafka 没有完成：{away}", f"Kafka did not do it: {away}")) from away


def _is_ready(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/health/status")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def refuse_taken(port: int) -> None:
    """Say at once that the port is taken, before anything was started.

    :raises StartFailed: with what to do.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StartFailed(
                Message(
                    f"端口 {port} 已被占用，请用 PORT=其他端口 再启动。",
                    f"Port {port} is taken; start with PORT=another.",
                )
            ) from error
