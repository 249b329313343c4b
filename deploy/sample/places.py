"""The divisions of the county: eight towns, and villages as many as its size asks for."""

from __future__ import annotations

from math import isqrt
from typing import Final

from deploy.sample.model import Place

COUNTY: Final = 610999000000
TOWN: Final = 610999101000
"""清溪镇."""
VILLAGE: Final = 610999101203
"""松坪村, the village of the acceptance story."""
OTHER_COUNTY: Final = "610998101201"
"""A village of another county that does not exist either."""

_TOWNS: Final = ("清溪镇", "云台镇", "石门镇", "白河镇", "龙泉镇", "青木镇", "双河乡", "太平乡")
_TOWN_CODES: Final = (101, 102, 103, 104, 105, 106, 201, 202)
_FIRST: Final = ("桃园村", "柳林村", "松坪村")
_HEADS: Final = "东西南北上下前后大小新老高平青白红金玉石"
_TAILS: Final = ("沟", "坪", "湾", "梁", "坝", "岭", "河", "塬")


def places(households: int) -> list[Place]:
    """County, towns and villages; the more households, the more villages in each town (3 to 60)."""
    per_town = max(3, min(60, isqrt(households) // 8))
    found = [Place(COUNTY, "云岭县")]
    for at, (name, code) in enumerate(zip(_TOWNS, _TOWN_CODES, strict=True)):
        town = COUNTY + code * 1000
        found.append(Place(town, name))
        found += [Place(town + 201 + number, _village_name(at, number)) for number in range(per_town)]
    return found


def villages(found: list[Place]) -> list[int]:
    """Codes of the villages among them."""
    return [place.code for place in found if place.code % 1000]


def _village_name(town: int, number: int) -> str:
    if town == 0 and number < len(_FIRST):
        return _FIRST[number]
    at = town * 61 + number
    return f"{_HEADS[at % len(_HEADS)]}{_TAILS[at // len(_HEADS) % len(_TAILS)]}村"
