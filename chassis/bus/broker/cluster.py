"""One or three broker nodes as a cluster on loopback, whose data survives every kind of end."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict
from pathlib import Path
from typing import Final, Self

from chassis.bus.broker.distribution import BrokerMissing, fetch
from chassis.bus.broker.node import Node, Options, Place
from chassis.ports import NoFreePort, free_ports

_PLACES: Final = "places.json"


class Brokers:
    """A running cluster; a context manager. Made by :meth:`start`."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    @classmethod
    def start(cls, folder: Path, *, nodes: int = 1, options: Options = Options()) -> Self:
        """Start a cluster over ``folder``, which is made at the first start; ports stay the same from start to start.

        :raises BrokerMissing: without Java or Maven, or if it does not come up; the message says what to do.
        """
        distribution = fetch()
        cluster, places = _places(folder, nodes)
        made = cls([Node(place, distribution) for place in places])
        try:
            for node in made.nodes:
                node.prepare(cluster, places, options)
                node.start()
            for node in made.nodes:
                node.wait_until_ready(nodes)
        except BaseException:
            made.stop()
            raise
        return made

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(node.place.address for node in self.nodes)

    def start_again_what_ended(self) -> None:
        """Bring back each node that ended by itself or was killed; it serves a few seconds later."""
        for node in self.nodes:
            if node.has_ended():
                node.start()

    def stop(self, *, at_once: bool = False) -> None:
        """End every node: in order, or by SIGKILL where nobody needs the data any more."""
        for node in self.nodes:
            if at_once:
                node.kill()
            node.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _places(folder: Path, nodes: int) -> tuple[str, list[Place]]:
    """The cluster's id and where its nodes lie, as at the first start."""
    known = folder / _PLACES
    if known.exists():
        told = json.loads(known.read_text("utf-8"))
        return told["cluster"], [Place(**{**place, "folder": folder / place["folder"]}) for place in told["places"]]
    try:
        ports = free_ports(2 * nodes)
    except NoFreePort as none:
        raise BrokerMissing(none.message) from none
    places = [
        Place(id_, folder / f"node-{id_}", ports[2 * id_ - 2], ports[2 * id_ - 1], _kafka_id())
        for id_ in range(1, nodes + 1)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    cluster = _kafka_id()
    told = {"cluster": cluster, "places": [{**asdict(place), "folder": place.folder.name} for place in places]}
    scratch = known.with_suffix(".new")
    scratch.write_text(json.dumps(told), "utf-8")
    scratch.replace(known)
    return cluster, places


def _kafka_id() -> str:
    """A UUID as Kafka writes it. It must not begin with a dash, which its tools would take for an option."""
    while True:
        made = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        if not made.startswith("-"):
            return made
