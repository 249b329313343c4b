"""Ports for programs that come back are free, differ, and are none that the system hands to whoever asks."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from chassis import ports
from chassis.ports import HOST, NoFreePort, free_port, free_ports, is_free

_HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_many_ports_at_once_are_free_and_none_comes_twice():
    found = free_ports(100)
    assert len(set(found)) == 100
    assert all(is_free(port) for port in found)


def test_no_port_is_one_that_the_system_hands_out_itself():
    told = _HANDED_OUT.read_text("ascii").split() if _HANDED_OUT.exists() else ["32768", "60999"]
    lowest = max(int(told[0]), 32_768)  # the usual; where an operator widened it, nothing can be promised
    assert all(port < lowest for port in free_ports(100))


def test_a_port_somebody_listens_on_is_not_free():
    with socket.create_server((HOST, free_port())) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_where_all_are_taken_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda _port: False)
    with pytest.raises(NoFreePort, match="end the program that takes so many") as refused:
        free_port()
    assert "没有可用端口" in refused.value.message.zh
