"""Give tests one real Kafka broker per run, started when the first of them asks; without Java they are skipped.

In a parallel run the controller owns the broker, because a worker may end before others have done their tests: workers
ask it over a socket of its own. With ``CI=true`` a missing broker is a failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from chassis.bus.broker import BrokerMissing, Brokers
from chassis.errors import Message

VARIABLE: Final = "XIANJIE_TEST_KAFKA"
"""Path of the socket that answers with the broker's address; inherited by the workers of a parallel run."""
_WAIT_SECONDS_MAX: Final = 600
_MISSING: Final = "missing: "


def is_wanted() -> bool:
    """Whether a missing broker is a failure."""
    return os.environ.get("CI", "").lower() == "true"


class BrokerOnDemand:
    """One broker for many processes, started at the first question. A context manager of the process that owns it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="xj-kafka-"))
        self._brokers: Brokers | None = None
        self._answer: str | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / "ask"))
        self._listener.listen(64)
        threading.Thread(target=self._serve, daemon=True, name="kafka on demand").start()

    def __enter__(self) -> BrokerOnDemand:
        os.environ[VARIABLE] = str(self._folder / "ask")
        return self

    def __exit__(self, *_: object) -> None:
        os.environ.pop(VARIABLE, None)
        self._listener.close()
        if self._brokers is not None:
            self._brokers.stop(at_once=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            try:
                asker, _ = self._listener.accept()
            except OSError:  # closed: the run is over
                return
            with asker:
                if self._answer is None:
                    self._answer = self._started()
                asker.sendall(self._answer.encode())

    def _started(self) -> str:
        try:
            self._brokers = Brokers.start(self._folder / "broker")
        except BrokerMissing as missing:
            return f"{_MISSING}{missing}"
        return self._brokers.bootstrap_servers


def bootstrap_servers() -> str:
    """The address of this run's broker, which is started now if it was not.

    :raises BrokerMissing: if there is none to be had.
    """
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_WAIT_SECONDS_MAX)
        asking.connect(os.environ[VARIABLE])
        with asking.makefile() as answers:
            answer = answers.read()
    if answer.startswith(_MISSING) or not answer:
        reason = answer.removeprefix(_MISSING)
        raise BrokerMissing(Message(reason, reason))
    return answer


@contextmanager
def own_brokers(**options: Any) -> Iterator[Brokers]:
    """Brokers that nobody shares, for tests that kill them. ``options`` are those of :meth:`Brokers.start`.

    :raises BrokerMissing: if there are none to be had.
    """
    folder = Path(tempfile.mkdtemp(prefix="xj-kafka-"))
    try:
        brokers = Brokers.start(folder, **options)
        try:
            yield brokers
        finally:
            brokers.stop(at_once=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
