"""Every household's figures over one window, for screening: one statement, whatever the county's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area
from services.monitoring.codes.income import IncomeGroup
from services.monitoring.income.rules import Window


@dataclass(frozen=True, slots=True)
class HouseholdFigures:
    """净收入 and 收入参考 of one household over a window (clause B4), in 分, and how many shared it.

    :param lines: how many lines went in; 0 means that nothing is known, which is not an income of zero.
    """

    household_id: UUID
    region: int
    members: int
    net_fen: int
    ref_fen: int
    lines: int


async def household_figures(unit: UnitOfWork, area: Area, window: Window, *, on: date) -> Sequence[HouseholdFigures]:
    """The figures of every household that stood in ``area`` on the day ``on``, with the members of that day, by id.

    :param area: within the unit's own.
    """
    found = await unit.connection.execute(
        FIGURES, {"lo": area.lo, "hi": area.hi, "first": window.first, "last": window.last, "on": on}
    )
    return [HouseholdFigures(*row) for row in found]


_NET: Final = {
    IncomeGroup.WAGE: 1,
    IncomeGroup.OPERATING_INCOME: 1,
    IncomeGroup.PROPERTY: 1,
    IncomeGroup.TRANSFER: 1,
    IncomeGroup.OPERATING_EXPENSE: -1,
}
_REF: Final = _NET | {IncomeGroup.CLAIMS: 1, IncomeGroup.SELF_PAY: -1}


def _sum(signs: dict[IncomeGroup, int]) -> str:
    cases = " ".join(f"WHEN '{group.value}' THEN {sign}" for group, sign in signs.items())
    return f"sum(amount_fen * CASE split_part(kind, '.', 1) {cases} ELSE 0 END)"


FIGURES: Final = text(
    f"""
    WITH standing AS (
        SELECT DISTINCT ON (id) id, region, member_count, state FROM (
            SELECT id, version, region, member_count, state, valid_from FROM household
            WHERE region BETWEEN :lo AND :hi
            UNION ALL
            SELECT id, version, region, CAST(document ->> 'member_count' AS smallint), document ->> 'state', valid_from
            FROM household_history WHERE region BETWEEN :lo AND :hi
        ) AS state WHERE valid_from <= :on ORDER BY id, version DESC
    ), earned AS (
        SELECT household_id, {_sum(_NET)} AS net_fen, {_sum(_REF)} AS ref_fen, count(*) AS lines
        FROM income_line
        WHERE region BETWEEN :lo AND :hi AND counts_on BETWEEN :first AND :last AND state = 'active'
        GROUP BY household_id
    )
    SELECT standing.id, standing.region, standing.member_count, CAST(coalesce(net_fen, 0) AS bigint),
           CAST(coalesce(ref_fen, 0) AS bigint), coalesce(lines, 0)
    FROM standing LEFT JOIN earned ON earned.household_id = standing.id
    WHERE standing.state = 'active' AND standing.member_count > 0
    ORDER BY standing.id
    """  # noqa: S608  # signs and groups are the code list's
)
