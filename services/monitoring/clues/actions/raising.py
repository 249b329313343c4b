"""Raise the clue of a household, or join its open one, by what somebody said of it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.clues.queries.listing import CLUE, HIT, LETTERS
from services.monitoring.clues.rules import SEVERITIES, due_of
from services.monitoring.contract import ClueRaised
from services.monitoring.parameters import dues_of

SEVERITY: Final = SEVERITIES["M"]


async def raise_clue(
    unit: UnitOfWork,
    household: Any,
    *,
    kind: str,
    channel: str,
    hit_on: date,
    description: str | None,
    person_id: UUID | None = None,
) -> UUID:
    """The hit that says so, of the household's open clue, whose due is that of severity M where it is the earlier.

    :param kind: of the hit: ``self_report`` or ``cadre_report``.
    """
    due_at = due_of(SEVERITY, unit.clock.business_now(), await dues_of(unit, household.region))
    raised = upsert(CLUE).values(
        id=new_id(),
        region=household.region,
        household_id=household.id,
        state="open",
        severity=SEVERITY,
        raised_on=unit.clock.today(),
        due_at=due_at,
        hit_count=1,
        version=1,
    )
    clue = (
        await unit.connection.execute(
            raised.on_conflict_do_update(
                index_elements=["household_id"],
                # A literal: with a parameter, a generic plan would find no such index.
                index_where=text("state = 'open'"),
                set_={
                    "severity": func.greatest(CLUE.c.severity, raised.excluded.severity),
                    "due_at": func.least(CLUE.c.due_at, raised.excluded.due_at),
                    "hit_count": CLUE.c.hit_count + 1,
                    "version": CLUE.c.version + 1,
                },
            ).returning(CLUE)
        )
    ).one()
    hit_id = new_id()
    await unit.connection.execute(
        insert(HIT).values(
            id=hit_id,
            region=clue.region,
            clue_id=clue.id,
            household_id=household.id,
            person_id=person_id,
            kind=kind,
            state="standing",
            channel=channel,
            severity=SEVERITY,
            hit_on=hit_on,
            due_at=due_at,
            description=description,
        )
    )
    event = ClueRaised(clue=clue.id, household=household.id, severity=LETTERS[clue.severity], due=clue.due_at)
    unit.record("clue.report", Aggregate("clue", clue.id, clue.region, clue.version), fields=["hits"], event=event)
    return hit_id
