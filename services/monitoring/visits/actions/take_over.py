"""Take over visits of many households from the national system: each once, beside those that were recorded here."""

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
from services.monitoring.codes.visits import VisitWay
from services.monitoring.visits.actions.refresh import refresh_dues

KIND: Final = "visit"
_FIELDS: Final = ("findings", "visited_on", "way")


@dataclass(frozen=True, slots=True)
class Paid:
    """One visit to a household as a source knows it."""

    household_id: UUID
    region: int
    visited_on: date
    way: VisitWay
    findings: str | None


# A day on which a visit stands here already, or stood and was made void, is known: people's own word about it counts.
_INSERT: Final = text(
    """
    INSERT INTO visit (
        id, region, household_id, visited_on, way, forms, findings, state, version, recorded_by, source_id
    )
    SELECT said.id, said.region, said.household_id, said.visited_on, said.way, '[]', said.findings, 'recorded', 1,
           :subject, :source
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS said(
        id uuid, region bigint, household_id uuid, visited_on date, way text, findings text
    )
    WHERE NOT EXISTS (
        SELECT FROM visit AS known
        WHERE known.household_id = said.household_id AND known.visited_on = said.visited_on
          AND known.region BETWEEN :lo AND :hi
    )
    RETURNING id, household_id
    """
)
# Whom else it was for, an export does not say: it meets what is due to the household.
_MET: Final = text(
    """
    INSERT INTO visit_met (visit_id, subject_id, reason, region, visited_on, due_on)
    SELECT visit.id, due.subject_id, due.reason, due.region, visit.visited_on, due.due_on
    FROM visit JOIN visit_due AS due ON due.household_id = visit.household_id AND due.subject_id = visit.household_id
    WHERE visit.id = ANY(CAST(:ids AS uuid[])) AND visit.region BETWEEN :lo AND :hi
      AND due.region BETWEEN :lo AND :hi AND coalesce(due.meets_from, due.begins_on) <= visit.visited_on
      AND due.reason <> 'agreed'
    """
)
_TOLD: Final = rows_alike("visit")


async def take_over_visits(unit: UnitOfWork, paid: Sequence[Paid], *, county: int, source_id: UUID) -> Counter[UUID]:
    """By household, how many visits are new; all lie in the unit's area, and what is due next counts from them.

    :param source_id: the paper that tells of them.
    """
    if not paid:
        return Counter()
    area = {"lo": unit.area.lo, "hi": unit.area.hi}
    rows = orjson.dumps([_row(one) for one in paid]).decode()
    bound = {**area, "rows": rows, "subject": unit.actor.subject, "source": source_id}
    made = (await unit.connection.execute(_INSERT, bound)).all()
    if made:
        ids, households = [row.id for row in made], list({row.household_id for row in made})
        await refresh_dues(unit, county, households=households)
        await unit.connection.execute(_MET, {**area, "ids": ids})
        await refresh_dues(unit, county, households=households)
        told = {"action": "visit.take_over", "kind": KIND, "fields": list(_FIELDS), "why": None}
        await unit.record_from(_TOLD, {**told, "ids": ids})
    return Counter(row.household_id for row in made)


def _row(one: Paid) -> dict[str, Any]:
    return {
        "id": new_id(),
        "household_id": one.household_id,
        "region": one.region,
        "visited_on": one.visited_on,
        "way": one.way.value,
        "findings": one.findings,
    }
