"""Find a port on loopback that nobody listens on."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port that is free now; whoever wants it should take it soon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
