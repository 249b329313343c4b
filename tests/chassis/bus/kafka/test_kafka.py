"""The bus over Kafka passes the suite."""

from __future__ import annotations

from tests.chassis.bus.conformance import BusConformance


class TestKafkaBus(BusConformance):
    """The fixtures of this folder make the bus."""
