"""Topics are made as declared, once, and never changed behind anybody's back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka.connection import Connection, settings_of
from chassis.bus.kafka.provision import Difference, apply
from chassis.bus.protocol import BusAway
from chassis.bus.topics import topics_of
from chassis.events.event import Envelope, Event
from chassis.identifiers import new_id
from chassis.testing.eventually import eventually
from chassis.testing.tally import Counted, CounterRecorded, TallyReader, tables


class StateRecorded(Event, type="zoo.keeper.recorded", version=1, full_state=True, partitions=2):
    """A state."""


DECLARED = topics_of([Counted, CounterRecorded, StateRecorded])


async def test_missing_topics_are_made_as_declared_and_a_second_run_does_nothing(kafka_settings):
    connection = Connection(kafka_settings, "test")
    names = (connection.named("tally.counter"), connection.named("zoo.keeper"))
    first = await apply(kafka_settings, DECLARED)
    assert first.made == names
    assert first.differences == ()
    async with connection.admin() as admin:
        found = await settings_of(admin, names, changed_only=True)
        described = {each["topic"]: each["partitions"] for each in await admin.describe_topics(list(names))}
    assert {name: len(partitions) for name, partitions in described.items()} == {names[0]: 12, names[1]: 2}
    assert found[names[1]]["cleanup.policy"] == "compact"
    assert found[names[0]]["retention.ms"] == str(30 * 24 * 3600 * 1000)
    again = await apply(kafka_settings, DECLARED, change=True)
    assert (again.made, again.differences, again.changed) == ((), (), ())


async def test_differences_are_told_and_changed_only_when_asked(kafka_settings):
    await apply(kafka_settings, DECLARED)
    other = [replace(topic, compacted=False, partitions=24) for topic in DECLARED if topic.name == "zoo.keeper"]
    name = Connection(kafka_settings, "test").named("zoo.keeper")
    policy = Difference(name, "cleanup.policy", "delete", "compact")
    partitions = Difference(name, "partitions", "24", "2")
    told = await apply(kafka_settings, other)
    assert {policy, partitions} <= set(told.differences)
    assert told.changed == ()
    assert policy in (await apply(kafka_settings, other)).differences
    done = await apply(kafka_settings, other, change=True)
    assert policy in done.changed
    assert done.differences == (partitions,)
    assert not partitions.can_be_changed
    assert (await apply(kafka_settings, other)).differences == (partitions,)


async def test_a_change_keeps_what_an_operator_had_set_beside_it(kafka_settings):
    from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

    connection = Connection(kafka_settings, "test")
    name = connection.named("zoo.keeper")
    await apply(kafka_settings, DECLARED)
    async with connection.admin() as admin:
        own = {"max.message.bytes": "2000000", "cleanup.policy": "delete"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, own)])

        async def is_known() -> bool:
            return (await settings_of(admin, [name], changed_only=True))[name] == own

        await eventually(is_known)  # the controller answers before the broker that we ask has heard
    await apply(kafka_settings, DECLARED, change=True)
    async with connection.admin() as admin:
        found = (await settings_of(admin, [name], changed_only=True))[name]
    assert found["max.message.bytes"] == "2000000"
    assert found["cleanup.policy"] == "compact"


async def test_nothing_makes_a_topic_by_accident(kafka_settings, make_program):
    bus = KafkaBus(kafka_settings, "test")
    sent = Envelope(
        id=new_id(),
        type=Counted.wire_type(),
        source="/services/tally",
        subject=new_id(),
        aggregate_version=1,
        region=610999101203,
        time=make_program("tally", tables).clock.system_now(),
        traceparent=None,
        data={"step": 1},
    )
    with pytest.raises(BusAway, match=r"no such topic: .*tally\.counter; make them with `xianjie topics apply`"):
        await bus.publish([sent])
    with pytest.raises(BusAway, match="no such topic"):
        await bus.join(TallyReader(make_program("reader", tables)).consumer)
    await bus.close()
    async with Connection(kafka_settings, "test").admin() as admin:
        assert not [name for name in await admin.list_topics() if name.startswith(kafka_settings.topic_prefix)]


async def test_a_broker_that_does_not_answer_is_an_outage(kafka_settings):
    nowhere = kafka_settings.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    with pytest.raises(BusAway, match="KafkaConnectionError"):
        await apply(nowhere, DECLARED)
