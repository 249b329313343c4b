"""Write what fired as hits: the inputs that the rule saw, the rows behind them, the year and value of the fact."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from services.monitoring.screening.catalogue import BoundRule
from services.monitoring.screening.language.sql import quoted, text_literal
from services.monitoring.screening.prepared.plan import source_columns

HITS: Final = pa.schema(
    [
        pa.field("rule_id", pa.string(), nullable=False),
        pa.field("rule_version", pa.int32(), nullable=False),
        pa.field("region", pa.int64(), nullable=False),
        pa.field("household_id", pa.string(), nullable=False),
        pa.field("person_id", pa.string()),
        pa.field("record_id", pa.string()),
        pa.field("source_records", pa.list_(pa.string()), nullable=False),
        pa.field("fact_year", pa.int32(), nullable=False),
        pa.field("growing_value", pa.int64()),
        pa.field("inputs", pa.string(), nullable=False),
    ]
)
"""A hit. ``record_id`` is given for rules of the record grain; ``source_records`` are all department rows behind the
inputs, ``fact_year`` is the calendar year of the fact, ``growing_value`` what ends a silence when it grows, and
``inputs`` a JSON object of the columns that the rule reads."""

KEPT: Final = (
    "CREATE TABLE kept (rule_id VARCHAR, rule_version INTEGER, region BIGINT, household_id UUID, person_id UUID,"
    " record_id UUID, source_records UUID[], fact_year INTEGER, growing_value BIGINT, inputs VARCHAR)"
)
"""The hits of a run until they are judged, by household."""

HOUSEHOLDS: Final = "SELECT DISTINCT household_id FROM kept ORDER BY household_id"

# The values hold no tab and no line end: codes, numbers, ids, and JSON in which they are escaped.
COPY_TEXT: Final = r"""
    SELECT string_agg(concat_ws(chr(9), rule_id, household_id, COALESCE(CAST(person_id AS VARCHAR), '\N'),
                                COALESCE(CAST(record_id AS VARCHAR), '\N'),
                                '{' || array_to_string(source_records, ',') || '}', fact_year,
                                COALESCE(CAST(growing_value AS VARCHAR), '\N'), replace(inputs, '\', '\\')) || chr(10),
                      '')
    FROM kept WHERE household_id BETWEEN CAST(? AS UUID) AND CAST(? AS UUID)
"""
"""The hits of the households from one id to another as rows of COPY in text format, in the columns that
:mod:`services.monitoring.clues.actions.settle_firings` takes."""


def hits_sql(rule: BoundRule, number: int, year: int) -> str:
    """The hits of one rule among the rows ``fired``, in the columns of :data:`KEPT`.

    :param number: of the rule in its scan; ``year``: of a fact that has no day of its own.
    """
    inputs = ", ".join(f"{quoted(name)} := {quoted(name)}" for name in rule.condition.columns)
    # Each of these columns names a row of another table, or of another month: no row is named twice.
    records = ", ".join(["record_id", *source_columns(rule)])
    growing = quoted(rule.rule.growing.column) if rule.rule.growing else "NULL"
    selected = [
        f"{text_literal(rule.rule.id)} AS rule_id",
        f"CAST({rule.rule.version} AS INTEGER) AS rule_version",
        "region",
        "household_id",
        "person_id",
        "record_id",
        f"list_filter([{records}], lambda source: source IS NOT NULL) AS source_records",
        f"CAST(COALESCE(year(event_date), {year}) AS INTEGER) AS fact_year",
        f"CAST({growing} AS BIGINT) AS growing_value",
        f"CAST(to_json(struct_pack({inputs})) AS VARCHAR) AS inputs",
    ]
    return " ".join(["SELECT", ", ".join(selected), "FROM fired WHERE", f"fired_{number}"])


def told_sql(hits: str) -> str:
    """Hits with their ids as text, in the columns of :data:`HITS`."""
    told = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in ("household_id", "person_id", "record_id"))
    return f"SELECT * REPLACE ({told}, source_records::VARCHAR[] AS source_records) FROM ({hits})"  # noqa: S608
