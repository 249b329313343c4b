"""An event about somebody not known yet waits, counts no try, and goes on as soon as they are told of."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.events.consumer import Consumer
from chassis.events.event import Event
from chassis.events.retrier import ParkedRetrier
from chassis.events.subscriptions import Subscription
from chassis.events.tables import parked
from chassis.identifiers import new_id
from chassis.people.queries import require_household, require_person
from chassis.security.scope import Area
from tests.chassis.people.registry import consumer_of, household, person, told


class Helped(Event, type="tally.person.helped", version=1):
    """Somebody was helped."""

    person: UUID
    household: UUID


class Helping:
    """A reaction of assets, in a group of its own beside that of people."""

    def __init__(self, program):
        self.done = []
        self.consumer = Consumer(program, "assets", [Subscription(Helped, self._help)])

    async def _help(self, unit, event, _envelope):
        home = await require_household(unit, event.household)
        someone = await require_person(unit, event.person)
        self.done.append((home.id, someone.id))


@pytest.fixture
def helping(assets):
    return Helping(assets)


async def waiting(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        return [(row.state, row.tries, row.awaits) for row in await connection.execute(select(parked))]


async def test_an_event_waits_for_household_and_person_in_turn_and_then_takes_effect_once(assets, helping):
    home, someone, help_id = new_id(), new_id(), new_id()
    people, retrier = consumer_of(assets), ParkedRetrier(assets, [helping.consumer])
    await helping.consumer.apply([told(Helped(person=someone, household=home), help_id)])
    assert await waiting(assets) == [("waiting", 0, home)]
    assert await retrier.round() == 0, "nothing is tried before somebody was told of"
    await people.apply([household(home)])
    assert await retrier.round() == 1
    assert await waiting(assets) == [("waiting", 0, someone)]
    await people.apply([person(someone, home)])
    assert await retrier.round() == 1
    assert helping.done == [(home, someone)]
    assert await waiting(assets) == []


async def test_what_happens_to_the_same_thing_meanwhile_stays_behind_in_order(assets, helping):
    home, someone, help_id = new_id(), new_id(), new_id()
    first, second = (told(Helped(person=someone, household=home), help_id, version=version) for version in (1, 2))
    other = told(Helped(person=new_id(), household=new_id()), new_id())
    await helping.consumer.apply([first, second, other])
    assert sorted(state for state, _tries, _awaits in await waiting(assets)) == ["behind", "waiting", "waiting"]
    await consumer_of(assets).apply([household(home), person(someone, home)])
    retrier = ParkedRetrier(assets, [helping.consumer])
    while await retrier.round():
        pass
    assert helping.done == [(home, someone)] * 2
    assert [state for state, _tries, _awaits in await waiting(assets)] == ["waiting"]
