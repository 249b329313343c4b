"""Take over yearly figures of many households from another system's papers, each once, beside what is known already.

A figure is one line on the last day of its twelve months. Its id follows from household, kind and that day, so the same
paper again changes nothing and another figure corrects the line. A figure is held back where the registry knows better:
where lines of another source say the same within these months, which would then count twice, and where a person has
corrected or withdrawn the line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_alike
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.income.actions.history import keeping_history
from services.monitoring.income.actions.record import FIELDS, KIND
from services.monitoring.income.queries.yearly import yearly_id

_REASON: Final = "国家系统新导出的数字不同"


@dataclass(frozen=True, slots=True)
class Yearly:
    """Amounts in 分 by kind that a household had in the twelve months from ``first`` to ``last``.

    :param source: who said so, as people read it beside the lines.
    """

    household_id: UUID
    region: int
    first: date
    last: date
    amounts: Mapping[IncomeLineKind, int]
    source: str


@dataclass(frozen=True, slots=True)
class TakenOver:
    """How many lines of a household are new or say something else now, and how many figures were held back."""

    lines: int
    held_back: int


# What the paper says, with the line that said it before, and whether other lines of these months say it too. A figure
# of a whole group is said too by any other line of that group.
_COMPARED: Final = text(
    """
    WITH said AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
            id uuid, household_id uuid, region bigint, kind text, prefix text, amount_fen bigint, first date, last date
        )
    ), other AS MATERIALIZED (
        SELECT line.id, line.household_id, line.kind, line.counts_on FROM income_line AS line
        WHERE line.household_id = ANY(CAST(:households AS uuid[])) AND line.region BETWEEN :lo AND :hi
          AND line.state = 'active' AND line.counts_on BETWEEN :first AND :last
          AND NOT EXISTS (SELECT FROM said WHERE said.id = line.id)
    )
    SELECT said.id, said.household_id, known.id IS NOT NULL AS is_known, known.amount_fen = said.amount_fen AS is_same,
           known.recorded_by <> :subject OR known.state <> 'active' AS is_decided,
           EXISTS (
               SELECT FROM other WHERE other.household_id = said.household_id
               AND other.counts_on BETWEEN said.first AND said.last
               AND (other.kind = said.kind OR starts_with(other.kind, said.prefix))
           ) AS is_said_elsewhere,
           said.amount_fen
    FROM said LEFT JOIN income_line AS known ON known.id = said.id AND known.region BETWEEN :lo AND :hi
    """
)
_INSERT: Final = text(
    """
    INSERT INTO income_line (id, region, household_id, kind, amount_fen, counts_on, source, state, version, recorded_by)
    SELECT id, region, household_id, kind, amount_fen, last, source, 'active', 1, :subject
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        id uuid, household_id uuid, region bigint, kind text, amount_fen bigint, last date, source text
    )
    """
)
_CORRECT: Final = text(
    f"""
    WITH said AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, amount_fen bigint, source text)
    ), kept AS (
        {keeping_history("said")} WHERE line.region BETWEEN :lo AND :hi
    )
    UPDATE income_line AS line SET amount_fen = said.amount_fen, source = said.source, version = line.version + 1,
           recorded_at = clock_timestamp()
    FROM said WHERE said.id = line.id AND line.region BETWEEN :lo AND :hi
    """  # noqa: S608  # constants only
)
_TOLD: Final = rows_alike("income_line")


async def take_over_income(unit: UnitOfWork, figures: Sequence[Yearly]) -> list[TakenOver]:
    """What became of each household's figures, in their order; all households lie in the unit's area, each once."""
    rows = {row["id"]: row for one in figures for row in _rows(one)}
    if not rows:
        return [TakenOver(0, 0) for _ in figures]
    new: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    lines: Counter[str] = Counter()
    held_back: Counter[str] = Counter()
    for found in (await unit.connection.execute(_COMPARED, _comparing(unit, figures, rows.values()))).all():
        row = rows[found.id]
        if found.is_same or (not found.is_known and row["amount_fen"] == 0):
            continue
        if found.is_decided or (found.is_said_elsewhere and not found.is_known):
            held_back[row["household_id"]] += 1
            continue
        (other if found.is_known else new).append(row)
        lines[row["household_id"]] += 1
    subject = unit.actor.subject
    if new:
        await unit.connection.execute(_INSERT, {"rows": _json(new), "subject": subject})
        await _tell(unit, "income.record", new, FIELDS)
    if other:
        area = {"lo": unit.area.lo, "hi": unit.area.hi}
        bound = {"rows": _json(other), "subject": subject, "reason": _REASON, **area}
        await unit.connection.execute(_CORRECT, bound)
        await _tell(unit, "income.correct", other, ("amount", "source"), reason=_REASON)
    return [TakenOver(lines[str(one.household_id)], held_back[str(one.household_id)]) for one in figures]


def _rows(one: Yearly) -> list[dict[str, Any]]:
    household = str(one.household_id)
    return [
        {
            "id": yearly_id(one.household_id, kind, one.last),
            "household_id": household,
            "region": one.region,
            "kind": kind.value,
            "prefix": f"{kind.group}." if kind.is_undivided else "-",
            "amount_fen": fen,
            "first": one.first,
            "last": one.last,
            "source": one.source,
        }
        for kind, fen in one.amounts.items()
    ]


def _comparing(unit: UnitOfWork, figures: Sequence[Yearly], rows: Any) -> dict[str, Any]:
    return {
        "rows": _json(rows),
        "households": [one.household_id for one in figures],
        "first": min(one.first for one in figures),
        "last": max(one.last for one in figures),
        "subject": unit.actor.subject,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
    }


async def _tell(
    unit: UnitOfWork, action: str, rows: Sequence[dict[str, Any]], fields: Sequence[str], *, reason: str | None = None
) -> None:
    ids = [row["id"] for row in rows]
    bound = {"action": action, "kind": KIND, "ids": ids, "fields": list(fields), "why": reason}
    await unit.record_from(_TOLD, bound)


def _json(rows: Any) -> str:
    return orjson.dumps(list(rows)).decode()
