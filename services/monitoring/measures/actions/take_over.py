"""Take over measures of many households from the national system: each once, beside those that were recorded here.

What a later export corrects is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import rows_alike
from services.monitoring.codes.monitoring import MeasureKind

KIND: Final = "measure"
_FIELDS: Final = ("amount", "ended_on", "kind", "started_on")


@dataclass(frozen=True, slots=True)
class Given:
    """One measure of a household as a source knows it; ``amount_fen`` None where no money is named."""

    household_id: UUID
    region: int
    kind: MeasureKind
    started_on: date
    ended_on: date | None
    amount_fen: int | None


# The form has room for one measure of each kind: what we export of several is their first day and their sum, and comes
# back so. Where one was recorded here on that day, or adds to one that was taken over, ours is the better word: taken
# over it would count twice, and once more with each export.
_SAID: Final = """
    said AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
            id uuid, household_id uuid, region bigint, kind text, started_on date, ended_on date, amount_fen bigint
        )
        WHERE NOT EXISTS (
            SELECT FROM measure AS own
            WHERE (own.household_id, own.kind) = (r.household_id, r.kind) AND own.region BETWEEN :lo AND :hi
              AND (own.started_on = r.started_on OR own.state <> 'withdrawn' AND EXISTS (
                  SELECT FROM imported_measure AS known
                  WHERE (known.household_id, known.kind, known.started_on) = (r.household_id, r.kind, r.started_on)
                    AND known.state = 'in_force' AND known.region BETWEEN :lo AND :hi
              ))
        )
    )
"""
# A last day or an amount that the source leaves out stays as it is.
_REPLACE: Final = text(
    f"""
    WITH {_SAID}
    UPDATE imported_measure AS known SET state = 'replaced' FROM said
    WHERE (known.household_id, known.kind, known.started_on) = (said.household_id, said.kind, said.started_on)
      AND known.state = 'in_force' AND known.region BETWEEN :lo AND :hi
      AND (coalesce(said.ended_on, known.ended_on), coalesce(said.amount_fen, known.amount_fen))
          IS DISTINCT FROM (known.ended_on, known.amount_fen)
    RETURNING said.id, known.ended_on, known.amount_fen
    """  # noqa: S608  # constants only
)
_INSERT: Final = text(
    f"""
    WITH {_SAID}, before AS (
        SELECT * FROM jsonb_to_recordset(CAST(:replaced AS jsonb)) AS r(id uuid, ended_on date, amount_fen bigint)
    )
    INSERT INTO imported_measure (id, region, household_id, kind, started_on, ended_on, amount_fen, state, source_id)
    SELECT said.id, said.region, said.household_id, said.kind, said.started_on,
           coalesce(said.ended_on, before.ended_on), coalesce(said.amount_fen, before.amount_fen), 'in_force', :source
    FROM said LEFT JOIN before ON before.id = said.id
    WHERE NOT EXISTS (
        SELECT FROM imported_measure AS known
        WHERE (known.household_id, known.kind, known.started_on) = (said.household_id, said.kind, said.started_on)
          AND known.state = 'in_force' AND known.region BETWEEN :lo AND :hi
    )
    RETURNING id, household_id
    """  # noqa: S608  # constants only
)
_TOLD: Final = rows_alike("imported_measure", version="0")


async def take_over_measures(unit: UnitOfWork, given: Sequence[Given], *, source_id: UUID) -> Counter[UUID]:
    """By household, how many measures are new or say something else than before; all lie in the unit's area.

    :param source_id: the paper that tells of them.
    """
    if not given:
        return Counter()
    rows = orjson.dumps([_row(one) for one in given]).decode()
    area = {"rows": rows, "lo": unit.area.lo, "hi": unit.area.hi}
    replaced = [dict(row._mapping) for row in await unit.connection.execute(_REPLACE, area)]  # noqa: SLF001
    bound = {**area, "replaced": orjson.dumps(replaced).decode(), "source": source_id}
    made = (await unit.connection.execute(_INSERT, bound)).all()
    if made:
        told = {"action": "measure.take_over", "kind": KIND, "fields": list(_FIELDS), "why": None}
        await unit.record_from(_TOLD, {**told, "ids": [row.id for row in made]})
    return Counter(row.household_id for row in made)


def _row(one: Given) -> dict[str, Any]:
    return {
        "id": new_id(),
        "household_id": one.household_id,
        "region": one.region,
        "kind": one.kind.value,
        "started_on": one.started_on,
        "ended_on": one.ended_on,
        "amount_fen": one.amount_fen,
    }
