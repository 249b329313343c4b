"""Hand out ID numbers of county 610999 and ids, each once, the same in every run of a seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from random import Random
from typing import Final
from uuid import UUID

from stdnum.cn import ric

ORDERS_MAX: Final = 500
_AREA: Final = "610999"

KEPT: Final = frozenset(
    {
        "61099919740312301", "61099919760805302", "61099919850715019", "61099920060918301", "61099920130227304",
        "61099919480101305",
    }
)  # fmt: skip
"""The first 17 digits of the acceptance story's numbers, which nobody else gets."""


class Registrar:
    """Counts the numbers given for each day of birth, nothing else: its memory does not grow with the county."""

    def __init__(self, on: date) -> None:
        self._given: Counter[tuple[date, bool]] = Counter()
        self._millis = int(datetime.combine(on, time(), UTC).timestamp() * 1000)

    def number(self, born: date, *, male: bool) -> str:
        """The next number of somebody born on that day.

        :raises OverflowError: beyond the 500 numbers that a day has for one sex.
        """
        while True:
            order = self._given[born, male]
            if order >= ORDERS_MAX:
                raise OverflowError("a day has 500 ID numbers for each sex; ask for a smaller county")
            self._given[born, male] += 1
            body = f"{_AREA}{born:%Y%m%d}{order * 2 + male:03d}"
            if body not in KEPT:
                return body + ric.calc_check_digit(body + "0")

    def new_id(self, rng: Random, place: int) -> UUID:
        """A UUIDv7 that sorts by ``place``; its random part comes from the seed."""
        value = ((self._millis + place) & (1 << 48) - 1) << 80 | rng.getrandbits(76)
        value = value & ~(0xF << 76) | 7 << 76
        return UUID(int=value & ~(3 << 62) | 2 << 62)
