"""Make cases of what the national system knows: registered and eliminated households, without a plan, dues or clocks.

Set-based within an import's chunk. A case of our own stays as it is, and so do its household's facts: what the export
says otherwise is in its report of differences. The same export again, or a later one that says the same, changes
nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import rows_alike
from services.monitoring.cases.actions.stepping import KIND
from services.monitoring.cases.tables import OPEN_SQL
from services.monitoring.codes.cases import CaseAction
from services.monitoring.parameters import book_of
from services.monitoring.visits.duties import FOLLOW_UP_MONTHS

FIELDS: Final = ("state", "step")
_OURS: Final = (CaseAction.ELIM_PROPOSE, CaseAction.REMOVE, CaseAction.END_NATURALLY, CaseAction.ELIMINATE)
_IN: Final = f"""
    own.household_id = ANY(CAST(:households AS uuid[])) AND own.region BETWEEN :lo AND :hi
    AND (own.origin = 'clue' AND ({OPEN_SQL} OR own.registered_on IS NOT NULL)
         OR own.origin = 'migrated' AND EXISTS (
             SELECT FROM case_step AS taken WHERE taken.case_id = own.id AND taken.action = ANY(CAST(:ours AS text[]))
         ))
"""
_WORKED_HERE: Final = text(f"SELECT DISTINCT own.household_id FROM monitoring_case AS own WHERE {_IN}")  # noqa: S608
# What the household shows now is what the facts say: the book of cases is made of the book of facts.
_SAID: Final = """
    SELECT given.case_id AS fresh_id, home.id AS household_id, home.region, home.monitoring_type, home.risks,
           home.registered_on, home.eliminated_on, home.elimination_mode, fact.disaster_kind, fact.risk_note,
           CASE WHEN home.eliminated_on IS NULL THEN 'measures_active'
                WHEN :follow_up = 0 OR home.eliminated_on + make_interval(months => :follow_up) > :today
                THEN 'follow_up' ELSE 'eliminated' END AS state
    FROM jsonb_to_recordset(CAST(:given AS jsonb)) AS given(household_id uuid, case_id uuid)
    JOIN household AS home ON home.id = given.household_id AND home.region BETWEEN :lo AND :hi
    LEFT JOIN LATERAL (
        SELECT disaster_kind, risk_note FROM monitoring_fact
        WHERE household_id = home.id AND region = home.region ORDER BY number DESC LIMIT 1
    ) AS fact ON true
    WHERE home.monitoring_type IS NOT NULL AND home.registered_on IS NOT NULL
"""
_LATEST: Final = """
    SELECT DISTINCT ON (own.household_id) own.* FROM monitoring_case AS own JOIN said USING (household_id)
    WHERE own.region BETWEEN :lo AND :hi AND own.registered_on IS NOT NULL AND own.merged_into IS NULL
    ORDER BY own.household_id, own.id DESC
"""
_STEP: Final = """
    INSERT INTO case_step (case_id, number, region, action, from_state, to_state, on_day, subject, role, details,
                           taken_at)
    SELECT id, step_count, region, 'take_over', from_state, state, :on, :subject, :role,
           jsonb_build_object('export', CAST(:source AS text)), :now
    FROM {written}
"""
_CHANGE: Final = text(
    f"""
    WITH said AS MATERIALIZED ({_SAID}), latest AS MATERIALIZED ({_LATEST}), changed AS (
        UPDATE monitoring_case AS own
        SET state = CASE WHEN said.eliminated_on IS NOT DISTINCT FROM own.eliminated_on THEN own.state
                         ELSE said.state END,
            registered_on = said.registered_on, day_0 = said.registered_on,
            monitoring_type = said.monitoring_type, risks = said.risks, eliminated_on = said.eliminated_on,
            elimination_mode = said.elimination_mode, disaster_kind = said.disaster_kind, risk_note = said.risk_note,
            version = own.version + 1, step_count = own.step_count + 1
        FROM said JOIN latest USING (household_id)
        WHERE own.id = latest.id AND own.origin = 'migrated'
          AND (own.registered_on = said.registered_on OR own.state = 'measures_active')
          AND (own.registered_on, own.monitoring_type, own.risks, own.eliminated_on, own.elimination_mode,
               own.disaster_kind, own.risk_note)
              IS DISTINCT FROM (said.registered_on, said.monitoring_type, said.risks, said.eliminated_on,
                                said.elimination_mode, said.disaster_kind, said.risk_note)
        RETURNING own.id, own.household_id, own.region, own.state, own.step_count, latest.state AS from_state
    ), told AS ({_STEP.format(written="changed")})
    SELECT id, household_id FROM changed
    """  # noqa: S608  # constants only
)
# Registered there for the first time, or anew after an elimination: then the new case names the one before, or that of
# the household which this one split off from.
_INSERT: Final = text(
    f"""
    WITH said AS MATERIALIZED ({_SAID}), latest AS MATERIALIZED ({_LATEST}), made AS (
        INSERT INTO monitoring_case (
            id, region, household_id, state, origin, day_0, previous_case_id, urgent, plan, dues, step_count,
            shock_verified, risks, disaster_kind, risk_note, registered_on, monitoring_type, eliminated_on,
            elimination_mode, version
        )
        SELECT said.fresh_id, said.region, said.household_id, said.state, 'migrated', said.registered_on,
               coalesce((SELECT before.id FROM monitoring_case AS before
                         WHERE before.household_id = said.household_id AND before.region BETWEEN :lo AND :hi
                         ORDER BY before.merged_into IS NOT NULL, before.id DESC LIMIT 1),
                        (SELECT left_by.case_id FROM case_step AS left_by
                         WHERE left_by.action = 'change_household'
                           AND left_by.details ->> 'split_off' = CAST(said.household_id AS text)
                         ORDER BY left_by.recorded_at DESC LIMIT 1)),
               false, '{{}}', '{{}}', 1, false, said.risks, said.disaster_kind, said.risk_note, said.registered_on,
               said.monitoring_type, said.eliminated_on, said.elimination_mode, 1
        FROM said LEFT JOIN latest USING (household_id)
        WHERE latest.id IS NULL OR latest.registered_on IS DISTINCT FROM said.registered_on
        ON CONFLICT (household_id) WHERE {OPEN_SQL} DO NOTHING
        RETURNING id, household_id, region, state, step_count, CAST(NULL AS text) AS from_state
    ), told AS ({_STEP.format(written="made")})
    SELECT id, household_id FROM made
    """  # noqa: S608  # constants only
)
_TOLD: Final = rows_alike("monitoring_case")


async def worked_here(unit: UnitOfWork, households: Collection[UUID]) -> frozenset[UUID]:
    """Which of these households have a case that is worked here: its facts are ours to write."""
    bound = {
        "households": list(households),
        "lo": unit.area.lo,
        "hi": unit.area.hi,
        "ours": [one.value for one in _OURS],
    }
    return frozenset((await unit.connection.execute(_WORKED_HERE, bound)).scalars())


async def take_over_cases(
    unit: UnitOfWork, households: Sequence[UUID], *, county: int, source_id: UUID, on: date
) -> list[UUID]:
    """The households whose cases are new or say something else than before.

    :param households: whose monitoring the export says, without a case worked here, after their facts were recorded;
        all in the unit's area.
    :param source_id: the export. ``on``: the day for which it speaks.
    """
    if not households:
        return []
    today = unit.clock.today()
    book = await book_of(unit, county)
    bound: dict[str, Any] = {
        "given": orjson.dumps([{"household_id": one, "case_id": new_id()} for one in households]).decode(),
        "follow_up": book.integer(FOLLOW_UP_MONTHS, region=county, on=today),
        "today": today,
        "on": on,
        "source": str(source_id),
        "subject": unit.actor.subject,
        "role": unit.actor.role.value,
        "now": unit.clock.business_now(),
        "lo": unit.area.lo,
        "hi": unit.area.hi,
    }
    written: list[Any] = []
    for statement in (_CHANGE, _INSERT):
        written += (await unit.connection.execute(statement, bound)).all()
    if written:
        told = {"action": f"case.{CaseAction.TAKE_OVER.value}", "kind": KIND, "fields": list(FIELDS), "why": None}
        await unit.record_from(_TOLD, {**told, "ids": [row.id for row in written]})
    return [row.household_id for row in written]
