"""Bring the entitlements of a span of households to what a look found: made, changed, ended, each recorded."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_alike

KIND: Final = "entitlement"
_TABLE: Final = (
    "CREATE TEMPORARY TABLE due_given (rule_id text, household_id uuid, person_id uuid, record_id uuid,"
    " source_records uuid[], fact_year integer, growing_value bigint, inputs jsonb) ON COMMIT DROP"
)
# A policy is due to a living member, once however many rows of a department say so, or to the household as a whole.
_DUE: Final = text(
    """
    CREATE TEMPORARY TABLE due ON COMMIT DROP AS
    SELECT DISTINCT ON (given.rule_id, given.household_id, subject.person_id)
           given.rule_id, given.household_id, subject.person_id, household.region, given.inputs,
           policy.version, policy.department, policy.tells_health, policy.received
    FROM due_given AS given
    JOIN jsonb_to_recordset(CAST(:policies AS jsonb)) AS policy(
        rule_id text, version smallint, subject text, department text, tells_health boolean, received jsonb
    ) ON policy.rule_id = given.rule_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN policy.subject <> 'household' THEN given.person_id END AS person_id
    ) AS subject
    JOIN household ON household.id = given.household_id AND household.region BETWEEN :lo AND :hi
                  AND household.state = 'active'
    LEFT JOIN person ON person.id = subject.person_id
    WHERE subject.person_id IS NULL OR (person.state = 'active' AND person.household_id = household.id)
    ORDER BY given.rule_id, given.household_id, subject.person_id, given.record_id
    """
)
# What an export brought without a last day is known to have begun only; what runs here is given today.
# A line or measure of nobody in particular counts for each member: whose it is cannot be told, and a false gap costs a
# visit.
_GOT: Final = text(
    """
    CREATE TEMPORARY TABLE got ON COMMIT DROP AS
    SELECT DISTINCT ON (due.rule_id, due.household_id, due.person_id)
           due.rule_id, due.household_id, due.person_id, receipt.source, seen.id, seen.received_on
    FROM due CROSS JOIN LATERAL jsonb_to_recordset(due.received) AS receipt(
        source text, code text, months integer, choice jsonb
    )
    CROSS JOIN LATERAL (SELECT CAST(:as_of AS date) - make_interval(months => receipt.months) AS day) AS after
    CROSS JOIN LATERAL (
        SELECT line.id, line.counts_on AS received_on FROM income_line AS line
        WHERE receipt.source = 'income' AND line.household_id = due.household_id AND line.kind = receipt.code
          AND line.state = 'active' AND line.counts_on > after.day AND line.counts_on <= :as_of
          AND (due.person_id IS NULL OR coalesce(line.person_id, due.person_id) = due.person_id)
        UNION ALL
        SELECT given.id, given.started_on FROM imported_measure AS given
        WHERE receipt.source = 'measure' AND given.household_id = due.household_id AND given.kind = receipt.code
          AND given.state = 'in_force' AND given.started_on <= :as_of
          AND coalesce(given.ended_on, given.started_on) > after.day
        UNION ALL
        SELECT given.id, given.started_on FROM measure AS given
        WHERE receipt.source = 'measure' AND given.household_id = due.household_id AND given.kind = receipt.code
          AND given.state <> 'withdrawn' AND given.started_on <= :as_of
          AND coalesce(given.ended_on, :as_of) > after.day
          AND (due.person_id IS NULL OR coalesce(given.person_id, due.person_id) = due.person_id)
        UNION ALL
        SELECT told.id, told.event_date FROM department_record AS told
        WHERE receipt.source = 'dataset' AND told.household_id = due.household_id AND told.dataset = receipt.code
          AND told.state = 'in_force' AND told.event_date > after.day AND told.event_date <= :as_of
          AND (due.person_id IS NULL OR told.person_id = due.person_id)
          AND (receipt.choice IS NULL
               OR told.payload ->> (receipt.choice ->> 'column') = receipt.choice ->> 'value')
    ) AS seen
    ORDER BY due.rule_id, due.household_id, due.person_id, seen.received_on DESC, seen.id
    """
)
_SETTLE: Final = text(
    """
    INSERT INTO entitlement AS known (id, region, household_id, person_id, policy_id, policy_version, department,
        tells_health, inputs, due_since, received_on, received_from, received_id, state, state_since, version)
    SELECT uuidv7(), due.region, due.household_id, due.person_id, due.rule_id, due.version, due.department,
           due.tells_health, due.inputs, :as_of, got.received_on, got.source, got.id,
           CASE WHEN got.id IS NULL THEN 'missing' ELSE 'received' END, :as_of, 1
    FROM due LEFT JOIN got ON (got.rule_id, got.household_id) = (due.rule_id, due.household_id)
                          AND got.person_id IS NOT DISTINCT FROM due.person_id
    ON CONFLICT (policy_id, household_id, person_id) WHERE state <> 'over' DO UPDATE
    SET policy_version = excluded.policy_version, department = excluded.department, inputs = excluded.inputs,
        tells_health = excluded.tells_health, received_on = excluded.received_on,
        received_from = excluded.received_from, received_id = excluded.received_id, version = known.version + 1,
        state = CASE WHEN excluded.state = 'missing' AND known.state = 'explained' THEN 'explained'
                     ELSE excluded.state END,
        state_since = CASE WHEN known.state = excluded.state OR excluded.state = 'missing' AND known.state = 'explained'
                           THEN known.state_since ELSE excluded.state_since END
    WHERE (known.policy_version, known.department, known.inputs, known.received_id,
           known.state = 'received') IS DISTINCT FROM
          (excluded.policy_version, excluded.department, excluded.inputs, excluded.received_id,
           excluded.state = 'received')
    RETURNING id, version = 1 AS is_new
    """
)
_END: Final = text(
    """
    UPDATE entitlement AS known SET state = 'over', state_since = :as_of, ended_on = :as_of, version = known.version + 1
    WHERE known.region BETWEEN :lo AND :hi AND known.household_id BETWEEN :first AND :last AND known.state <> 'over'
      AND NOT EXISTS (
          SELECT FROM due WHERE due.rule_id = known.policy_id AND due.household_id = known.household_id
                            AND due.person_id IS NOT DISTINCT FROM known.person_id
      )
    RETURNING known.id
    """
)


async def settle_due(
    unit: UnitOfWork, policies: str, given: str, *, as_of: date, first: UUID, last: UUID
) -> Counter[str]:
    """How many entitlements were made, changed and ended among the households from ``first`` to ``last``.

    :param policies: the policies that were looked at, as a JSON array; ``given``: whom their conditions hold for, as
        rows of COPY in text format as :meth:`services.monitoring.screening.engine.Screening.copy_text` gives them.
    """
    raw = (await unit.connection.get_raw_connection()).driver_connection
    assert raw is not None
    async with raw.cursor() as cursor:
        await cursor.execute(_TABLE, prepare=False)
        async with cursor.copy("COPY due_given FROM STDIN") as copy:
            await copy.write(given)
    bound: dict[str, Any] = {"as_of": as_of, "lo": unit.area.lo, "hi": unit.area.hi, "first": first, "last": last}
    await unit.connection.execute(_DUE, {**bound, "policies": policies})
    await unit.connection.execute(text("ANALYZE due"))
    await unit.connection.execute(_GOT, bound)
    settled = (await unit.connection.execute(_SETTLE, bound)).all()
    made = [row.id for row in settled if row.is_new]
    changed = [row.id for row in settled if not row.is_new]
    ended = list((await unit.connection.execute(_END, bound)).scalars())
    for action, ids in (("begin", made), ("change", changed), ("end", ended)):
        if ids:
            told = {"action": f"{KIND}.{action}", "kind": KIND, "fields": ["state"], "why": None, "ids": ids}
            await unit.record_from(rows_alike(KIND), told)
    return Counter(made=len(made), changed=len(changed), ended=len(ended))
