"""A broker with the topics of the tally, under a prefix of each test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka.provision import apply
from chassis.bus.topics import topics_of
from chassis.identifiers import new_id
from chassis.settings import KafkaSettings
from chassis.testing import tally

EVENTS = (tally.Counted, tally.CounterRecorded)


@pytest.fixture
def kafka_settings(kafka_servers: str) -> KafkaSettings:
    """Topics and groups of this test alone."""
    return KafkaSettings(bootstrap_servers=kafka_servers, topic_prefix=f"t-{new_id().hex[-24:]}")


@pytest.fixture
async def topics(kafka_settings: KafkaSettings) -> list[str]:
    """The tally's topics, made."""
    return list((await apply(kafka_settings, topics_of(EVENTS))).made)


@pytest.fixture
def make_bus(topics: list[str], kafka_settings: KafkaSettings) -> Callable[..., KafkaBus]:
    """``make_bus(*groups)``: another client of the broker; it need not be told of groups."""
    return lambda *_groups: KafkaBus(kafka_settings, "test")


@pytest.fixture
def wait_for():
    """Bound an await of a test that could hang."""
    return lambda awaitable, seconds=30: asyncio.wait_for(awaitable, seconds)
