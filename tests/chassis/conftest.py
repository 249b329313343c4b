"""A broker with the topics of the tally, under a prefix of each test's own."""

from __future__ import annotations

import pytest

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
