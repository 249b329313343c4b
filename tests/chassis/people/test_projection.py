"""What monitoring registers, every service that keeps people knows: whatever happened, however it was delivered."""

from __future__ import annotations

import random

import pytest

from chassis.bus.in_process import InProcessBus
from chassis.events.event import Event
from chassis.events.groups import consumers_of, group_names
from chassis.events.redelivery import replay, republish
from chassis.people.projection import projection
from chassis.testing.disorder import shuffled_across_keys
from services.assets.app import SERVICE as ASSETS
from services.employment.app import SERVICE as EMPLOYMENT
from services.monitoring.contract import HouseholdRecorded, PersonRecorded, RegionRecorded
from tests.chassis.people.village import assert_knows_what_is_registered, deliver, kept, listening, said

PEOPLE_TYPES = [event.wire_type() for event in (RegionRecorded, HouseholdRecorded, PersonRecorded)]


async def test_after_a_year_of_changes_assets_knows_exactly_what_is_registered(village, monitoring, assets):
    bus = InProcessBus(group_names(ASSETS))
    await listening(ASSETS, assets, bus)
    await village.year()
    await deliver(monitoring, bus)
    await assert_knows_what_is_registered(assets, monitoring, receiver="assets")


async def test_each_step_arrives_by_itself(village, monitoring, assets):
    """One delivery after each change, so that every later state replaces an earlier one that was kept before."""
    bus = InProcessBus(group_names(ASSETS))
    await listening(ASSETS, assets, bus)
    await village.divisions()
    chen = await village.chen()
    await deliver(monitoring, bus)
    await assert_knows_what_is_registered(assets, monitoring, receiver="assets")
    founded = await village.split(chen, chen["members"][2], 610999101204)
    await deliver(monitoring, bus)
    await assert_knows_what_is_registered(assets, monitoring, receiver="assets")
    moved = await village.move_to_the_next_county(founded)
    await deliver(monitoring, bus)
    await assert_knows_what_is_registered(assets, monitoring, receiver="assets")
    assert moved["region"] == "610998101201"
    chen = await village.again(chen)
    await village.patch("households", chen, registration_region="610999101204", valid_from="2024-02-02")
    await village.die(chen["members"][1])
    await deliver(monitoring, bus)
    await assert_knows_what_is_registered(assets, monitoring, receiver="assets")


async def test_everything_three_times_and_shuffled_across_keys_leaves_the_same_rows(village, monitoring, make_program):
    await village.year()
    envelopes = await said(monitoring)
    assert len(envelopes) > 50

    def fresh():
        program = make_program("assets", ASSETS.tables, versions=ASSETS.migrations, template="assets")
        [consumer] = consumers_of(ASSETS, program)
        return program, consumer

    once, consumer = fresh()
    await consumer.apply(envelopes)
    await assert_knows_what_is_registered(once, monitoring, receiver="assets")
    for seed in range(3):
        rng = random.Random(seed)
        program, consumer = fresh()
        stream = shuffled_across_keys(envelopes, rng)
        assert len(stream) == 3 * len(envelopes)
        while stream:
            size = rng.randint(1, 60)
            await consumer.apply(stream[:size])
            stream = stream[size:]
        assert await kept(program) == await kept(once), f"seed {seed}"


async def test_a_replay_forgets_everything_and_builds_the_same_again(village, monitoring, assets):
    bus = InProcessBus(group_names(ASSETS))
    await listening(ASSETS, assets, bus)
    await village.year()
    await deliver(monitoring, bus)
    before = await kept(assets)
    [consumer] = consumers_of(ASSETS, assets)
    assert await replay(consumer, {"monitoring": monitoring.database}, bus) > 0
    assert {name: len(rows) for name, rows in (await kept(assets)).items()} == dict.fromkeys(before, 0)
    await deliver(monitoring, bus)
    assert await kept(assets) == before


async def test_who_joins_later_hears_the_whole_history_and_others_nothing_twice(
    village, monitoring, assets, employment
):
    bus = InProcessBus(group_names(ASSETS))
    await listening(ASSETS, assets, bus)
    await village.year()
    await deliver(monitoring, bus)
    both = InProcessBus([*group_names(ASSETS), *group_names(EMPLOYMENT)])
    await listening(ASSETS, assets, both)
    await listening(EMPLOYMENT, employment, both)
    before = await kept(assets)
    await republish(monitoring.database, PEOPLE_TYPES)
    await deliver(monitoring, both)
    await assert_knows_what_is_registered(employment, monitoring, receiver="employment")
    assert await kept(assets) == before


async def test_two_services_share_no_index_of_a_number(village, monitoring, assets, employment):
    bus = InProcessBus([*group_names(ASSETS), *group_names(EMPLOYMENT)])
    await listening(ASSETS, assets, bus)
    await listening(EMPLOYMENT, employment, bus)
    await village.chen()
    await deliver(monitoring, bus)
    ours, theirs = [{row[0] for row in (await kept(one))["known_number"]} for one in (assets, employment)]
    assert len(ours) == len(theirs) == 3
    assert ours.isdisjoint(theirs)


def test_an_event_that_lacks_a_field_is_refused_when_the_service_is_put_together():
    class Thin(Event, type="monitoring.person.recorded", version=9, full_state=True):
        pass

    with pytest.raises(TypeError, match="Thin does not tell birth_date, died_on, household"):
        projection("assets", region=RegionRecorded, household=HouseholdRecorded, person=Thin)
