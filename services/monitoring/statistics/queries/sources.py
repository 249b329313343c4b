"""Where the households that were ever registered are read: the present rows, or versions and dated facts."""

from __future__ import annotations

from typing import Final

from services.monitoring.households.tables import put_right_by

WITHIN: Final = "region BETWEEN :lo AND :hi AND "
_ENDED: Final = """
    jsonb_to_record({0}) AS ended(monitoring_type text, risks text[], registered_on date, eliminated_on date,
                                  ended_on date)
"""
PRESENT: Final = f"""
    SELECT id, region, state, member_count, monitoring_type, risks, registered_on, eliminated_on,
           CAST(NULL AS date) AS ended_on
    FROM household WHERE {WITHIN} monitoring_type IS NOT NULL
    UNION ALL
    SELECT id, region, state, member_count, ended.*
    FROM household CROSS JOIN LATERAL {_ENDED.format("ended_monitoring")}
    WHERE {WITHIN} ended_monitoring IS NOT NULL
"""  # noqa: S608  # constants only
"""The households of now; one whose registration ended naturally is told of that, too."""

# Where a household lay and who belonged to it, its version of the day tells; a registry that began later answers with
# its first. What it was registered for and by what, the dated facts tell that its division knew. Both stay where they
# were recorded, whatever becomes of the household. A past version is a document: only what is needed of the few is
# read out of it.
_OF_THEN: Final = """
    version AS (
        SELECT DISTINCT ON (id) * FROM (
            SELECT id, version, region, valid_from, recorded_at, state, member_count, CAST(NULL AS jsonb) AS document
            FROM household WHERE region BETWEEN :lo AND :hi AND id IN (SELECT household_id FROM fact)
            UNION ALL
            SELECT id, version, region, valid_from, recorded_at, NULL, NULL, document
            FROM household_history
            -- What replaced it may lie in an area that this one does not see.
            WHERE region BETWEEN :lo AND :hi AND id IN (SELECT household_id FROM fact)
              AND NOT (valid_to <= CAST(:on AS date) AND replaced_at <= CAST(:known_at AS timestamptz))
        ) AS version
        WHERE (valid_from <= CAST(:on AS date) OR version = 1) AND recorded_at <= CAST(:known_at AS timestamptz)
        ORDER BY id, version DESC
    )
    SELECT version.id, version.region, coalesce(version.state, version.document->>'state') AS state,
           coalesce(version.member_count, CAST(version.document->>'member_count' AS smallint)) AS member_count,
           fact.monitoring_type, fact.risks, fact.registered_on, fact.eliminated_on,
           CASE WHEN fact.ended_as = 'natural_end' THEN fact.ended_on END AS ended_on, fact.basis
    FROM version JOIN fact ON fact.household_id = version.id
    -- Who was registered by mistake was never monitored, and who joined another is counted there. That a registration
    -- ended naturally its fact says; until it is there, the household's own state says who is no more.
    WHERE coalesce(fact.ended_as, '') NOT IN ('removed', 'merged')
"""
_TOLD_OF: Final = """
    SELECT DISTINCT ON (household_id{0}) * FROM monitoring_fact
    WHERE region BETWEEN :lo AND :hi AND holds_from <= CAST(:on AS date)
      AND known_since <= CAST(:known_at AS timestamptz)
    ORDER BY household_id, number DESC
"""
THEN: Final = f"WITH fact AS MATERIALIZED ({_TOLD_OF.format('')}), {_OF_THEN}"
"""Each household once, by its last fact of the day."""

EACH_REGISTRATION: Final = f"""
    WITH told AS MATERIALIZED ({_TOLD_OF.format(", number")}), fact AS MATERIALIZED (
        SELECT * FROM told WHERE NOT EXISTS (
            SELECT FROM told AS later
            WHERE later.household_id = told.household_id AND later.number > told.number
              AND {put_right_by("later", "told")})
    ), {_OF_THEN}
"""  # noqa: S608  # constants only
"""Each registration once: a household that came back stands in the month of its first one as well."""
