"""Find a village by its name, for exports that name divisions without their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area, Level
from chassis.types import compact
from services.monitoring.regions.tables import DivisionRow

_DIVISION: Final = rows(DivisionRow)
_TOWN: Final = 10 ** (Level.VILLAGE - Level.TOWN)
_ENDINGS: Final = (
    "社区居民委员会",
    "村民委员会",
    "居民委员会",
    "社区居委会",
    "村委会",
    "居委会",
    "社区",
    "街道",
    "村",
    "镇",
    "乡",
)


@dataclass(frozen=True, slots=True)
class Villages:
    """The villages of a county by town and name; a name that two of them bear finds neither."""

    by_name: Mapping[tuple[str | None, str], int | None]

    def find(self, town: str | None, village: str) -> int | None:
        """The code of a village; None if there is none of that name, or several."""
        return self.by_name.get((None if town is None else _spelt(town), _spelt(village)))


async def villages_of(unit: UnitOfWork, county: int, *, on: date) -> Villages:
    """The villages of ``county`` that are in force on a day."""
    area = Area.of(county)
    found = await unit.connection.execute(
        select(_DIVISION.c.code, _DIVISION.c.name, _DIVISION.c.level).where(
            _DIVISION.c.code.between(area.lo, area.hi),
            _DIVISION.c.level.in_([int(Level.TOWN), int(Level.VILLAGE)]),
            _DIVISION.c.valid_from <= on,
            _DIVISION.c.valid_to.is_(None) | (_DIVISION.c.valid_to >= on),
        )
    )
    divisions = found.all()
    towns = {row.code: _spelt(row.name) for row in divisions if row.level == Level.TOWN}
    by_name: dict[tuple[str | None, str], int | None] = {}
    for row in divisions:
        if row.level == Level.VILLAGE:
            town = towns.get(row.code // _TOWN * _TOWN)
            for key in ((town, _spelt(row.name)), (None, _spelt(row.name))):
                by_name[key] = row.code if by_name.setdefault(key, row.code) == row.code else None
    return Villages(by_name)


def _spelt(name: str) -> str:
    """A division's name without what lists write or leave out behind it."""
    written = compact(name)
    for ending in _ENDINGS:
        if written.endswith(ending) and len(written) > len(ending):
            return written.removesuffix(ending)
    return written
