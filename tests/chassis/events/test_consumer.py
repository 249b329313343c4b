"""A consumer takes each effect once and in order, parks what cannot be applied, and blames no event for an outage."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import DBAPIError

from chassis.events import reactions
from chassis.events.consumer import Consumer
from chassis.events.relay import Relay
from chassis.events.subscriptions import PersonUnknown, Subscription
from chassis.events.tables import inbox, parked
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing import tally
from chassis.testing.bus import RecordingBus
from chassis.testing.disorder import shuffled_across_keys
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted, CounterRecorded, TallyReader, count_all
from tests.chassis.events.reading import OTHER_VILLAGE, counted, rows


@pytest.fixture
async def said(make_program):
    """``await said(counters, steps)``: the envelopes of a writer's events, in order."""

    async def say(counters, steps):
        program, bus = make_program("tally", tally.tables), RecordingBus()
        await count_all(program, counters, VILLAGE, steps=steps)
        relay = Relay(program, bus)
        while await relay.deliver_batch():
            pass
        return bus.envelopes

    return say


async def test_everything_delivered_three_times_and_shuffled_across_keys_gives_the_same_state(make_program, said):
    counters = [new_id() for _ in range(8)]
    envelopes = await said(counters, 6)
    once = TallyReader(make_program("reader", tally.tables))
    await once.consumer.apply(envelopes)
    for seed in range(3):
        disordered = TallyReader(make_program("reader", tally.tables))
        stream = shuffled_across_keys(envelopes, random.Random(seed))
        assert len(stream) == 3 * len(envelopes)
        while stream:
            size = random.Random(len(stream)).randint(1, 17)
            await disordered.consumer.apply(stream[:size])
            stream = stream[size:]
        assert await disordered.versions() == {counter: [1, 2, 3, 4, 5, 6] for counter in counters}
        assert await disordered.projection() == await once.projection()


async def test_unknown_types_and_unknown_fields_are_passed_over(reader):
    known = counted(data={"step": 4, "added_in_a_later_release": "x"})
    await reader.consumer.apply([counted(type="cn.xianjie.tally.counter.melted.v1"), known])
    assert await reader.versions() == {known.subject: [1]}
    assert [row.event_id for row in await rows(reader.program, inbox)] == [known.id]


async def test_an_older_full_state_is_dropped_and_counts_as_taken(reader):
    subject = new_id()
    new = counted(subject, 5, type=CounterRecorded.wire_type(), data={"total": 50})
    old = counted(subject, 3, type=CounterRecorded.wire_type(), data={"total": 30})
    await reader.consumer.apply([new])
    await reader.consumer.apply([old])
    assert await reader.projection() == {subject: (0, 5, 50)}
    assert {row.event_id for row in await rows(reader.program, inbox)} == {new.id, old.id}


async def test_an_older_full_state_in_the_same_batch_is_dropped_too(reader):
    subject = new_id()
    states = [counted(subject, v, type=CounterRecorded.wire_type(), data={"total": v}) for v in (2, 7, 4)]
    await reader.consumer.apply(states)
    assert await reader.projection() == {subject: (0, 7, 7)}


async def test_a_failing_event_is_parked_at_once_and_its_key_lines_up_behind_it(reader):
    bad, good = new_id(), new_id()

    async def refuse(envelope):
        if envelope.subject == bad:
            raise ValueError("身份证 610999199001011234")

    reader.before = refuse
    await reader.consumer.apply([counted(bad, 1), counted(good, 1), counted(bad, 2)])
    await reader.consumer.apply([counted(bad, 3), counted(good, 2)])
    found = sorted(await rows(reader.program, parked), key=lambda row: row.position)
    assert [(row.subject, row.aggregate_version, row.state, row.tries) for row in found] == [
        (bad, 1, "failed", 0),
        (bad, 2, "behind", 0),
        (bad, 3, "behind", 0),
    ]
    assert found[0].reason == "ValueError"
    assert await reader.versions() == {good: [1, 2]}


async def test_a_blocked_key_of_another_area_than_the_batchs_first_lines_up_too(reader):
    bad, good = new_id(), new_id()

    async def refuse(envelope):
        if envelope.subject == bad:
            raise ValueError

    reader.before = refuse
    await reader.consumer.apply([counted(bad, 1, region=OTHER_VILLAGE)])
    await reader.consumer.apply([counted(good, 1), counted(bad, 2, region=OTHER_VILLAGE), counted(good, 2)])
    assert [row.state for row in await rows(reader.program, parked)] == ["failed", "behind"]
    assert await reader.versions() == {good: [1, 2]}


async def test_a_parked_event_that_comes_again_keeps_its_place(reader):
    async def refuse(_envelope):
        raise ValueError

    reader.before = refuse
    first, second = counted(version=1), None
    second = counted(first.subject, 2)
    await reader.consumer.apply([first, second])
    before = await rows(reader.program, parked)
    await reader.consumer.apply([second, first, second])
    assert await rows(reader.program, parked) == before


async def test_an_event_taken_before_its_key_was_blocked_does_not_line_up(reader):
    first = counted()
    await reader.consumer.apply([first])

    async def refuse(_envelope):
        raise ValueError

    reader.before = refuse
    second = counted(first.subject, 2)
    await reader.consumer.apply([second])
    await reader.consumer.apply([first])
    assert [row.event_id for row in await rows(reader.program, parked)] == [second.id]


async def test_an_event_whose_data_does_not_parse_is_parked_without_its_values(reader):
    broken = counted(data={"step": "610999199001011234x"})
    await reader.consumer.apply([broken])
    [row] = await rows(reader.program, parked)
    assert (row.state, row.reason) == ("failed", "ValidationError int_parsing")


async def test_an_event_about_an_unknown_person_waits(reader):
    person = new_id()

    async def ask(_envelope):
        raise PersonUnknown(person)

    reader.before = ask
    await reader.consumer.apply([counted()])
    [row] = await rows(reader.program, parked)
    assert (row.state, row.awaits, row.reason) == ("waiting", person, "PersonUnknown")


async def test_an_action_that_takes_too_long_is_parked(reader, monkeypatch):
    import asyncio

    other, stuck = counted(), counted()

    async def hang(envelope):
        if envelope.subject == stuck.subject:
            try:
                await asyncio.Event().wait()
            finally:
                monkeypatch.undo()
        monkeypatch.setattr(reactions, "ACTION_SECONDS_MAX", 0.1)  # of the next one, and not of whose turn it is

    reader.before = hang
    await reader.consumer.apply([other, stuck])
    assert await reader.versions() == {other.subject: [1]}
    assert [row.reason for row in await rows(reader.program, parked)] == ["TimeoutError"]


async def test_a_slow_batch_commits_in_pieces(reader, monkeypatch):
    import asyncio

    monkeypatch.setattr(reactions, "TRANSACTION_SECONDS_MAX", 0.05)
    seen_committed = []

    async def look(_envelope):
        seen_committed.append(sum(len(versions) for versions in (await reader.versions()).values()))
        await asyncio.sleep(0.06)

    reader.before = look
    await reader.consumer.apply([counted() for _ in range(4)])
    assert seen_committed == [0, 1, 2, 3]


async def test_two_members_that_get_the_same_events_at_once_apply_them_once(make_program):
    import asyncio

    program = make_program("reader", tally.tables)
    one, other = TallyReader(program), TallyReader(program)
    subjects = [new_id() for _ in range(5)]
    batch = [counted(subject, version) for version in range(1, 7) for subject in subjects]
    await asyncio.gather(one.consumer.apply(batch), other.consumer.apply(batch), one.consumer.apply(batch))
    assert await one.versions() == {subject: [1, 2, 3, 4, 5, 6] for subject in subjects}


async def test_the_inbox_table_itself_refuses_a_second_effect(reader):
    envelope = counted()
    await reader.consumer.apply([envelope])
    async with reader.program.database.engine.connect() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(insert(inbox).values(consumer="reader", event_id=envelope.id, type=envelope.type))


async def test_forgetting_some_types_keeps_the_rest_and_frees_keys(reader):
    subject = new_id()
    step = counted(subject, 1)
    total = counted(subject, 1, type=CounterRecorded.wire_type(), data={"total": 1})

    async def refuse(_envelope):
        raise ValueError

    reader.before = refuse
    await reader.consumer.apply([step, total])
    assert [row.state for row in await rows(reader.program, parked)] == ["failed", "behind"]
    await reader.consumer.forget([Counted.wire_type()])
    [left] = await rows(reader.program, parked)
    assert (left.type, left.state) == (CounterRecorded.wire_type(), "failed")


def test_a_type_is_subscribed_once(make_program):
    async def ignore(_unit, _event, _envelope):
        return None

    with pytest.raises(ValueError, match="twice"):
        Consumer(make_program("x"), "x", [Subscription(Counted, ignore), Subscription(Counted, ignore)])


async def test_rows_of_another_consumer_do_not_count(reader):
    envelope = counted()
    async with reader.program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(insert(inbox).values(consumer="other", event_id=envelope.id, type=envelope.type))
    await reader.consumer.apply([envelope])
    assert await reader.versions() == {envelope.subject: [1]}
    async with reader.program.database.transaction(Area.everywhere()) as connection:
        assert (await connection.execute(delete(inbox).where(inbox.c.consumer == "other"))).rowcount == 1
