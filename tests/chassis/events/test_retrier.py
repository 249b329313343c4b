"""Parked events are tried five times with growing rests, wait for persons uncounted, and free their key in order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text, update

from chassis.bus.protocol import ConsumerPaused
from chassis.errors import Unavailable
from chassis.events.consumer import Consumer
from chassis.events.event import Envelope, Event
from chassis.events.parking import BACKOFF_SECONDS, RetryPolicy
from chassis.events.retrier import ParkedRetrier
from chassis.events.subscriptions import PersonUnknown, Subscription
from chassis.events.tables import parked
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing import tally
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted, TallyReader
from tests.chassis.bus.delivering import running


class PersonIntroduced(Event, type="people.person.introduced", version=1):
    pass


@pytest.fixture
def reader(make_program) -> TallyReader:
    return TallyReader(make_program("reader", tally.tables))


def counted(subject=None, version=1, **changes) -> Envelope:
    now = datetime.now(UTC)
    wire_type = Counted.wire_type()
    base = Envelope(
        new_id(), wire_type, "/services/tally", subject or new_id(), version, VILLAGE, now, None, {"step": 1}
    )
    return replace(base, **changes)


async def parked_rows(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(parked).order_by(parked.c.position))).all()


async def make_due(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(update(parked).values(next_try_at=text("clock_timestamp()")))


def failing(error: Exception, *, only=None):
    async def fail(envelope):
        if only is None or envelope.id == only:
            raise error

    return fail


async def test_an_event_is_dead_after_five_tries_each_later_than_the_one_before(make_program):
    policy = RetryPolicy(backoff_seconds=(10.0, 20.0, 40.0, 80.0, 160.0))
    reader = TallyReader(make_program("reader", tally.tables), policy=policy, before=failing(ValueError()))
    await reader.consumer.apply([counted()])
    retrier = ParkedRetrier(reader.program, [reader.consumer])
    assert await retrier.round() == 0, "it rests first"
    rests, states = [], []
    for _ in range(5):
        [row] = await parked_rows(reader.program)
        rests.append(round((row.next_try_at - datetime.now(UTC)).total_seconds() / 10))
        await make_due(reader.program)
        assert await retrier.round() == 1
        [row] = await parked_rows(reader.program)
        states.append((row.tries, row.state))
    assert rests == [1, 2, 4, 8, 16]
    assert states == [(1, "failed"), (2, "failed"), (3, "failed"), (4, "failed"), (5, "dead")]
    await make_due(reader.program)
    assert await retrier.round() == 0


def test_the_usual_policy_has_five_tries_with_growing_rests():
    assert len(BACKOFF_SECONDS) == 5
    assert list(BACKOFF_SECONDS) == sorted(set(BACKOFF_SECONDS))


async def test_a_dead_event_blocks_its_key_and_no_other(reader):
    bad = counted()
    reader.before = failing(ValueError(), only=bad.id)
    await reader.consumer.apply([bad, counted(bad.subject, 2)])
    retrier = ParkedRetrier(reader.program, [reader.consumer])
    while await retrier.round():
        pass
    other = counted()
    await reader.consumer.apply([counted(bad.subject, 3), other])
    assert await reader.versions() == {other.subject: [1]}
    assert [row.state for row in await parked_rows(reader.program)] == ["dead", "behind", "behind"]


async def test_a_cured_key_is_drained_in_order_and_then_flows_again(reader):
    events = [counted(version=1)]
    events += [counted(events[0].subject, version) for version in (2, 3, 4)]
    reader.before = failing(ValueError())
    await reader.consumer.apply(events)
    reader.before = tally._nothing
    retrier = ParkedRetrier(reader.program, [reader.consumer])
    assert [await retrier.round() for _ in range(5)] == [1, 1, 1, 1, 0]
    await reader.consumer.apply([counted(events[0].subject, 5)])
    assert await reader.versions() == {events[0].subject: [1, 2, 3, 4, 5]}
    assert await parked_rows(reader.program) == []


async def test_the_next_of_a_key_gets_tries_of_its_own(reader):
    first = counted()
    second = counted(first.subject, 2)
    reader.before = failing(ValueError())
    await reader.consumer.apply([first, second])
    retrier = ParkedRetrier(reader.program, [reader.consumer])
    await retrier.round()
    reader.before = failing(ValueError(), only=second.id)
    await retrier.round()
    [row] = await parked_rows(reader.program)
    assert (row.event_id, row.state, row.tries) == (second.id, "failed", 0)


async def test_an_outage_during_a_retry_counts_nothing(reader):
    reader.before = failing(ValueError())
    await reader.consumer.apply([counted()])
    reader.before = failing(Unavailable())
    retrier = ParkedRetrier(reader.program, [reader.consumer])
    for _ in range(7):
        with pytest.raises(ConsumerPaused):
            await retrier.round()
    [row] = await parked_rows(reader.program)
    assert (row.tries, row.state) == (0, "failed")


async def test_waiting_for_a_person_counts_no_tries_and_ends_with_the_news_of_them(make_program):
    program = make_program("reader", tally.tables)
    person, known = new_id(), set()

    async def ask(_envelope):
        if person not in known:
            raise PersonUnknown(person)

    reader = TallyReader(program, policy=RetryPolicy((0.0,) * 5, waiting_seconds=3600.0), before=ask)

    async def introduce(_unit, _event, envelope):
        known.add(envelope.subject)

    people = Consumer(program, "people", [Subscription(PersonIntroduced, introduce, makes_known=True)])
    await reader.consumer.apply([counted()])
    retrier = ParkedRetrier(program, [reader.consumer, people])
    for _ in range(8):
        await make_due(program)
        assert await retrier.round() == 1
    [row] = await parked_rows(program)
    assert (row.state, row.tries, row.awaits) == ("waiting", 0, person)
    assert await retrier.round() == 0, "it rests for an hour"

    stranger = counted(type=PersonIntroduced.wire_type(), data={})
    await people.apply([stranger])
    assert await retrier.round() == 0, "somebody else was introduced"
    await people.apply([counted(person, type=PersonIntroduced.wire_type(), data={})])
    assert await retrier.round() == 1
    assert sum(map(len, (await reader.versions()).values())) == 1
    assert await parked_rows(program) == []


async def test_an_event_taken_meanwhile_is_not_applied_again(reader):
    event = counted()
    reader.before = failing(ValueError())
    await reader.consumer.apply([event])
    async with reader.program.database.transaction(Area.everywhere()) as connection:
        taken = "INSERT INTO inbox (consumer, event_id, type) VALUES ('reader', :id, 't')"
        await connection.execute(text(taken), {"id": event.id})
    reader.before = tally._nothing
    assert await ParkedRetrier(reader.program, [reader.consumer]).round() == 1
    assert await reader.versions() == {}
    assert await parked_rows(reader.program) == []


async def test_an_event_that_arrives_while_its_key_is_retried_is_not_stranded_behind_it(reader):
    """Lined up behind a row that is just being released, it would have nobody to promote it."""
    first = counted()
    second = counted(first.subject, 2)
    reader.before = failing(ValueError())
    await reader.consumer.apply([first])
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def hold(envelope):
        if envelope.id == first.id:
            entered.set()
            await go_on.wait()

    reader.before = hold
    retrying = asyncio.create_task(ParkedRetrier(reader.program, [reader.consumer]).round())
    await asyncio.wait_for(entered.wait(), 5)
    arriving = asyncio.create_task(reader.consumer.apply([second]))
    await asyncio.sleep(0.2)
    go_on.set()
    await asyncio.gather(retrying, arriving)
    assert await reader.versions() == {first.subject: [1, 2]}
    assert await parked_rows(reader.program) == []


async def test_several_retriers_apply_each_event_once(reader):
    reader.before = failing(ValueError())
    events = [counted() for _ in range(10)]
    await reader.consumer.apply(events)

    async def slowly(_envelope):
        await asyncio.sleep(0.01)

    reader.before = slowly
    retriers = [ParkedRetrier(reader.program, [reader.consumer]) for _ in range(3)]
    await asyncio.gather(*(retrier.round() for retrier in retriers))
    assert await reader.versions() == {event.subject: [1] for event in events}


async def test_the_loop_survives_an_outage_and_stops_when_told(reader, monkeypatch):
    monkeypatch.setattr("chassis.events.retrier.PAUSE_SECONDS", 0.05)
    reader.before = failing(ValueError())
    event = counted()
    await reader.consumer.apply([event])
    outages = 3

    async def away(_envelope):
        nonlocal outages
        if outages:
            outages -= 1
            raise Unavailable

    reader.before = away
    async with running(ParkedRetrier(reader.program, [reader.consumer], poll_seconds=0.02).run):

        async def heard():
            return await reader.versions() == {event.subject: [1]}

        await eventually(heard)
    assert outages == 0
