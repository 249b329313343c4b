"""Who gives up on a broker that is away has been told why, and says no more in the log."""

from __future__ import annotations

import asyncio
import gc

import pytest
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import MessageAccumulator
from aiokafka.structs import TopicPartition

from chassis.bus.kafka.producer import _give_up


async def test_batches_that_are_given_up_leave_no_error_that_nobody_hears():
    said = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: said.append(context["message"]))
    accumulator = MessageAccumulator(None, 10_000, 0, 30)
    batch = accumulator.create_builder()
    batch.append(timestamp=None, key=b"k", value=b"v", headers=[])
    sent = await accumulator.add_batch(batch, TopicPartition("topic", 0), 1)
    _give_up(accumulator)
    with pytest.raises(KafkaError, match="given up"):
        await sent
    del accumulator, batch, sent
    gc.collect()
    assert said == []
