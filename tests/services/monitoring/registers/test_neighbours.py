"""Towns are taken together as long as they are few people's, so that a night's statements are few and short."""

from __future__ import annotations

from chassis.security.scope import Area
from services.monitoring.registers.jobs import neighbours

FIRST, SECOND, THIRD, FOURTH = (610999100000 + place * 1000 for place in range(4))


def test_neighbouring_towns_are_one_area_up_to_so_many_households():
    towns = [(FIRST, 10), (SECOND, 20), (THIRD, 30), (FOURTH, 1)]
    assert neighbours(towns, households_max=50) == [
        Area(Area.of(FIRST).lo, Area.of(SECOND).hi),
        Area(Area.of(THIRD).lo, Area.of(FOURTH).hi),
    ]


def test_a_town_of_more_is_an_area_of_its_own_and_none_is_left_out():
    towns = [(FIRST, 99), (SECOND, 1), (THIRD, 99)]
    assert neighbours(towns, households_max=50) == [Area.of(FIRST), Area.of(SECOND), Area.of(THIRD)]
    assert neighbours([], households_max=50) == []
