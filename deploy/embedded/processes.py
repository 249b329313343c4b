"""Keep our own processes: started early, told when to begin, started again when they end, ended together."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from typing import Final

from chassis.errors import Message
from deploy.embedded.directory import Installation
from deploy.embedded.stopping import BEGIN

STOP_SECONDS_MAX: Final = 25


class StartFailed(Exception):
    """The platform could not start; the message says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class Processes:
    """Our own processes. Each loads when it is started, and begins its work when it is told to."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start one. It ends when its standard input does, so also when we are killed."""
        with (self._installation.logs / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(  # noqa: S603  # our own interpreter and module, our own directory
                [sys.executable, "-m", "deploy.embedded", name, str(self._installation.directory)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone; we then end the others in order
            )

    def begin(self, *names: str) -> None:
        """Tell processes, or all of them, that what they need is there."""
        for name in names or self._children:
            pipe = self._children[name].stdin
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):  # it ended: whoever watches sees it
                pipe.write(BEGIN)
                pipe.flush()

    def raise_if_ended(self) -> None:
        """
        :raises StartFailed: naming the process and where it says why.
        """
        for name, child in self._children.items():
            if child.poll() is not None:
                log = self._installation.logs / f"{name}.log"
                raise StartFailed(
                    Message(f"{name} 进程已退出，原因见 {log}。", f"The process {name} ended; {log} says why.")
                )

    def start_again_what_ended(self) -> None:
        for name, child in list(self._children.items()):
            if child.poll() is not None:
                self.start(name)
                self.begin(name)

    def stop(self) -> None:
        """End them, the last one started first. May be repeated."""
        for child in reversed(self._children.values()):
            child.terminate()
        until = time.monotonic() + STOP_SECONDS_MAX
        for child in reversed(self._children.values()):
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
