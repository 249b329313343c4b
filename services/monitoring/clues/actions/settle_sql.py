"""The statements that settle a chunk of households: each works on all of them, and no id goes to the program and back.

A run fills the very tables that it reads, so their statistics lag behind or are none. So what is looked up in them is
found one thing at a time, by ``= ANY(ARRAY(…))`` over a key or by a look-up fenced with LIMIT or OFFSET, which never
turn into joins: an index is used whatever the planner believes. Only the temporary tables of the chunk are joined, and
those are hashed, because the planner takes them for smaller than they are.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from services.monitoring.clues.actions.recompute import staged

# judged: the households of the chunk. firing_given: what fired for them. touched: which clues changed, and how.
# Of a clue that was raised just now clue_of has all that is told of it, and the id of the event that tells it.
TABLES: Final = """
CREATE TEMPORARY TABLE judged (household_id uuid) ON COMMIT DROP;
CREATE TEMPORARY TABLE firing_given ({columns}) ON COMMIT DROP;
CREATE TEMPORARY TABLE locked (clue_id uuid, household_id uuid, region bigint, state text) ON COMMIT DROP;
CREATE TEMPORARY TABLE clue_of (household_id uuid, clue_id uuid, region bigint, hits bigint, severity smallint,
    due_at timestamptz, event_id uuid) ON COMMIT DROP;
CREATE TEMPORARY TABLE touched (clue_id uuid, how text) ON COMMIT DROP
"""

HASH: Final = text("SELECT set_config('enable_nestloop', 'off', true)")
UNHASH: Final = text("SELECT set_config('enable_nestloop', 'on', true)")

# Asked for by state or area as well, clues would be read along all that wait in the county: without statistics that
# seems to be next to nothing. So they are asked for by household alone.
LOCK: Final = text(
    """
    WITH mine AS MATERIALIZED (
        SELECT id, household_id, region, state FROM clue
        WHERE id = ANY(ARRAY(
            SELECT c.id FROM judged AS j
            CROSS JOIN LATERAL (SELECT id, state FROM clue WHERE household_id = j.household_id OFFSET 0) AS c
            WHERE c.state IN ('open', 'in_case')))
        ORDER BY id FOR UPDATE
    )
    INSERT INTO locked SELECT id, household_id, region, state FROM mine
    WHERE state IN ('open', 'in_case') AND region BETWEEN :lo AND :hi
    """
)

# One row per fact: of several rows of a department about one fact the greatest counts, of equal ones the last. A
# record's own row is the first of its sources. A fact is fresh unless it stands already or is silent (clause B11).
GATHER: Final = text(
    """
    CREATE TEMPORARY TABLE firing ON COMMIT DROP AS
    SELECT f.*,
           (standing IS NULL OR has_moved) AND (
               SELECT 1 FROM fact_silence AS s WHERE s.fact_key = f.fact_key AND s.silent_until > :as_of
               AND (s.speaks_at IS NULL OR f.value IS NULL OR f.value < s.speaks_at) LIMIT 1
           ) IS NULL AS is_fresh
    FROM (
        SELECT t.*, s.id AS standing, s.clue_id AS left_clue,
               coalesce(s.household_id <> t.household_id AND s.clue_state = 'open', false) AS has_moved
        FROM (
            SELECT DISTINCT ON (fact_key) *
            FROM (
                SELECT g.*, r.version, r.severity, r.due_at, r.thresholds, d.dataset AS source_dataset,
                       d.submission_id AS source_batch, d.row_number AS source_row,
                       g.rule_id || ':' || CASE r.subject
                           WHEN 'household' THEN g.household_id::text WHEN 'person' THEN g.person_id::text
                           ELSE d.dataset || '/' || encode(d.natural_key, 'hex') END || ':' || g.fact_year AS fact_key
                FROM firing_given AS g
                JOIN jsonb_to_recordset(CAST(:rules AS jsonb)) AS r(rule_id text, subject text, version smallint,
                    severity smallint, due_at timestamptz, thresholds jsonb) ON r.rule_id = g.rule_id
                LEFT JOIN LATERAL (SELECT dataset, submission_id, row_number, natural_key FROM department_record
                                   WHERE id = g.source_records[1] LIMIT 1) AS d ON true
            ) AS told
            WHERE fact_key IS NOT NULL
            ORDER BY fact_key, value DESC NULLS LAST, record_id DESC
        ) AS t
        LEFT JOIN LATERAL (
            SELECT h.id, h.clue_id, h.household_id,
                   (SELECT c.state FROM clue AS c WHERE c.id = h.clue_id LIMIT 1) AS clue_state
            FROM hit AS h WHERE h.fact_key = t.fact_key AND h.kind = 'rule' AND h.state = 'standing' LIMIT 1
        ) AS s ON true
    ) AS f
    """
)
ANALYZE: Final = text("ANALYZE firing (household_id, fact_key, standing, is_fresh)")

# A person took the fact along to another household: it is withdrawn there before it is raised here. What is in a case
# stays where it was judged.
LOCK_LEFT: Final = text(
    "SELECT id FROM clue WHERE id = ANY(ARRAY(SELECT left_clue FROM firing WHERE has_moved)) ORDER BY id FOR UPDATE"
)
LEAVE: Final = text(
    """
    WITH gone AS (
        UPDATE hit SET state = 'withdrawn', run_id = :run_id
        WHERE id = ANY(ARRAY(SELECT standing FROM firing WHERE has_moved)) AND state = 'standing'
          AND (SELECT c.state FROM clue AS c WHERE c.id = hit.clue_id LIMIT 1) = 'open'
        RETURNING clue_id
    )
    INSERT INTO touched SELECT clue_id, 'withdrawn' FROM gone
    """
)
LEFT: Final = text("UPDATE firing SET standing = NULL WHERE has_moved")

# The months that pass change no fact, so they alone do not make a new version of a clue.
UPDATE: Final = text(
    """
    WITH changed AS (
        UPDATE hit AS h
        SET rule_version = f.version, run_id = :run_id, fact_value = f.value, inputs = f.inputs,
            thresholds = f.thresholds, person_id = f.person_id, source_records = f.source_records,
            source_dataset = f.source_dataset, source_batch = f.source_batch, source_row = f.source_row,
            severity = f.severity, due_at = CASE WHEN f.severity > h.severity THEN least(h.due_at, f.due_at)
                                                 ELSE h.due_at END
        FROM firing AS f
        WHERE h.id = ANY(ARRAY(SELECT standing FROM firing WHERE standing IS NOT NULL))
          AND h.id = f.standing AND h.state = 'standing'
          AND (h.fact_value, h.inputs - 'event_months_ago', h.rule_version, h.thresholds, h.source_records)
              IS DISTINCT FROM (f.value, f.inputs - 'event_months_ago', f.version, f.thresholds, f.source_records)
        RETURNING h.clue_id
    )
    INSERT INTO touched SELECT clue_id, 'updated' FROM changed
    """
)

# Hits are asked for by clue alone, for the reason given at LOCK.
# A fact of an earlier year cannot be computed again and goes only with the record that it came from; except by a rule
# that looks at records of every age: where that one ran and is silent, a repaired house has lost its clue. A fact in a
# case stays where it was judged, also when its person lives elsewhere now and it fires there.
WITHDRAW: Final = text(
    """
    WITH theirs AS MATERIALIZED (
        SELECT h.*, l.state AS clue_state FROM locked AS l
        CROSS JOIN LATERAL (SELECT id, kind, state, household_id, person_id, rule_id, fact_key, fact_year,
                                   source_records FROM hit WHERE clue_id = l.clue_id OFFSET 0) AS h
    ), gone AS (
        UPDATE hit SET state = 'withdrawn', run_id = :run_id
        WHERE state = 'standing' AND id = ANY(ARRAY(
            SELECT h.id FROM theirs AS h
            WHERE h.kind = 'rule' AND h.state = 'standing'
              AND NOT EXISTS (SELECT FROM firing AS f WHERE f.fact_key = h.fact_key)
              AND (h.clue_state = 'open' OR coalesce(
                  (SELECT p.household_id = h.household_id FROM person AS p WHERE p.id = h.person_id LIMIT 1), true))
              AND (h.fact_year = :year OR h.rule_id = ANY(CAST(:ageless AS text[])) OR EXISTS (
                  SELECT FROM unnest(h.source_records) AS s(id)
                  WHERE (SELECT d.state FROM department_record AS d WHERE d.id = s.id LIMIT 1)
                        IS DISTINCT FROM 'in_force'))))
        RETURNING clue_id
    )
    INSERT INTO touched SELECT clue_id, 'withdrawn' FROM gone
    """
)

OPEN: Final = text("INSERT INTO clue_of SELECT household_id, clue_id, region FROM locked WHERE state = 'open'")

# A clue is written as its hits will make it.
RAISE: Final = text(
    """
    WITH raised AS (
        INSERT INTO clue (id, region, household_id, state, severity, raised_on, due_at, hit_count, version)
        SELECT uuidv7(), hh.region, f.household_id, 'open', f.severity, :as_of, f.due_at, f.hits, 1
        FROM (SELECT household_id, max(severity) AS severity, min(due_at) AS due_at, count(*) AS hits
              FROM firing WHERE is_fresh AND household_id NOT IN (SELECT household_id FROM clue_of)
              GROUP BY household_id) AS f
        CROSS JOIN LATERAL (SELECT region FROM household WHERE id = f.household_id AND state = 'active'
                            AND region BETWEEN :lo AND :hi LIMIT 1) AS hh
        ON CONFLICT (household_id) WHERE state = 'open' DO NOTHING
        RETURNING id, household_id, region, hit_count, severity, due_at
    ), known AS (
        INSERT INTO clue_of SELECT household_id, id, region, hit_count, severity, due_at, uuidv7() FROM raised
    )
    INSERT INTO touched SELECT id, 'raised' FROM raised
    """
)

# Somebody's report may have opened a clue of the household since the lock was taken: it is joined like any other.
MEET: Final = text(
    """
    INSERT INTO clue_of
    SELECT f.household_id, c.id, c.region
    FROM (SELECT household_id FROM firing WHERE is_fresh EXCEPT SELECT household_id FROM clue_of) AS f
    CROSS JOIN LATERAL (SELECT id, region FROM clue WHERE household_id = f.household_id AND state = 'open'
                        AND region BETWEEN :lo AND :hi LIMIT 1) AS c
    """
)

JOIN: Final = text(
    """
    WITH joined AS (
        INSERT INTO hit (id, region, clue_id, household_id, person_id, kind, state, channel, severity, hit_on, due_at,
                         rule_id, rule_version, run_id, fact_key, fact_year, fact_value, inputs, thresholds,
                         source_records, source_dataset, source_batch, source_row)
        SELECT uuidv7(), o.region, o.clue_id, f.household_id, f.person_id, 'rule', 'standing', 'department', f.severity,
               :as_of, f.due_at, f.rule_id, f.version, :run_id, f.fact_key, f.fact_year, f.value, f.inputs,
               f.thresholds, f.source_records, f.source_dataset, f.source_batch, f.source_row
        FROM firing AS f JOIN clue_of AS o ON o.household_id = f.household_id
        WHERE f.is_fresh
        ON CONFLICT (fact_key) WHERE kind = 'rule' AND state = 'standing' DO NOTHING
        RETURNING clue_id
    )
    INSERT INTO touched SELECT clue_id, 'joined' FROM joined
    """
)

# Every clue that was touched is brought up to its hits, but for those raised just now that are so already.
RECOMPUTE: Final = text(
    """
    WITH stale AS MATERIALIZED (
        SELECT t.clue_id FROM touched AS t LEFT JOIN clue_of AS o ON o.clue_id = t.clue_id
        GROUP BY t.clue_id, o.hits HAVING o.hits IS DISTINCT FROM count(*) FILTER (WHERE t.how = 'joined')
    ), brought AS (
        UPDATE clue AS c
        SET (severity, hit_count, due_at, state) = (
                SELECT coalesce(max(h.severity), c.severity), count(*),
                       CASE WHEN count(*) = 0 THEN c.due_at ELSE min(h.due_at) END,
                       CASE WHEN count(*) = 0 AND c.state = 'open' THEN 'withdrawn' ELSE c.state END
                FROM hit AS h WHERE h.clue_id = c.id AND h.state = 'standing'),
            version = c.version + 1
        WHERE c.id = ANY(ARRAY(SELECT clue_id FROM stale))
        RETURNING c.id, c.state
    )
    INSERT INTO touched SELECT id, CASE WHEN state = 'withdrawn' THEN 'clue_withdrawn' ELSE 'brought' END FROM brought
    """
)

COUNT: Final = text("SELECT how, count(*) FROM touched GROUP BY how UNION ALL SELECT 'fired', count(*) FROM firing")

# Raised and then brought up to its hits, a clue has a second version: nobody hears of the first.
NOT_NEW: Final = text(
    "UPDATE clue_of SET event_id = NULL"
    " WHERE clue_id = ANY(ARRAY(SELECT clue_id FROM touched WHERE how IN ('brought', 'clue_withdrawn')))"
)
RAISED: Final = """
    SELECT 'clue.raise' AS action, 'clue' AS kind, clue_id AS entity_id, region, event_id,
           CAST(:event_type AS text) AS event_type, jsonb_build_object(
               'clue', clue_id, 'household', household_id, 'severity', (ARRAY['L', 'M', 'H'])[severity],
               'due', due_at, 'state', 'open') AS event_data
    FROM clue_of WHERE event_id IS NOT NULL
"""
"""The clues of this chunk that are there in their first version, for :func:`chassis.records.record_new`."""

STAGED: Final = staged(
    chosen="c.id = ANY(ARRAY(SELECT clue_id FROM touched WHERE how IN ('brought', 'clue_withdrawn')))",
    grown="c.id IN (SELECT clue_id FROM touched WHERE how IN ('joined', 'updated'))",
)
"""The other clues that were touched."""
