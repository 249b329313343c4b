"""Turn what fired in a run into hits and clues of some households, with a few statements whatever their number.

A fact that stands is brought up to date; a dismissed one stays silent until it has grown or its time has passed; a new
one raises the household's clue or joins the open one. A hit whose record no longer counts, or whose rule no longer
fires, is withdrawn, and a clue without standing hits with it (domain B11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.clues.rules import SEVERITIES, Dues, due_of
from services.monitoring.contract import ClueRaised

# A temporary table that is analysed: the planner then joins by index or hash, although this very run filled the rest.
_GATHER: Final = (
    text(
        "CREATE TEMPORARY TABLE firing_chunk ON COMMIT DROP AS SELECT f.*, r.version, r.severity, r.due_at,"
        " r.thresholds, d.dataset AS source_dataset, d.submission_id AS source_batch, d.row_number AS source_row"
        " FROM screening_firing AS f JOIN jsonb_to_recordset(CAST(:rules AS jsonb)) AS r(rule_id text,"
        " version smallint, severity smallint, due_at timestamptz, thresholds jsonb) ON r.rule_id = f.rule_id"
        " LEFT JOIN department_record AS d ON d.id = f.source_records[1]"
        " WHERE f.run_id = :run_id AND f.household_id = ANY(:households)"
    ),
    text("ANALYZE firing_chunk"),
)

_LOCK: Final = text(
    """
    SELECT id FROM clue
    WHERE id IN (SELECT id FROM clue WHERE household_id = ANY(:households) AND state IN ('open', 'in_case')
                 UNION ALL
                 SELECT h.clue_id FROM hit AS h JOIN firing_chunk AS f ON f.fact_key = h.fact_key
                 WHERE h.kind = 'rule' AND h.state = 'standing' AND h.household_id <> f.household_id)
      AND region BETWEEN :lo AND :hi ORDER BY id FOR UPDATE
    """
)

# A person took the fact along to another household: it is withdrawn there before it is raised here. What is in a case
# stays where it was judged.
_LEAVE: Final = text(
    """
    UPDATE hit AS h SET state = 'withdrawn', run_id = f.run_id
    FROM firing_chunk AS f, clue AS c
    WHERE h.fact_key = f.fact_key AND h.kind = 'rule' AND h.state = 'standing' AND h.household_id <> f.household_id
      AND c.id = h.clue_id AND c.state = 'open' AND c.region BETWEEN :lo AND :hi
    RETURNING h.clue_id
    """
)

# The months that pass change no fact, so they alone do not make a new version of a clue.
_UPDATE: Final = text(
    """
    UPDATE hit AS h
    SET rule_version = f.version, run_id = f.run_id, fact_value = f.value, inputs = f.inputs,
        thresholds = f.thresholds, person_id = f.person_id, source_records = f.source_records,
        source_dataset = f.source_dataset, source_batch = f.source_batch, source_row = f.source_row,
        severity = f.severity, due_at = CASE WHEN f.severity > h.severity THEN least(h.due_at, f.due_at)
                                             ELSE h.due_at END
    FROM firing_chunk AS f
    WHERE h.fact_key = f.fact_key AND h.kind = 'rule' AND h.state = 'standing'
      AND (h.fact_value, h.inputs - 'event_months_ago', h.rule_version, h.thresholds, h.source_records)
          IS DISTINCT FROM (f.value, f.inputs - 'event_months_ago', f.version, f.thresholds, f.source_records)
    RETURNING h.clue_id
    """
)

# A fact of an earlier year cannot be computed again and goes only with the record that it came from; except by a rule
# that looks at records of every age: where that one ran and is silent, a repaired house has lost its clue.
_WITHDRAW: Final = text(
    """
    UPDATE hit AS h SET state = 'withdrawn', run_id = :run_id
    FROM clue AS c
    WHERE c.id = h.clue_id AND c.state IN ('open', 'in_case') AND h.household_id = ANY(:households)
      AND h.region BETWEEN :lo AND :hi AND h.kind = 'rule' AND h.state = 'standing'
      AND NOT EXISTS (SELECT FROM firing_chunk AS f WHERE f.fact_key = h.fact_key)
      AND (c.state = 'open'
           OR NOT EXISTS (SELECT FROM screening_firing AS f WHERE (f.run_id, f.fact_key) = (:run_id, h.fact_key)))
      AND (h.fact_year = :year OR h.rule_id = ANY(CAST(:ageless AS text[])) OR EXISTS (
          SELECT FROM unnest(h.source_records) AS s(id)
          LEFT JOIN department_record AS d ON d.id = s.id WHERE d.state IS DISTINCT FROM 'in_force'))
    RETURNING h.clue_id
    """
)

# Scalar look-ups with a limit are never turned into joins: one probe of an index for each firing, whatever the
# planner believes about tables that this very run has filled.
_FRESH: Final = text(
    """
    SELECT f.fact_key FROM firing_chunk AS f
    WHERE (SELECT 1 FROM hit AS h WHERE h.fact_key = f.fact_key AND h.kind = 'rule' AND h.state = 'standing'
           LIMIT 1) IS NULL
      AND (SELECT 1 FROM fact_silence AS s WHERE s.fact_key = f.fact_key AND s.silent_until > :as_of
           AND (s.speaks_at IS NULL OR f.value IS NULL OR f.value < s.speaks_at) LIMIT 1) IS NULL
    """
)

_OPEN: Final = text(
    """
    INSERT INTO clue (id, region, household_id, state, severity, raised_on, hit_count, version)
    SELECT uuidv7(), hh.region, hh.id, 'open', 1, :as_of, 0, 0
    FROM household AS hh
    WHERE hh.state = 'active' AND hh.region BETWEEN :lo AND :hi
      AND hh.id IN (SELECT household_id FROM firing_chunk WHERE fact_key = ANY(CAST(:fresh AS text[])))
    ON CONFLICT (household_id) WHERE state = 'open' DO NOTHING
    RETURNING id
    """
)

_JOIN: Final = text(
    """
    INSERT INTO hit (id, region, clue_id, household_id, person_id, kind, state, channel, severity, hit_on, due_at,
                     rule_id, rule_version, run_id, fact_key, fact_year, fact_value, inputs, thresholds,
                     source_records, source_dataset, source_batch, source_row)
    SELECT uuidv7(), c.region, c.id, f.household_id, f.person_id, 'rule', 'standing', 'department', f.severity,
           :as_of, f.due_at, f.rule_id, f.version, f.run_id, f.fact_key, f.fact_year, f.value, f.inputs,
           f.thresholds, f.source_records, f.source_dataset, f.source_batch, f.source_row
    FROM firing_chunk AS f
    JOIN clue AS c ON c.household_id = f.household_id AND c.state = 'open' AND c.region BETWEEN :lo AND :hi
    WHERE f.fact_key = ANY(CAST(:fresh AS text[]))
    ON CONFLICT (fact_key) WHERE kind = 'rule' AND state = 'standing' DO NOTHING
    RETURNING clue_id
    """
)

RECOMPUTE: Final = text(
    """
    WITH standing AS (
        SELECT clue_id, count(*) AS hits, max(severity) AS severity, min(due_at) AS due_at
        FROM hit WHERE clue_id = ANY(:clues) AND state = 'standing' GROUP BY clue_id
    )
    UPDATE clue AS c
    SET severity = coalesce(s.severity, c.severity), hit_count = coalesce(s.hits, 0), version = c.version + 1,
        due_at = CASE WHEN s.hits IS NULL THEN c.due_at ELSE s.due_at END,
        state = CASE WHEN s.hits IS NULL AND c.state = 'open' THEN 'withdrawn' ELSE c.state END
    FROM unnest(CAST(:clues AS uuid[])) AS t(id) LEFT JOIN standing AS s ON s.clue_id = t.id
    WHERE c.id = t.id
    RETURNING c.state
    """
)

_STAGED: Final = """
SELECT row_number() OVER (ORDER BY c.id) AS ord,
       CASE WHEN c.state = 'withdrawn' THEN 'clue.withdraw' WHEN c.version = 1 THEN 'clue.raise'
            ELSE 'clue.rejudge' END AS action,
       'clue' AS kind, c.id AS entity_id, c.version, c.region, NULL::bigint AS left_region,
       ARRAY['due_at', 'hits', 'severity', 'state'] AS fields, NULL::jsonb AS digests, NULL::text AS reason,
       false AS deleted, CASE WHEN g.told THEN uuidv7() END AS event_id,
       CASE WHEN g.told THEN CAST(:event_type AS text) END AS event_type,
       CASE WHEN g.told THEN jsonb_build_object(
           'clue', c.id, 'household', c.household_id, 'severity', (ARRAY['L', 'M', 'H'])[c.severity],
           'due', c.due_at, 'state', c.state) END AS event_data
FROM clue AS c, LATERAL (
    SELECT c.state = 'withdrawn' OR c.state = 'open' AND c.id = ANY(CAST(:grown AS uuid[])) AS told
) AS g
WHERE c.id = ANY(CAST(:clues AS uuid[]))"""


@dataclass(frozen=True, slots=True)
class RuleRun:
    """How one rule ran: its version, severity (H, M, L) and the numbers bound for the county and day.

    :param is_ageless: whether it looked at records of every age, so that its silence speaks of earlier years too.
    """

    version: int
    severity: str
    thresholds: Mapping[str, int]
    is_ageless: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run brings to clues.

    :param now: the instant from which dues run; None for a first load of history, which has no dues.
    """

    run_id: UUID
    as_of: date
    rules: Mapping[str, RuleRun]
    dues: Dues
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """How many clues and hits a chunk of households brought."""

    raised: int
    hits: int
    updated: int
    withdrawn: int
    clues_withdrawn: int

    def as_counts(self) -> dict[str, int]:
        return {"clues_raised": self.raised, "hits": self.hits, "hits_updated": self.updated,
                "hits_withdrawn": self.withdrawn, "clues_withdrawn": self.clues_withdrawn}  # fmt: skip


async def settle_firings(unit: UnitOfWork, judgement: Judgement, households: Sequence[UUID]) -> Settled:
    """Bring the clues of some households to what the run found, recorded in the same transaction."""
    connection = unit.connection
    bound: dict[str, Any] = {
        "run_id": judgement.run_id,
        "households": list(households),
        "lo": unit.area.lo,
        "hi": unit.area.hi,
        "as_of": judgement.as_of,
    }
    gathered = {**_some(bound, "run_id", "households"), "rules": _rules(judgement)}
    await connection.execute(_GATHER[0], gathered)
    await connection.execute(_GATHER[1])
    await connection.execute(_LOCK, {name: bound[name] for name in ("households", "lo", "hi")})
    withdrawn = list((await connection.execute(_LEAVE, _some(bound, "lo", "hi"))).scalars())
    updated = list((await connection.execute(_UPDATE)).scalars())
    ageless = [rule_id for rule_id, rule in judgement.rules.items() if rule.is_ageless]
    gone = {**_some(bound, "run_id", "households", "lo", "hi"), "year": judgement.as_of.year, "ageless": ageless}
    withdrawn += (await connection.execute(_WITHDRAW, gone)).scalars()
    found = await connection.execute(_FRESH, _some(bound, "as_of"))
    fresh = {"fresh": list(found.scalars())}
    raised = list((await connection.execute(_OPEN, {**_some(bound, "lo", "hi", "as_of"), **fresh})).scalars())
    joined = list((await connection.execute(_JOIN, {**_some(bound, "lo", "hi", "as_of"), **fresh})).scalars())
    touched = sorted({*updated, *withdrawn, *raised, *joined})
    states = await recompute(unit, touched, grown=sorted({*updated, *joined}))
    return Settled(len(raised), len(joined), len(updated), len(withdrawn), states.count("withdrawn"))


async def recompute(unit: UnitOfWork, clues: Sequence[UUID], *, grown: Sequence[UUID]) -> list[str]:
    """Bring clues up to their standing hits, and record them. Returns their states.

    :param grown: those of them that have something new to tell.
    """
    if not clues:
        return []
    states = list((await unit.connection.execute(RECOMPUTE, {"clues": list(clues)})).scalars())
    await unit.record_from(_STAGED, {"clues": list(clues), "grown": list(grown), "event_type": ClueRaised.wire_type()})
    return states


def _rules(judgement: Judgement) -> str:
    return orjson.dumps(
        [
            {
                "rule_id": rule_id,
                "version": rule.version,
                "severity": SEVERITIES[rule.severity],
                "due_at": None
                if judgement.now is None
                else due_of(SEVERITIES[rule.severity], judgement.now, judgement.dues),
                "thresholds": dict(rule.thresholds),
            }
            for rule_id, rule in judgement.rules.items()
        ]
    ).decode()


def _some(bound: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: bound[name] for name in names}
