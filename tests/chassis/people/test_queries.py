"""A service finds the people whom it knows by id, number, household and division, in its own area, as they are now."""

from __future__ import annotations

import os

import pytest

from chassis.events.subscriptions import PersonUnknown
from chassis.identifiers import new_id
from chassis.people.queries import (
    find_by_numbers,
    find_household,
    find_person,
    persons_of_region,
    require_household,
    require_person,
)
from chassis.security.keys import Purpose
from chassis.security.scope import Area, program
from chassis.security.vault import Vault
from chassis.testing.programs import COUNTY, RING, TOWN, VILLAGE
from tests.chassis.people.registry import consumer_of, household, person
from tests.chassis.people.village import everywhere, kept
from tests.personas import number

NEXT_VILLAGE, NEXT_COUNTY, NEXT_COUNTYS_VILLAGE = 610999101204, 610998000000, 610998101201


async def test_a_household_comes_with_its_living_members(assets):
    home, first, second, dead = new_id(), new_id(), new_id(), new_id()
    await consumer_of(assets).apply(
        [
            household(home, members=2),
            person(second, home),
            person(first, home),
            person(dead, home, state="dead", died_on="2024-05-01"),
        ]
    )
    async with assets.unit(program("test", COUNTY)) as unit:
        found = await find_household(unit, home)
        known = await find_person(unit, dead)
    assert found is not None
    assert [member.id for member in found.members] == [first, second]
    assert known is not None
    assert (known.state, str(known.died_on)) == ("dead", "2024-05-01")


async def test_lifted_and_type_are_the_households_of_now_whatever_the_person_was_told_with(assets):
    home, someone, early = new_id(), new_id(), new_id()
    consumer = consumer_of(assets)
    await consumer.apply([person(early, home, is_lifted=True, monitoring_type="1")])
    async with everywhere(assets) as unit:
        alone = await find_person(unit, early)
    await consumer.apply(
        [household(home, is_lifted=False, monitoring_type=None), person(someone, home, is_lifted=True)]
    )
    async with everywhere(assets) as unit:
        now = [await find_person(unit, one) for one in (early, someone)]
    assert alone is not None
    assert (alone.is_lifted, alone.monitoring_type) == (True, "1"), "as told, until the household itself is known"
    assert [(one.is_lifted, one.monitoring_type) for one in now if one] == [(False, None), (False, None)]


async def test_many_numbers_are_found_at_once_and_only_in_ones_own_area(assets):
    numbers = [number() for _ in range(5)]
    people = [new_id() for _ in numbers]
    regions = [VILLAGE, VILLAGE, NEXT_VILLAGE, NEXT_COUNTYS_VILLAGE, NEXT_COUNTYS_VILLAGE]
    home = new_id()
    await consumer_of(assets).apply(
        [
            person(one, home, region=region, numbers=[text], vault=assets.vault)
            for one, text, region in zip(people, numbers, regions, strict=True)
        ]
    )
    async with assets.unit(program("test", COUNTY)) as unit:
        found = await find_by_numbers(unit, [*numbers, number()], receiver="assets")
        nothing = await find_by_numbers(unit, [], receiver="assets")
        foreign = await find_by_numbers(unit, numbers, receiver="funds")
    assert {text: one.id for text, one in found.items()} == dict(zip(numbers[:3], people[:3], strict=True))
    assert nothing == foreign == {}


async def test_of_two_who_bear_a_number_the_living_one_counts_and_two_living_none(assets):
    shared, home, dead, living, other = number(), new_id(), new_id(), new_id(), new_id()
    consumer = consumer_of(assets)
    told = {"numbers": [shared], "vault": assets.vault}
    await consumer.apply([person(dead, home, state="dead", **told), person(living, home, **told)])
    async with everywhere(assets) as unit:
        found = await find_by_numbers(unit, [shared], receiver="assets")
    assert found[shared].id == living
    await consumer.apply([person(other, home, **told)])
    async with everywhere(assets) as unit:
        assert await find_by_numbers(unit, [shared], receiver="assets") == {}
    await consumer.apply([person(living, home, version=2)])
    async with everywhere(assets) as unit:
        found = await find_by_numbers(unit, [shared], receiver="assets")
    assert found[shared].id == other, "once the number was given up, it is the other's alone"


async def test_a_corrected_number_finds_the_person_and_the_old_one_nobody(assets):
    old, new, home, someone = number(), number(), new_id(), new_id()
    consumer = consumer_of(assets)
    await consumer.apply([person(someone, home, numbers=[old], vault=assets.vault)])
    await consumer.apply([person(someone, home, version=2, numbers=[new], vault=assets.vault)])
    async with everywhere(assets) as unit:
        found = await find_by_numbers(unit, [old, new], receiver="assets")
    assert {text: one.id for text, one in found.items()} == {new: someone}


@pytest.mark.parametrize("current_first", [True, False])
async def test_while_keys_are_replaced_a_person_is_found_under_either(assets, current_first):
    """Monitoring has the new key as current or only beside the old one; the service knows the old ring, then both."""
    text, home, someone = number(), new_id(), new_id()
    added = RING.with_key(Purpose.INDEX, os.urandom)
    both = Vault.of(added.with_current(Purpose.INDEX, 2) if current_first else added)
    await consumer_of(assets).apply([person(someone, home, numbers=[text], vault=both)])
    assert len((await kept(assets))["known_number"]) == 2
    for vault in (assets.vault, both):
        assets.vault = vault
        async with everywhere(assets) as unit:
            found = await find_by_numbers(unit, [text], receiver="assets")
        assert found[text].id == someone


async def test_once_keys_were_replaced_the_old_index_goes(assets):
    text, home, someone = number(), new_id(), new_id()
    both = Vault.of(RING.rotated(Purpose.INDEX, os.urandom))
    consumer = consumer_of(assets)
    await consumer.apply([person(someone, home, numbers=[text], vault=both)])
    await consumer.apply([person(someone, home, version=2, numbers=[text], vault=assets.vault)])
    assert len((await kept(assets))["known_number"]) == 1


async def test_persons_of_a_division_come_page_by_page(assets):
    home = new_id()
    people = [(region, new_id()) for region in (NEXT_VILLAGE, VILLAGE, VILLAGE, NEXT_COUNTYS_VILLAGE, VILLAGE)]
    await consumer_of(assets).apply([person(one, home, region=region) for region, one in people])
    seen, after = [], None
    async with assets.unit(program("test", COUNTY)) as unit:
        while page := await persons_of_region(unit, TOWN, after=after, limit=2):
            seen += [(one.region, one.id) for one in page]
            after = seen[-1]
        assert await persons_of_region(unit, NEXT_COUNTY, limit=10) == []
    assert seen == sorted(one for one in people if one[0] // 1000 == TOWN // 1000)


async def test_an_older_state_that_comes_later_changes_nothing(assets):
    home, someone, text = new_id(), new_id(), number()
    consumer = consumer_of(assets)
    await consumer.apply([person(someone, home, version=3, region=NEXT_VILLAGE, numbers=[text], vault=assets.vault)])
    before = await kept(assets)
    await consumer.apply([person(someone, home, version=2, region=VILLAGE)])
    assert await kept(assets) == before


async def test_whom_an_event_speaks_of_is_found_wherever_they_live_by_now(assets):
    home, someone, stranger = new_id(), new_id(), new_id()
    await consumer_of(assets).apply(
        [
            household(home, region=NEXT_COUNTYS_VILLAGE),
            person(someone, home, region=NEXT_COUNTYS_VILLAGE),
        ]
    )
    async with assets.unit(program("test", VILLAGE)) as unit:
        assert (await require_person(unit, someone)).region == NEXT_COUNTYS_VILLAGE
        assert (await require_household(unit, home)).region == NEXT_COUNTYS_VILLAGE
        assert await find_person(unit, someone) is None, "the unit's own area holds again afterwards"
        for require in (require_person, require_household):
            with pytest.raises(PersonUnknown) as caught:
                await require(unit, stranger)
            assert caught.value.id == stranger


async def test_without_an_area_nothing_is_known(assets):
    home, someone = new_id(), new_id()
    await consumer_of(assets).apply([household(home), person(someone, home, numbers=[number()], vault=assets.vault)])
    nowhere = Area(510000000000, 510000000000)
    async with assets.unit(program("test", COUNTY), area=nowhere) as unit:
        assert await find_person(unit, someone) is None
        assert await find_household(unit, home) is None
