"""Start the whole platform with one command, watch it, and end every process of it together."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx

from chassis.bus.broker import BrokerMissing, Brokers
from chassis.bus.protocol import BusAway
from chassis.bus.topics import topics_of
from chassis.database.server import EmbeddedPostgres
from chassis.database.server.folders import failing_at
from chassis.errors import Message
from chassis.settings import KafkaSettings
from deploy.embedded.databases import bring_up_to_date
from deploy.embedded.installation import PROGRAMS, SERVICES, SOCKETS_PREFIX, Installation, Run

HOST: Final = "127.0.0.1"
READY_SECONDS_MAX: Final = 60
CLUSTER_READY_SECONDS_MAX: Final = 180
"""Eleven interpreters that start at once on two cores take their time."""

STOP_SECONDS_MAX: Final = 25
_POLL_SECONDS: Final = 0.05
_WATCH_SECONDS: Final = 0.5

_TOGETHER: Final = ("apis", "workers")
_CLUSTER: Final = (
    *(f"api-{service.name}" for service in SERVICES),
    *(f"worker-{program.name}" for program in PROGRAMS),
    "api-gateway",
)
Say = Callable[[Message], None]


class StartFailed(Exception):
    """The platform could not start; the message says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class Platform:
    """A running platform. Make it with :func:`started`."""

    def __init__(self, installation: Installation, run: Run, postgres: EmbeddedPostgres) -> None:
        self.installation = installation
        self.run = run
        self.postgres = postgres
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.run.port}"

    def start(self, name: str) -> None:
        """Start one of our processes. It ends when its standard input does, so also when we are killed."""
        log = (self.installation.logs / f"{name}.log").open("ab")
        self._children[name] = subprocess.Popen(  # noqa: S603  # our own interpreter and module, our own directory
            [sys.executable, "-m", "deploy.embedded", name, str(self.installation.directory)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches us alone; we then end the others in order
        )
        log.close()

    def wait_until_ready(self) -> None:
        """Return once the gateway says that every program is ready.

        :raises StartFailed: if a process ended or time ran out.
        """
        until = time.monotonic() + (CLUSTER_READY_SECONDS_MAX if self.run.kafka else READY_SECONDS_MAX)
        with httpx.Client(timeout=2) as client:
            while time.monotonic() < until:
                self._raise_if_ended()
                with contextlib.suppress(httpx.TransportError):
                    if client.get(f"{self.address}/health/status").status_code == httpx.codes.OK:
                        return
                time.sleep(_POLL_SECONDS)
        logs = self.installation.logs
        raise StartFailed(
            Message(f"平台未能按时就绪，请查看 {logs}。", f"The platform was not ready in time; see {logs}.")
        )

    def watch(self) -> None:
        """Keep everything running until a signal comes: what ends by itself is started again."""
        while not self.stopping:
            time.sleep(_WATCH_SECONDS)
            for name, child in list(self._children.items()):
                if child.poll() is not None and not self.stopping:
                    self.start(name)

    def stop(self) -> None:
        """End every process, the last one started first, then PostgreSQL."""
        self.stopping = True
        for child in reversed(self._children.values()):
            child.terminate()
        until = time.monotonic() + STOP_SECONDS_MAX
        for child in reversed(self._children.values()):
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.run.sockets, ignore_errors=True)

    def _raise_if_ended(self) -> None:
        for name, child in self._children.items():
            if child.poll() is not None:
                log = self.installation.logs / f"{name}.log"
                raise StartFailed(
                    Message(f"{name} 进程已退出，原因见 {log}。", f"The process {name} ended; {log} says why.")
                )


@contextlib.contextmanager
def started(directory: Path, *, port: int, say: Say, cluster: bool = False) -> Iterator[Platform]:
    """Start PostgreSQL, bring the schemas up to date, start every program; end them all afterwards.

    :param cluster: every program as a process of its own, over a real Kafka, instead of two processes in all.
    :raises StartFailed: or PostgresFailed, with a sentence that says what to do.
    """
    refuse_taken(port)
    installation = Installation(directory)
    with failing_at(installation.directory):
        installation.prepare()
    with (
        EmbeddedPostgres.start(installation.postgres, on_progress=say) as postgres,
        _brokers(installation, say) if cluster else contextlib.nullcontext("") as kafka,
    ):
        say(Message("正在更新数据库结构", "Bringing the schemas up to date"))
        databases = bring_up_to_date(installation, postgres).databases
        with failing_at(installation.directory):
            installation.forget_sockets()
            run = Run(port, tempfile.mkdtemp(prefix=SOCKETS_PREFIX), databases, kafka)
            installation.write_run(run)
        platform = Platform(installation, run, postgres)
        try:
            say(Message("正在启动各服务", "Starting the services"))
            for name in _CLUSTER if cluster else _TOGETHER:
                platform.start(name)
            platform.wait_until_ready()
            yield platform
        finally:
            platform.stop()


@contextlib.contextmanager
def _brokers(installation: Installation, say: Say) -> Iterator[str]:
    """The addresses of a broker over this data directory, with every topic as declared."""
    say(Message("正在启动 Kafka", "Starting Kafka"))
    try:
        with Brokers.start(installation.directory / "kafka") as brokers:
            servers = brokers.bootstrap_servers
            declared = topics_of(event for program in PROGRAMS for event in program.events)
            from chassis.bus.kafka.provision import apply  # only a cluster pays for its import

            asyncio.run(apply(KafkaSettings(bootstrap_servers=servers), declared))
            yield servers
    except BrokerMissing as missing:
        raise StartFailed(missing.message) from missing
    except BusAway as away:
        raise StartFailed(Message(f"Kafka 没有完成：{away}", f"Kafka did not do it: {away}")) from away


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


def end_on_signals(platform: Platform) -> None:
    """Ctrl-C, a closed terminal and an orderly kill all end the platform; a second one changes nothing."""

    def end(_signal: int, _frame: object) -> None:
        platform.stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
