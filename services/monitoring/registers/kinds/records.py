"""The SELECTs that make facts of a department's records, written once: one row per subject, key and day."""

# ruff: noqa: S608  # every name put into a query is a constant of a register's module
from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.monitoring.households.tables import put_right_by
from services.monitoring.registers.described import FactGrain


def rows_of(dataset: str, grain: FactGrain, *keys: str, among: str | None = None) -> str:
    """The records of a contract that count, of the people of an area, by what the payload's ``keys`` tell apart.

    Of two rows about one thing and day, such as two members' about their house, the one recorded last counts. Whose
    household it is goes by the registry of now, not by where the record was filed. The contract's records are read
    along the index of their county, and each one's person is looked up by key; or, ``among`` others, the records of
    each person: whatever is known of the tables' sizes, neither looks through one of them for each row of the other.

    :param among: the persons ``p`` whom it asks about, such as the one of a row beside it; None: everyone.
    """
    subject = "p.id" if grain is FactGrain.PERSON else "p.household_id"
    apart = ", ".join([subject, *(f"r.payload ->> '{key}'" for key in keys), "r.event_date"])
    person = "p.id" if grain is FactGrain.PERSON else "CAST(NULL AS uuid)"
    records = f"""
        SELECT id, person_id, county, submission_id, event_date, payload, recorded_at FROM department_record
        WHERE dataset = '{dataset}' AND state = 'in_force' AND event_date IS NOT NULL
    """
    people = "SELECT id, household_id, region FROM person"
    if among is None:
        found = f"""
            ({records} AND county = :county OFFSET 0) AS r
            CROSS JOIN LATERAL ({people} WHERE id = r.person_id OFFSET 0) AS p
            WHERE p.region BETWEEN :lo AND :hi
        """
    else:
        # Asked for their county inside, a whole county's index would look as good as the person's.
        found = f"""
            person AS p CROSS JOIN LATERAL ({records} AND person_id = p.id OFFSET 0) AS r
            WHERE p.region BETWEEN :lo AND :hi AND r.county = :county AND {among}
        """
    return f"""
        SELECT DISTINCT ON ({apart}) p.household_id, p.region, {person} AS person_id, {subject} AS subject_id,
               r.id AS source_record, r.submission_id AS source_batch, r.event_date, r.payload
        FROM {found}
        ORDER BY {apart}, r.recorded_at DESC, r.id DESC
    """


def facts_of(
    dataset: str,
    grain: FactGrain,
    columns: Mapping[str, str],
    *,
    name: str,
    keys: tuple[str, ...] = (),
    holds_to: str | None = None,
    where: str = "true",
) -> str:
    """The SELECT of a feed whose facts are a contract's rows.

    :param columns: the register's columns → SQL over ``r``, a row of :func:`rows_of`.
    :param name: what ``fact_key`` begins with.
    :param holds_to: SQL of the last day; by default the day before the next row about the same thing.
    :param where: which rows become facts, SQL over ``r``.
    """
    apart = ", ".join(["r.subject_id", *(f"r.payload ->> '{key}'" for key in keys)])
    parts = [f"'{name}'", "r.subject_id", "r.event_date", *(f"(r.payload ->> '{key}')" for key in keys)]
    told = " || ':' || ".join(parts)
    until = holds_to or f"lead(r.event_date) OVER (PARTITION BY {apart} ORDER BY r.event_date) - 1"
    own = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
    return f"""
        SELECT r.household_id, r.region, r.person_id, {told} AS fact_key, r.event_date AS holds_from,
               CAST({until} AS date) AS holds_to, r.source_record, r.source_batch, {own}
        FROM ({rows_of(dataset, grain, *keys)}) AS r WHERE {where}
    """


def text_of(column: str) -> str:
    """A text of the payload."""
    return f"r.payload ->> '{column}'"


def cast_of(column: str, kind: str) -> str:
    """A value of the payload that is no text: ``date``, ``integer``, ``bigint`` or ``boolean``."""
    return f"CAST(r.payload ->> '{column}' AS {kind})"


HERE_ONCE: Final = "p.state IN ('active', 'dead', 'moved_out')"
"""Persons ``p`` who are here, or were until they died or moved out."""

HERE_IN: Final = """(p.state = 'active' OR p.state = 'moved_out' AND p.valid_from > y.starts_on
    OR p.state = 'dead' AND coalesce(p.died_on, p.valid_from) >= y.starts_on)"""
"""Persons ``p`` who lived here when the period ``y`` began: what was due and paid then stays on record.

Who moved out is away from that day on; the day of a death is still one of the person's.
"""

FAVOURED: Final = "(h.is_lifted OR h.monitoring_type IS NOT NULL AND h.eliminated_on IS NULL)"
"""脱贫户和监测对象: the households ``h`` that policy tilts to now."""

EVER_FAVOURED: Final = "(h.is_lifted OR h.monitoring_type IS NOT NULL OR h.ended_monitoring IS NOT NULL)"
"""The households ``h`` that it tilts to, or did once; asked first, since few are monitored. When it did, the dated
facts say: :func:`favoured_in`."""


def monitoring_of(household: str) -> str:
    """SELECT of ``since`` and ``until`` of each time that a household was monitored, by its dated facts (clause B1).

    ``until`` is the day of its elimination or natural end, which it was no longer; who was registered by mistake never
    was. A fact that is the last of its registration counts, unless it was left open and another day of registration
    replaced it.
    """
    return f"""
        SELECT m.registered_on AS since, least(m.eliminated_on, m.ended_on, 'infinity') AS until
        FROM monitoring_fact AS m
        WHERE m.household_id = {household} AND m.region BETWEEN :lo AND :hi
          AND coalesce(m.ended_as, 'natural_end') = 'natural_end'
          AND NOT EXISTS (
              SELECT FROM monitoring_fact AS later
              WHERE later.household_id = m.household_id AND later.region BETWEEN :lo AND :hi AND later.number > m.number
                AND {put_right_by("later", "m")})"""


def monitored_in(first: str, last: str, household: str = "h.id") -> str:
    """SQL: a household was monitored on some day from ``first`` to ``last``."""
    return f"EXISTS (SELECT FROM ({monitoring_of(household)}) AS s WHERE s.since <= {last} AND s.until > {first})"


def favoured_in(first: str, last: str) -> str:
    """SQL: policy tilted to household ``h`` on some day from ``first`` to ``last``; that it was lifted has no day."""
    return f"(h.is_lifted OR {monitored_in(first, last)})"


def in_class(first: str, last: str, classes: str) -> str:
    """SQL: person ``p`` was of one of the low-income ``classes``, quoted, on some day from ``first`` to ``last``."""
    return f"""EXISTS (
        SELECT FROM register_low_income AS c
        WHERE c.person_id = p.id AND c.replaced_at IS NULL AND c.low_income_class IN ({classes})
          AND c.holds_from <= {last} AND (c.holds_to IS NULL OR c.holds_to >= {first}))"""
