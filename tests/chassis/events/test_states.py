"""Full states of a batch are kept together: of each thing the newest, whatever else the consumer reacts to."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.events.consumer import Consumer
from chassis.events.retrier import ParkedRetrier
from chassis.events.states import states_at_once
from chassis.events.subscriptions import StateSubscription, Subscription
from chassis.events.tables import inbox, parked, seen_version
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing import tally
from chassis.testing.eventually import eventually
from chassis.testing.programs import TOWN, VILLAGE
from chassis.testing.tally import AT_ONCE, Counted, CounterRecorded, state
from tests.chassis.events.reading import counted, rows
from tests.chassis.events.stating import STATE, recorded


class Keeper:
    """A consumer that keeps states and reacts to steps, and what it was given, call by call."""

    def __init__(self, program):
        self.calls = []
        self.consumer = Consumer(
            program,
            "keeper",
            [StateSubscription(CounterRecorded, self._keep, makes_known=True), Subscription(Counted, self._count)],
            policy=AT_ONCE,
        )

    async def _keep(self, unit, told):
        self.calls.append([(envelope.subject, event.total) for event, envelope in told])
        if any(event.total < 0 for event, _ in told):
            raise ValueError
        for event, envelope in told:
            row = {"region": envelope.region, "version": envelope.aggregate_version, "total": event.total}
            statement = insert(state).values(counter=envelope.subject, **row)
            await unit.connection.execute(statement.on_conflict_do_update(index_elements=[state.c.counter], set_=row))

    async def _count(self, _unit, event, envelope):
        self.calls.append([(envelope.subject, f"step {event.step}")])


@pytest.fixture
def program(make_program):
    return make_program("keeper", tally.tables)


@pytest.fixture
def keeper(program):
    return Keeper(program)


async def test_states_of_a_batch_come_in_one_call_each_thing_once_and_newest(program, keeper):
    first, second = new_id(), new_id()
    newest = recorded(first, 3)
    batch = [recorded(first, 1), recorded(second, 1), newest, recorded(first, 2), newest]
    await keeper.consumer.apply(batch)
    assert keeper.calls == [[(first, 3), (second, 1)]]
    await keeper.consumer.apply(batch)
    await keeper.consumer.apply([recorded(first, 2)])
    assert keeper.calls == [[(first, 3), (second, 1)]], "neither a second delivery nor an older state changes anything"


async def test_what_is_kept_is_marked_by_state_and_what_is_reacted_to_in_the_inbox(program, keeper):
    step, newest = counted(new_id()), recorded(new_id(), 2)
    await keeper.consumer.apply([recorded(newest.subject, 1), step, newest])
    assert [row.event_id for row in await rows(program, inbox)] == [step.id]
    assert [(row.subject, row.aggregate_version, row.event_id) for row in await rows(program, seen_version)] == [
        (newest.subject, 2, newest.id)
    ]


async def test_another_event_of_the_same_version_is_a_new_state(keeper):
    """A producer that was restored to an earlier point counts its versions from there again."""
    thing = new_id()
    await keeper.consumer.apply([recorded(thing, 1), recorded(thing, 2, 20)])
    await keeper.consumer.apply([recorded(thing, 2, 21)])
    assert keeper.calls == [[(thing, 20)], [(thing, 21)]]


async def test_reactions_between_states_keep_their_order(keeper):
    one, other = new_id(), new_id()
    await keeper.consumer.apply(
        [recorded(one, 1), recorded(other, 1), counted(one, 2), recorded(one, 2), counted(other, 2)]
    )
    assert keeper.calls == [
        [(one, 1), (other, 1)],
        [(one, "step 1")],
        [(one, 2)],
        [(other, "step 1")],
    ]


async def test_a_thing_that_moved_to_another_area_is_one_row_there(program, keeper):
    thing = new_id()
    await keeper.consumer.apply([recorded(thing, 1, region=VILLAGE)])
    await keeper.consumer.apply([recorded(thing, 2, region=610998101201), recorded(new_id(), 1, region=TOWN)])
    [row] = [row for row in await rows(program, state) if row.counter == thing]
    assert (row.region, row.version) == (610998101201, 2)


async def test_one_state_that_cannot_be_kept_is_parked_and_the_others_are_kept(program, keeper):
    good, bad = [new_id() for _ in range(4)], new_id()
    await keeper.consumer.apply([*(recorded(one, 1) for one in good[:2]), recorded(bad, 1, -1), recorded(good[2], 1)])
    await keeper.consumer.apply([recorded(bad, 2), recorded(good[3], 1)])
    assert {row.counter for row in await rows(program, state)} == set(good)
    assert sorted((row.aggregate_version, row.state) for row in await rows(program, parked)) == [
        (1, "failed"),
        (2, "behind"),
    ]
    retrier = ParkedRetrier(program, [keeper.consumer])
    for _ in range(10):
        await retrier.round()
    assert [
        (row.aggregate_version, row.state) for row in sorted(await rows(program, parked), key=lambda r: r.position)
    ] == [
        (1, "dead"),
        (2, "behind"),
    ]


async def test_a_retried_state_is_kept_like_any_other(program, keeper):
    thing = new_id()
    failing = {"now": True}
    inner = keeper._keep

    async def sometimes(unit, told):
        if failing["now"]:
            raise ValueError
        await inner(unit, told)

    consumer = Consumer(program, "keeper", [StateSubscription(CounterRecorded, sometimes)], policy=AT_ONCE)
    await consumer.apply([recorded(thing, 1), recorded(thing, 2)])
    failing["now"] = False
    retrier = ParkedRetrier(program, [consumer])
    while await retrier.round():
        pass
    assert await rows(program, parked) == []
    assert keeper.calls == [[(thing, 1)], [(thing, 2)]]


async def test_a_large_backlog_takes_few_statements(program, keeper):
    things = [new_id() for _ in range(450)]
    await keeper.consumer.apply([recorded(thing, version) for version in (1, 2) for thing in things])
    assert len(keeper.calls) <= 5
    async with program.database.transaction(Area.everywhere()) as connection:
        assert (await connection.execute(select(func.count()).select_from(state))).scalar_one() == 450


@pytest.mark.parametrize("mixed", [False, True], ids=["only states", "a reaction before"])
async def test_an_older_state_never_covers_one_that_is_being_kept(program, keeper, mixed):
    """Two members of a group have the same partition for a moment, when it goes from one to the other."""
    thing, at_work, go_on = new_id(), asyncio.Event(), asyncio.Event()
    inner = keeper._keep

    async def slowly(unit, told):
        await inner(unit, told)
        at_work.set()
        await go_on.wait()

    leaver = Consumer(program, "keeper", [StateSubscription(CounterRecorded, slowly)], policy=AT_ONCE)
    leaving = asyncio.create_task(leaver.apply([recorded(thing, 3)]))
    await at_work.wait()
    late = [recorded(thing, 1), recorded(thing, 2)]
    coming = asyncio.create_task(keeper.consumer.apply([counted(new_id()), *late] if mixed else late))
    await eventually(lambda: waits_for_a_lock(program))
    go_on.set()
    await asyncio.gather(leaving, coming)
    assert [(row.version, row.total) for row in await rows(program, state)] == [(3, 3)]
    assert [call for call in keeper.calls if call[0][0] == thing] == [[(thing, 3)]]


async def waits_for_a_lock(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return (await connection.execute(text(waiting))).scalar_one() > 0


async def test_a_state_behind_a_parked_one_is_not_claimed(program, keeper):
    bad, good = new_id(), new_id()
    await keeper.consumer.apply([recorded(bad, 1, -1)])
    await keeper.consumer.apply([recorded(good, 1), recorded(bad, 2)])
    assert {(row.subject, row.aggregate_version) for row in await rows(program, seen_version)} == {(good, 1)}
    assert [row.counter for row in await rows(program, state)] == [good]


def test_a_run_of_states_ends_before_a_thing_that_another_type_tells_of():
    kept = {STATE.encode(), b"x"}
    one, other = new_id(), new_id()
    assert states_at_once([recorded(one, 1), recorded(other, 1), recorded(one, 2)], kept) == 3
    mixed = [recorded(one, 1), recorded(other, 1, type="x"), recorded(one, 2, type="x")]
    assert states_at_once([counted(one, 1)], kept) == 0
    assert states_at_once(mixed, kept) == 2


def test_only_full_states_can_be_kept():
    with pytest.raises(TypeError, match="does not tell the full state"):
        StateSubscription(Counted, None)
