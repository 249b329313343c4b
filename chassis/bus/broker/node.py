"""One broker process, which is broker and controller at once, over a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chassis.bus.broker.distribution import BrokerMissing, Distribution
from chassis.database.server.keeping import Keeper, last_lines, spawn
from chassis.errors import Message
from chassis.ports import HOST

START_SECONDS_MAX: Final = 90
_HEAP_MIB: Final = 384
_FORMAT_HEAP_MIB: Final = 128
_POLL_SECONDS: Final = 0.05
_ANSWER_SECONDS_MAX: Final = 2
_HOLD_SECONDS_MAX: Final = 60
_METADATA: Final = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node lies and listens.

    :param directory: Kafka's own id of the folder, which the controllers know each other by.
    """

    id: int
    folder: Path
    port: int
    controller_port: int
    directory: str

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def controller(self) -> str:
        return f"{HOST}:{self.controller_port}"

    @property
    def log(self) -> Path:
        return self.folder / "broker.log"


@dataclass(frozen=True, slots=True)
class Options:
    """What a cluster has beyond the usual.

    :param settings: Kafka's own, over ours, for each node.
    :param more_listeners: beside the plain one, such as ``SECURE://127.0.0.1:9093``; for one node.
    :param users: passwords of SCRAM users by name, made when the folder is.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    more_listeners: Sequence[str] = ()
    users: Mapping[str, str] = field(default_factory=dict)


class Node:
    """One node. It ends when :meth:`stop` is called and, by its keeper, when this process dies in any way."""

    def __init__(self, place: Place, distribution: Distribution) -> None:
        self.place = place
        self.pid = 0
        self._distribution = distribution
        self._keeper: Keeper | None = None

    def prepare(self, cluster: str, nodes: Sequence[Place], options: Options) -> None:
        """Write the settings, and format the folder if that was not done before."""
        self.place.folder.mkdir(parents=True, exist_ok=True)
        settings = _settings(self.place, nodes, options)
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        self._settings.write_text("".join(lines), "utf-8")
        if (self.place.folder / "data" / "meta.properties").exists():
            return
        voters = ",".join(f"{node.id}@{node.controller}:{node.directory}" for node in nodes)
        words: list[str | Path] = ["format", "-t", cluster, "-c", self._settings, "--initial-controllers", voters]
        for name, password in options.users.items():
            words += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        command = self._distribution.command("kafka.tools.StorageTool", *words, heap_mib=_FORMAT_HEAP_MIB)
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode != 0:
            raise _failed(self.place, done.stdout + done.stderr)

    def start(self) -> None:
        """Start the process; :meth:`wait_until_ready` tells when it serves."""
        if self._keeper is None:
            self._keeper = self._held()
        command = self._distribution.command("kafka.Kafka", self._settings, heap_mib=_HEAP_MIB)
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        self.pid = self._keeper.start(command, environment=environment, account=None)

    def wait_until_ready(self, brokers: int) -> None:
        """Return once this node answers for a cluster of ``brokers`` brokers: an open port is not enough.

        :raises BrokerMissing: if the process keeps ending, or time runs out.
        """
        until = time.monotonic() + START_SECONDS_MAX
        while _brokers_known(self.place.port) < brokers:
            if self.has_ended():
                if time.monotonic() > until:
                    raise _failed(self.place, last_lines(self.place.log))
                time.sleep(1)  # an earlier process over the same folder may still hold its lock
                self.start()
            elif time.monotonic() > until:
                raise _failed(self.place, last_lines(self.place.log))
            time.sleep(_POLL_SECONDS)

    def has_ended(self) -> bool:
        return self._keeper is None or self._keeper.has_ended(within_seconds=0)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone. :meth:`start` brings it back over what it had written."""
        if self._keeper is not None and not self.has_ended():
            os.kill(self.pid, signal.SIGKILL)
            self._keeper.has_ended(within_seconds=_HOLD_SECONDS_MAX)

    def stop(self) -> None:
        """End it in order, and the keeper with it. May be repeated."""
        if self._keeper is not None:
            self._keeper.release()
            self._keeper = None

    def _held(self) -> Keeper:
        """The keeper of this folder; a run that is ending is waited for."""
        until = time.monotonic() + _HOLD_SECONDS_MAX
        while True:
            keeper = Keeper(spawn(self.place.folder / "broker.lock", self.place.log))
            answer = keeper.hear(_HOLD_SECONDS_MAX)
            if answer is not None and "held" in answer:
                return keeper
            keeper.release()
            if time.monotonic() > until:
                said = Message(
                    f"{self.place.folder} 正被另一个进程使用，请先停止它。",
                    f"Another process uses {self.place.folder}; stop it first.",
                )
                raise BrokerMissing(said)
            time.sleep(0.1)

    @property
    def _settings(self) -> Path:
        return self.place.folder / "server.properties"


def _settings(place: Place, nodes: Sequence[Place], options: Options) -> dict[str, str]:
    """KRaft, loopback only, no topic made by accident; internal topics as safe as the number of nodes allows."""
    copies = min(3, len(nodes))
    listeners = ",".join([f"PLAINTEXT://{place.address}", f"CONTROLLER://{place.controller}", *options.more_listeners])
    return {
        "process.roles": "broker,controller",
        "node.id": str(place.id),
        "listeners": listeners,
        "advertised.listeners": listeners,
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": ",".join(node.controller for node in nodes),
        "log.dirs": str(place.folder / "data"),
        "auto.create.topics.enable": "false",
        "broker.session.timeout.ms": "5000",  # how long a killed broker must wait before it may come back
        "broker.heartbeat.interval.ms": "1000",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": str(copies),
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": str(max(1, copies - 1)),
        "share.coordinator.state.topic.replication.factor": str(copies),
        "share.coordinator.state.topic.min.isr": str(max(1, copies - 1)),
        **options.settings,
    }


def _brokers_known(port: int) -> int:
    """How many brokers the node at ``port`` tells of; 0 while it does not answer as a broker or has no controller."""
    request = struct.pack(">hhih", _METADATA, 1, 1, -1) + struct.pack(">i", 0)  # no topics
    try:
        with socket.create_connection((HOST, port), _ANSWER_SECONDS_MAX) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answers:
                (size,) = struct.unpack(">i", answers.read(4))
                answer = answers.read(size)
        (brokers,) = struct.unpack_from(">i", answer, 4)
        (controller,) = struct.unpack_from(">i", answer, size - 8)
    except (OSError, struct.error):
        return 0
    return int(brokers) if controller >= 0 else 0


def _failed(place: Place, said: str) -> BrokerMissing:
    return BrokerMissing(
        Message(
            f"Kafka 未能启动，日志见 {place.log}：\n{said}", f"Kafka did not start; its log is {place.log}:\n{said}"
        )
    )
