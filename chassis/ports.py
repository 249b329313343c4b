"""Ports on loopback for programs that are started later, and that must find theirs again after an end."""

from __future__ import annotations

import random
import socket
from contextlib import closing
from typing import Final

from chassis.errors import Message

HOST: Final = "127.0.0.1"
# Systems hand ports above these to whoever connects or asks for any: one of them may be gone after a restart.
_PORTS: Final = range(15_000, 32_768)
_TRIES_MAX: Final = 200


class NoFreePort(Exception):
    """Every port that was tried is taken; ``message`` says what to do, in both languages."""

    def __init__(self) -> None:
        self.message = Message(
            "127.0.0.1 上没有可用端口。请检查本机回环网络和防火墙设置，或结束占用大量端口的程序。",
            "No port of 127.0.0.1 can be opened. Check the loopback network and firewall of this machine, or end the "
            "program that takes so many.",
        )
        super().__init__(self.message.en)


def free_port() -> int:
    """A port that nobody listens on now; whoever wants it should take it soon."""
    return free_ports(1)[0]


def free_ports(number: int) -> list[int]:
    """``number`` different ports that nobody listens on, outside of those that the system itself hands out.

    :raises NoFreePort: if nearly all of them are taken.
    """
    drawn = random.SystemRandom().sample(_PORTS, number + _TRIES_MAX)
    found = [port for port in drawn if is_free(port)][:number]
    if len(found) < number:
        raise NoFreePort
    return found


def is_free(port: int) -> bool:
    """Whether a program may listen on ``port`` now."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
