"""Keep what many lines said before a statement replaces it, in the same statement."""

from __future__ import annotations


def keeping_history(said: str) -> str:
    """The part of a statement that keeps the lines named by ``id`` in ``said``; it binds ``subject`` and ``reason``."""
    # The name comes from the caller's code, values are bound.
    return f"""
        INSERT INTO income_line_history (id, version, region, replaced_by, reason, document)
        SELECT line.id, line.version, line.region, :subject, :reason,
               jsonb_build_object('kind', line.kind, 'amount_fen', line.amount_fen, 'counts_on', line.counts_on,
                                  'source', line.source, 'person_id', line.person_id, 'state', line.state,
                                  'recorded_by', line.recorded_by, 'recorded_at', line.recorded_at)
        FROM income_line AS line JOIN {said} ON {said}.id = line.id
    """  # noqa: S608
