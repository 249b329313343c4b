"""Clients of a broker with the topics of the tally."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from chassis.bus.kafka import KafkaBus
from chassis.settings import KafkaSettings


@pytest.fixture
def make_bus(topics: list[str], kafka_settings: KafkaSettings) -> Callable[..., KafkaBus]:
    """``make_bus(*groups)``: another client of the broker; it need not be told of groups."""
    return lambda *_groups: KafkaBus(kafka_settings, "test")


@pytest.fixture
def wait_for():
    """Bound an await of a test that could hang."""
    return lambda awaitable, seconds=30: asyncio.wait_for(awaitable, seconds)
