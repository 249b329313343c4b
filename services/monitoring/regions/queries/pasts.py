"""Let who answers for a division read the past of those that it followed: nobody else is left to be asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, any_, cast, or_
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.security.scope import Area, level_of
from services.monitoring.regions.queries.divisions import SUCCESSION, is_in_force, successions_where
from services.monitoring.regions.rules import Past, Succession, ancestors, common_area, pasts


def lay_there(table: str) -> str:
    """SQL: whether a row ``past`` of the history of ``table`` lay in the caller's area, or in a division before that
    one followed it; of a division that was split, what came to the caller's part alone.

    :param table: one of ours, as the metadata names it.
    """
    return f"""(past.region BETWEEN :lo AND :hi OR EXISTS (
        SELECT FROM unnest(CAST(:past_lo AS bigint[]), CAST(:past_hi AS bigint[]), CAST(:past_until AS date[]),
                           CAST(:past_shared AS boolean[])) AS followed(lo, hi, until, is_shared)
        WHERE past.region BETWEEN followed.lo AND followed.hi AND past.valid_from < followed.until
          AND (NOT followed.is_shared
               OR EXISTS (SELECT FROM {table} AS own WHERE own.id = past.id AND own.region BETWEEN :lo AND :hi))))"""  # noqa: S608


async def reach_past(unit: UnitOfWork, region: int, on: date) -> None:
    """Widen the unit to ``region``, which on that day was what the caller's own division is called now, or a part.

    Figures of a division that was split are those of all its parts: whoever is above them is asked.

    :raises NotFound: if it was not, or somebody else bears that code today.
    """
    for past in await _pasts(unit, unit.actor.assignment.region):
        is_ours = past.area.contains(region) and on < past.until and not past.is_shared
        if is_ours and not await is_in_force(unit, past.code):
            await unit.widen(common_area(unit.area, past.code))
            return
    raise NotFound


async def reach_pasts(unit: UnitOfWork) -> dict[str, Any]:
    """Widen the unit to the divisions that the caller's own one followed; gives what :func:`lay_there` binds.

    For reads that state their ranges themselves: present rows stay bounded by ``lo`` and ``hi``.
    """
    found, area = await _pasts(unit, unit.actor.assignment.region), unit.area
    reach = area
    for past in found:
        reach = common_area(reach, past.code)
    if reach != area:
        await unit.widen(reach)
    return {
        "lo": area.lo,
        "hi": area.hi,
        "past_lo": [past.area.lo for past in found],
        "past_hi": [past.area.hi for past in found],
        "past_until": [past.until for past in found],
        "past_shared": [past.is_shared for past in found],
    }


async def codes_before(unit: UnitOfWork, code: int) -> list[int]:
    """The divisions of its own level that ``code`` followed, under whose codes its records may be known."""
    return [past.code for past in await _pasts(unit, code) if level_of(past.code) is level_of(code)]


async def _pasts(unit: UnitOfWork, code: int) -> tuple[Past, ...]:
    known: list[Succession] = []
    asked: set[int] = set()
    waiting = {code}
    while waiting:
        known += await _into(unit, waiting)
        asked |= waiting
        waiting = {past.code for past in pasts(code, known)} - asked
    return pasts(code, known)


async def _into(unit: UnitOfWork, codes: set[int]) -> list[Succession]:
    """The successions by which something became one of ``codes``, a part of it, or took it along."""
    # What only changed within a division lay in it before: a province's own mergers are thousands.
    inside = [
        SUCCESSION.c.successor.between(area.lo, area.hi) & ~SUCCESSION.c.predecessor.between(area.lo, area.hi)
        for area in map(Area.of, sorted(codes))
    ]
    above = sorted({one for code in codes for one in ancestors(code)})
    return await successions_where(
        unit,
        or_(SUCCESSION.c.successor == any_(cast(above, ARRAY(BigInteger))), *inside),
        SUCCESSION.c.successor != SUCCESSION.c.predecessor,
    )
