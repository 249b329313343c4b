"""Bring some clues up to the hits that stand in them, and record what they are now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.contract import ClueRaised

_RECOMPUTE: Final = text(
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


def staged(*, chosen: str, grown: str) -> str:
    """The query of :func:`chassis.records.record_staged` that tells what some clues are now.

    :param chosen: the condition on ``c.id`` that chooses them; ``grown``: that they have something new to tell.
    """
    return f"""
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
FROM clue AS c, LATERAL (SELECT c.state = 'withdrawn' OR c.state = 'open' AND ({grown}) AS told) AS g
WHERE {chosen}"""  # noqa: S608 - conditions from here


_STAGED: Final = staged(chosen="c.id = ANY(CAST(:clues AS uuid[]))", grown="c.id = ANY(CAST(:grown AS uuid[]))")


async def recompute(unit: UnitOfWork, clues: Sequence[UUID], *, grown: Sequence[UUID]) -> list[str]:
    """Bring clues up to their standing hits, and record them. Returns their states.

    :param grown: those of them that have something new to tell.
    """
    if not clues:
        return []
    states = list((await unit.connection.execute(_RECOMPUTE, {"clues": list(clues)})).scalars())
    await unit.record_from(_STAGED, {"clues": list(clues), "grown": list(grown), "event_type": ClueRaised.wire_type()})
    return states
