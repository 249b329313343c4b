"""What lies on a topic is a CloudEvent that a stranger reads, in the partition that Kafka's clients would choose."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

from chassis.bus.kafka.partitioning import partitions_of
from chassis.events import metrics
from chassis.events.relay import Relay
from chassis.identifiers import new_id
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import TallyReader, count_all, tables


async def records_of(servers: str, topic: str, number: int) -> list:
    """The first records of a topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [await asyncio.wait_for(consumer.getone(), 10) for _ in range(number)]
    finally:
        await consumer.stop()


async def test_the_sdk_of_cloud_events_reads_the_records_of_a_topic(make_bus, make_program, topics, kafka_servers):
    writer, bus = make_program("tally", tables), make_bus()
    counter = new_id()
    await count_all(writer, [counter], VILLAGE, steps=2)
    await Relay(writer, bus).deliver_batch()
    await bus.close()
    records = await records_of(kafka_servers, topics[0], 4)
    events = [
        from_kafka_event(KafkaMessage(headers=dict(record.headers), key=record.key, value=record.value))
        for record in records
    ]
    assert [(event.get_type(), event.get_extension("aggregateversion")) for event in events] == [
        ("cn.xianjie.tally.counter.counted.v1", "1"),
        ("cn.xianjie.tally.counter.recorded.v1", "1"),
        ("cn.xianjie.tally.counter.counted.v1", "2"),
        ("cn.xianjie.tally.counter.recorded.v1", "2"),
    ]
    for event in events:
        assert event.get_specversion() == "1.0"
        assert event.get_source() == "/services/tally"
        assert event.get_subject() == str(counter)
        assert event.get_extension("partitionkey") == str(counter)
        assert event.get_extension("region") == str(VILLAGE)
        assert event.get_datacontenttype() == "application/json"
    assert [event.get_data() for event in events] == [{"step": 1}, {"total": 1}, {"step": 1}, {"total": 2}]
    assert {record.partition for record in records} == set(partitions_of([str(counter).encode()], 12))


async def test_a_delivery_to_one_group_lies_in_the_same_partition_under_a_key_of_its_own(
    make_bus, make_program, topics, kafka_servers
):
    from chassis.events.redelivery import republish

    writer, bus = make_program("tally", tables), make_bus()
    counter = new_id()
    await count_all(writer, [counter], VILLAGE)
    await Relay(writer, bus).deliver_batch()
    await republish(writer.database, ["cn.xianjie.tally.counter.recorded.v1"], only="archive")
    await Relay(writer, bus).deliver_batch()
    await bus.close()
    plain, _, again = await records_of(kafka_servers, topics[0], 3)
    assert plain.key == str(counter).encode()
    assert again.key == f"{counter}@archive".encode()
    assert again.partition == plain.partition
    assert dict(again.headers)["ce_audience"] == b"archive"
    assert dict(again.headers)["ce_subject"] == str(counter).encode()


async def test_the_partition_is_the_one_that_kafkas_own_clients_choose(kafka_servers, topics):
    producer = AIOKafkaProducer(bootstrap_servers=kafka_servers)
    await producer.start()
    try:
        for _ in range(20):
            subject = str(new_id())
            sent = await producer.send_and_wait(topics[0], key=subject.encode(), value=b"{}")
            assert [sent.partition] == partitions_of([subject.encode()], 12)
    finally:
        await producer.stop()


@pytest.mark.parametrize("headers", [[], [("ce_specversion", b"1.0"), ("ce_type", b"\xff")]], ids=["none", "odd"])
async def test_a_record_that_is_no_event_of_ours_is_passed_over_and_counted(
    make_bus, make_program, topics, kafka_servers, headers
):
    writer, reader, bus = make_program("tally", tables), TallyReader(make_program("reader", tables)), make_bus()
    counter = new_id()
    broken = [("ce_type", b"cn.xianjie.tally.counter.counted.v1"), ("ce_id", b"610999197403123010")]
    producer = AIOKafkaProducer(bootstrap_servers=kafka_servers)
    await producer.start()
    await producer.send_and_wait(topics[0], key=str(counter).encode(), value=b"{}", headers=headers)
    await producer.send_and_wait(topics[0], key=str(counter).encode(), value=b"{}", headers=broken)
    await producer.stop()
    counted = metrics.foreign_records.labels("reader", topics[0])
    before = counted._value.get()
    await count_all(writer, [counter], VILLAGE)
    await bus.join(reader.consumer)
    await Relay(writer, bus).deliver_batch()

    async def heard() -> bool:
        return await reader.versions() == {counter: [1]}

    await eventually(heard)
    assert counted._value.get() > before
    await bus.close()
