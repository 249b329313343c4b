"""A batch that one event fails is parted in few steps: the event is soon alone, and the others go on together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from chassis.bus.protocol import ConsumerPaused
from chassis.errors import Unavailable
from chassis.events import metrics
from chassis.events.consumer import Consumer
from chassis.events.parting import parts
from chassis.events.subscriptions import StateSubscription, Subscription
from chassis.events.tables import inbox, parked, seen_version
from chassis.identifiers import new_id
from chassis.testing import tally
from chassis.testing.tally import AT_ONCE, Counted, CounterRecorded, TallyReader, state
from tests.chassis.events.reading import counted, rows
from tests.chassis.events.stating import recorded


class Keeper:
    """A consumer that only keeps states, fails where a total is negative, and notes how many it was given at once."""

    def __init__(self, program):
        self.program = program
        self.calls: list[int] = []
        self.error: Exception = ValueError()
        subscription = StateSubscription(CounterRecorded, self._keep)
        self.consumer = Consumer(program, "keeper", [subscription], policy=AT_ONCE)

    async def _keep(self, unit, told):
        self.calls.append(len(told))
        if any(event.total < 0 for event, _ in told):
            raise self.error
        await tally.keep(unit, told)


@pytest.fixture
def keeper(make_program):
    return Keeper(make_program("keeper", tally.tables))


def applied(consumer):
    return metrics.applied.labels(consumer)._value.get()


@pytest.mark.parametrize("place", [0, 417, 999])
async def test_one_poisoned_state_among_a_thousand_is_found_in_few_calls(keeper, place):
    batch = [recorded(new_id(), 1) for _ in range(1_000)]
    bad = batch[place] = recorded(new_id(), 1, -1)
    before = applied("keeper")
    await keeper.consumer.apply(batch)
    assert keeper.calls[0] == 1_000
    assert len(keeper.calls) < 25
    assert {row.counter for row in await rows(keeper.program, state)} == {each.subject for each in batch} - {
        bad.subject
    }
    assert {row.subject for row in await rows(keeper.program, seen_version)} == {each.subject for each in batch} - {
        bad.subject
    }
    assert [(row.event_id, row.state, row.tries) for row in await rows(keeper.program, parked)] == [
        (bad.id, "failed", 0)
    ]
    assert applied("keeper") - before == 999


async def test_a_few_poisoned_states_are_found_and_what_comes_after_lines_up_in_order(keeper):
    things = [new_id() for _ in range(100)]
    bad = {things[3], things[4], things[90]}
    for version in (1, 2, 3):
        await keeper.consumer.apply([recorded(thing, version, -1 if thing in bad else version) for thing in things])
    assert len(keeper.calls) < 50
    assert {row.counter: row.version for row in await rows(keeper.program, state)} == {
        thing: 3 for thing in things if thing not in bad
    }
    found = sorted(await rows(keeper.program, parked), key=lambda row: row.position)
    for thing in bad:
        mine = [(row.aggregate_version, row.state) for row in found if row.subject == thing]
        assert mine == [(1, "failed"), (2, "behind"), (3, "behind")]


async def test_an_outage_among_many_parts_nothing_and_is_no_try(keeper):
    keeper.error = Unavailable()
    with pytest.raises(ConsumerPaused):
        await keeper.consumer.apply([recorded(new_id(), 1, total) for total in (1, -1, 1, 1)])
    assert keeper.calls == [4]
    assert (
        await rows(keeper.program, parked)
        == await rows(keeper.program, state)
        == await rows(keeper.program, seen_version)
        == []
    )


async def test_an_outage_while_a_batch_is_parted_leaves_what_was_committed_and_the_rest_comes_again(keeper):
    batch = [recorded(new_id(), 1, total) for total in (1, 1, -1, 1)]
    inner = keeper._keep
    away = True

    async def away_at_the_poison(unit, told):
        if away and len(told) == 1:
            raise Unavailable
        await inner(unit, told)

    consumer = Consumer(
        keeper.program, "keeper", [StateSubscription(CounterRecorded, away_at_the_poison)], policy=AT_ONCE
    )
    with pytest.raises(ConsumerPaused):
        await consumer.apply(batch)
    assert {row.counter for row in await rows(keeper.program, state)} == {each.subject for each in batch[:2]}
    assert await rows(keeper.program, parked) == []
    away = False
    await consumer.apply(batch)
    assert {row.counter for row in await rows(keeper.program, state)} == {batch[place].subject for place in (0, 1, 3)}
    assert [(row.event_id, row.tries) for row in await rows(keeper.program, parked)] == [(batch[2].id, 0)]


async def test_an_action_that_fails_is_tried_twice_and_the_others_go_on_together(make_program):
    reader = TallyReader(make_program("reader", tally.tables))
    subjects = [new_id() for _ in range(20)]
    batch = [counted(subject, version) for version in (1, 2, 3) for subject in subjects]
    bad = batch[25]
    tries = []

    async def refuse(envelope):
        if envelope.text.id == bad.text.id:
            tries.append(envelope.id)
            raise ValueError

    reader.before = refuse
    await reader.consumer.apply(batch)
    assert len(tries) == 2, "once among the others, once alone"
    assert reader.steps == 25 + 58, "what came before it is done again, what comes after it once"
    versions = await reader.versions()
    assert versions.pop(bad.subject) == [1]
    assert all(heard == [1, 2, 3] for heard in versions.values())
    assert len(versions) == 19
    assert {row.event_id for row in await rows(reader.program, inbox)} == {
        each.id for each in batch if each.subject != bad.subject or each.aggregate_version == 1
    }


async def test_where_every_event_fails_each_is_tried_at_most_twice(make_program):
    reader = TallyReader(make_program("reader", tally.tables))
    tries = []

    async def refuse(envelope):
        tries.append(envelope.id)
        raise ValueError

    reader.before = refuse
    batch = [counted() for _ in range(40)]
    await reader.consumer.apply(batch)
    assert len(tries) <= 2 * len(batch)
    assert {row.event_id for row in await rows(reader.program, parked)} == {each.id for each in batch}


async def test_what_fails_only_together_is_kept_apart(make_program):
    """A COMMIT that fails, as a deferred constraint does, blames nobody: the batch is halved until it holds."""
    program = make_program("reader", tally.tables)
    sizes = []

    async def count(unit, event, envelope):
        await tally.hear(unit, event, envelope)
        sizes.append(1)

    consumer = Consumer(program, "reader", [Subscription(Counted, count)], policy=AT_ONCE)
    note = consumer._note

    async def refuse_more_than_two(connection, taken, known, *, commit):
        if len(taken.envelopes) > 2:
            await connection.execute(insert(inbox).values(consumer="reader", event_id=None, type=""))
        await note(connection, taken, known, commit=commit)

    consumer._note = refuse_more_than_two
    batch = [counted() for _ in range(8)]
    await consumer.apply(batch)
    assert {row.event_id for row in await rows(program, inbox)} == {each.id for each in batch}
    assert await rows(program, parked) == []
    assert len(sizes) == 24, "eight, twice four, four times two"


@given(size=st.integers(2, 40), blamed=st.lists(st.integers(0, 39), max_size=3))
def test_parts_are_the_batch_in_order_and_each_is_smaller(size, blamed):
    batch = [counted() for _ in range(size)]
    found = parts(batch, [batch[place % size] for place in blamed])
    assert [each for part in found for each in part] == batch
    assert all(0 < len(part) < size for part in found)
