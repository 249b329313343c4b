"""Put households before the doubts that turn on support again, once registers say that it began or ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area
from services.monitoring.households.doubts import Doubt
from services.monitoring.households.importing.findings import renew_many
from services.monitoring.households.judge import judge_standing
from services.monitoring.households.known_areas import thresholds_at
from services.monitoring.households.standing import living_members
from services.monitoring.households.supported import support_of

TURN_ON_SUPPORT: Final = ("destitute_looks_able", "yulu_without_vocational_stage")
TELL_SUPPORT: Final = frozenset({"low_income", "yulu"})
"""The registers that these doubts turn on."""

_CONCERNED: Final = text(
    """
    SELECT h.* FROM household AS h
    WHERE h.region BETWEEN :lo AND :hi AND h.state = 'active' AND h.id IN (
        SELECT f.household_id FROM register_low_income AS f
        WHERE f.region BETWEEN :lo AND :hi AND f.replaced_at IS NULL AND f.low_income_class = 'destitute'
        UNION SELECT f.household_id FROM register_yulu AS f
        WHERE f.region BETWEEN :lo AND :hi AND f.replaced_at IS NULL
        UNION SELECT x.household_id FROM finding AS x
        WHERE x.region BETWEEN :lo AND :hi AND x.state IN ('open', 'explained')
          AND x.code = ANY(CAST(:codes AS text[])))
    """
)


async def doubt_support(unit: UnitOfWork, area: Area) -> None:
    """Open and end the doubts about 特困 and 雨露计划 in ``area``: a few statements, whatever its size."""
    bound = {"lo": area.lo, "hi": area.hi, "codes": list(TURN_ON_SUPPORT)}
    households = (await unit.connection.execute(_CONCERNED, bound)).all()
    if not households:
        return
    ids = [household.id for household in households]
    members: dict[UUID, list[Any]] = {one: [] for one in ids}
    for row in await living_members(unit, ids):
        members[row.household_id].append(row)
    support = await support_of(unit, ids)
    thresholds = await thresholds_at(unit, area.lo)
    today = unit.clock.today()

    def judged() -> Sequence[tuple[Any, Sequence[Doubt]]]:
        told = []
        for household in households:
            own = members[household.id]
            verdict = judge_standing(household, own, unit.vault, today=today, thresholds=thresholds, support=support)
            told.append((household, [one for one in verdict.doubts_of(own) if one.fault.code in TURN_ON_SUPPORT]))
        return told

    await renew_many(unit, await asyncio.to_thread(judged), codes=TURN_ON_SUPPORT)
