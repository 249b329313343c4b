"""Keep one line for each fact that another service tells of a household's income, however often, late or revised.

A line's id follows from the fact's own, so the same fact never makes two; a revision replaces what the line says and
keeps what it said before; a fact that was taken back withdraws it. A line stays with the household that its member
lives in by now, whatever household the fact names: income is that of who shares it (clause B1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

import orjson
from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope
from chassis.events.subscriptions import PersonUnknown
from chassis.records import rows_alike
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.income.actions.history import keeping_history
from services.monitoring.income.actions.record import FIELDS, KIND

_LINES: Final = UUID("5b6f0c1a-7a52-5d0b-9a39-0f4de1c2b7d4")
_REASON: Final = "来源系统更正"


@dataclass(frozen=True, slots=True)
class HeardFact:
    """One amount as another service's newest event tells it.

    :param amount_fen: 分; 0 once it was taken back.
    :param counts_on: the day that decides in which window it counts.
    :param source: who says so, as people read it beside the line.
    """

    told_by: Envelope
    household_id: UUID
    person_id: UUID | None
    kind: IncomeLineKind
    amount_fen: int
    counts_on: date
    source: str

    @property
    def line_id(self) -> UUID:
        return uuid5(_LINES, f"{self.told_by.type}/{self.told_by.subject}")


# A merged household's members live in its successor, and so on to the last.
_HOMES: Final = text(
    """
    WITH RECURSIVE said AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, household_id uuid, person_id uuid)
    ), home (id, household_id, region, successor_id) AS (
        SELECT said.id, household.id, household.region, household.successor_id
        FROM said LEFT JOIN person ON person.id = said.person_id
        JOIN household ON household.id = CASE WHEN said.person_id IS NULL THEN said.household_id
                                              ELSE person.household_id END
        UNION
        SELECT home.id, household.id, household.region, household.successor_id
        FROM home JOIN household ON household.id = home.successor_id
    )
    SELECT id, household_id, region FROM home WHERE successor_id IS NULL
    """
)
# What was taken back before it was heard of makes no line.
_KEEP: Final = text(
    f"""
    WITH said AS MATERIALIZED (
        SELECT r.*, CASE WHEN amount_fen > 0 THEN 'active' ELSE 'withdrawn' END AS state
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
            id uuid, event_id uuid, household_id uuid, region bigint, person_id uuid, kind text, amount_fen bigint,
            counts_on date, source text
        )
    ), told AS MATERIALIZED (
        SELECT said.* FROM said LEFT JOIN income_line AS line ON line.id = said.id
        WHERE CASE WHEN line.id IS NULL THEN said.state = 'active'
                   ELSE (line.kind, line.amount_fen, line.counts_on, line.state)
                        <> (said.kind, said.amount_fen, said.counts_on, said.state) END
    ), kept AS (
        {keeping_history("told")}
    )
    INSERT INTO income_line AS line (id, region, household_id, person_id, kind, amount_fen, counts_on, source,
                                     source_event_id, state, version, recorded_by)
    SELECT id, region, household_id, person_id, kind, amount_fen, counts_on, source, event_id, state, 1, :subject
    FROM told ORDER BY id
    ON CONFLICT (id) DO UPDATE
    SET kind = excluded.kind, amount_fen = excluded.amount_fen, counts_on = excluded.counts_on,
        source = excluded.source, source_event_id = excluded.source_event_id, state = excluded.state,
        version = line.version + 1, recorded_by = excluded.recorded_by, recorded_at = clock_timestamp()
    RETURNING id,
              CASE WHEN state = 'withdrawn' THEN 'withdraw' WHEN version = 1 THEN 'record' ELSE 'correct' END AS done
    """  # noqa: S608  # constants only
)
_TOLD: Final = rows_alike("income_line")


async def hear_facts(unit: UnitOfWork, facts: Sequence[HeardFact]) -> None:
    """Let each fact's line say what the fact says now; ``unit`` must reach the whole country.

    :raises PersonUnknown: if the registry does not know whom a fact speaks of; it waits.
    """
    rows = await _at_home(unit, facts)
    bound = {"rows": orjson.dumps(rows).decode(), "subject": unit.actor.subject, "reason": _REASON}
    done: dict[str, list[UUID]] = {}
    for line in await unit.connection.execute(_KEEP, bound):
        done.setdefault(line.done, []).append(line.id)
    for verb, ids in done.items():
        why = None if verb == "record" else _REASON
        told = {"action": f"income.{verb}", "kind": KIND, "ids": ids, "fields": list(FIELDS), "why": why}
        await unit.record_from(_TOLD, told)


async def _at_home(unit: UnitOfWork, facts: Sequence[HeardFact]) -> list[dict[str, Any]]:
    """The facts as rows, each with the household that it belongs to now."""
    rows = [
        {
            "id": fact.line_id,
            "event_id": fact.told_by.id,
            "household_id": fact.household_id,
            "person_id": fact.person_id,
            "kind": fact.kind.value,
            "amount_fen": fact.amount_fen,
            "counts_on": fact.counts_on,
            "source": fact.source,
        }
        for fact in facts
    ]
    homes = await unit.connection.execute(_HOMES, {"rows": orjson.dumps(rows).decode()})
    found = {home.id: {"household_id": home.household_id, "region": home.region} for home in homes}
    for fact in facts:
        if fact.line_id not in found:
            raise PersonUnknown(fact.person_id or fact.household_id)
    return [row | found[row["id"]] for row in rows]
