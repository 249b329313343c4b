"""Make up what `screening` looks at: a registry, its income statements and seven department files, as Parquet.

The same files each time. Most households are well; of each hundred persons one hit is planted, spread over the rules
that these files feed. Near every threshold stand others that must not fire.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from services.monitoring.screening.snapshot import TABLES

ON = date(2024, 6, 3)
COUNTY = 610999000000
MEMBERS_MEAN = 3
HITS_SHARE = 0.01
_BATCH_ROWS = 200_000


def _id(kind: int, number: str) -> str:
    """An id as UUIDv7 makes them: the time in front, which rises by file, then bits that say nothing."""
    digest = f"md5(CAST({number} AS VARCHAR) || '/{kind}')"
    body = f"substr({digest}, 1, 4) || '7' || substr({digest}, 5, 3) || '8' || substr({digest}, 8, 15)"
    return f"CAST('018f{kind:04d}' || {body} AS UUID)"


_HOUSEHOLDS = f"""
CREATE TABLE made_household AS
SELECT h, {_id(1, "h")} AS household_id, {COUNTY} + (101 + h % 20) * 1000 + 201 + h // 20 % 40 AS region,
       h % 4 = 0 AS is_lifted, h % 25 = 0 AS is_monitored, h % 40 = 0 AS is_resettled, 2 + h % 3 AS members
FROM range($households) AS r(h)"""

# Two of working age, a child, and in every third household an old person.
_PERSONS = f"""
CREATE TABLE made_person AS
SELECT h * 4 + m AS n, m, h, {_id(2, "h * 4 + m")} AS person_id, household_id, is_lifted,
       CASE WHEN m < 2 THEN DATE '1965-01-01' + CAST((h * 7919 + m * 104729) % 11000 AS INTEGER)
            WHEN m = 2 THEN DATE '2006-01-01' + CAST(h * 7919 % 6000 AS INTEGER)
            ELSE DATE '1935-01-01' + CAST(h * 7919 % 7000 AS INTEGER) END AS birth_date,
       CASE WHEN m < 2 THEN CASE h % 10 WHEN 0 THEN 'skilled' WHEN 1 THEN 'weak' ELSE 'ordinary' END
            ELSE 'none' END AS labour_skill,
       m = 2 AND h % 10 < 8 AS is_student
FROM made_household, range(members) AS r(m)"""

_TABLES = {
    "households": """
SELECT household_id, region, is_lifted, is_monitored, is_resettled, CAST(792000 AS BIGINT) AS line_fen
FROM made_household""",
    "persons": """
SELECT person_id, household_id, TRUE AS is_member, birth_date, labour_skill, is_lifted, is_student, FALSE AS is_soldier
FROM made_person""",
    # R21, R22 and R23: yearly income below the line, spending that takes the last twelve months below it, a fall.
    "income_statements": """
SELECT household_id, w.name AS "window", w.last AS window_end,
       CAST(CASE WHEN name = 'annual' AND h % 667 = 3 THEN 700000
                 WHEN name = 'annual' AND h % 1333 = 5 AND last = DATE '2023-09-30' THEN 900000
                 WHEN name = 'annual' AND h % 1333 = 5 THEN 1500000
                 ELSE 1000000 + h * 31 % 900000 END AS BIGINT) * members AS net_fen,
       CAST(CASE WHEN name = 'rolling' AND h % 1333 = 7 THEN 700000
                 ELSE 950000 + h * 31 % 900000 END AS BIGINT) * members AS ref_fen,
       CAST(members AS BIGINT) AS members
FROM made_household, (VALUES ('rolling', DATE '2024-05-31'), ('annual', DATE '2023-09-30'),
                             ('annual', DATE '2022-09-30')) AS w(name, last)""",
    "listed_diseases": "SELECT 'C34' AS category",
    "coverage": """
SELECT 'medical.insurance' AS contract, DATE '2024-01-01' AS period_start, DATE '2024-12-31' AS period_end
UNION ALL SELECT 'education.status', DATE '2023-09-01', DATE '2024-08-31'""",
    # R01 and R02: two months of a running total for every fifth person.
    "record_self_pay": f"""
SELECT {_id(11, "n * 2 + k")} AS record_id, person_id,
       CASE k WHEN 0 THEN DATE '2024-04-01' ELSE DATE '2024-05-01' END AS event_date,
       CAST(CASE WHEN n % 334 = 1 THEN 2500000 ELSE h * 13 % 400000 END * (1 + k) / 2 AS BIGINT) AS self_pay_fen
FROM made_person, range(2) AS r(k) WHERE n % 5 = 1 OR n % 334 = 1""",
    # R05: the whole list of the insured.
    "record_insurance": f"""
SELECT {_id(12, "n")} AS record_id, person_id, DATE '2024-01-05' + CAST(n % 50 AS INTEGER) AS event_date,
       CAST(2024 AS BIGINT) AS insured_year,
       CASE WHEN n % 1000 = 4 THEN 'not_insured' WHEN n % 97 = 0 THEN 'insured_elsewhere'
            ELSE 'insured' END AS insurance_status
FROM made_person""",
    # R03
    "record_stay": f"""
SELECT {_id(13, "n")} AS record_id, person_id, DATE '2023-01-01' + CAST(n % 510 AS INTEGER) AS event_date,
       CAST(CASE WHEN n % 667 = 8 THEN 1200000 ELSE h * 17 % 550000 END AS BIGINT) AS stay_self_pay_fen
FROM made_person WHERE n % 10 = 3 OR n % 667 = 8""",
    # R08: every child is on the roll.
    "record_school": f"""
SELECT {_id(14, "n")} AS record_id, person_id, DATE '2023-09-01' AS event_date,
       CASE WHEN h % 200 = 9 THEN 'dropped_out' ELSE 'enrolled' END AS school_status
FROM made_person WHERE m = 2""",
    # R15 and R25: everybody of working age, a fifth of them told twice.
    "record_work": f"""
SELECT {_id(15, "n * 2 + k")} AS record_id, person_id,
       CASE k WHEN 0 THEN DATE '2024-05-01' ELSE DATE '2024-02-01' END AS event_date,
       h % 320 <> 11 AND h % 3200 <> 40 AS is_working,
       CASE WHEN h % 320 = 11 OR h % 3200 = 40 THEN DATE '2023-12-01' ELSE event_date END AS last_work_month
FROM made_person, range(2) AS r(k) WHERE m < 2 AND (k = 0 OR n % 5 = 0)""",
    # R16: this month and the same a year before.
    "record_wage": f"""
SELECT {_id(16, "n * 2 + k")} AS record_id, person_id,
       CASE k WHEN 0 THEN DATE '2024-05-01' ELSE DATE '2023-05-01' END AS event_date,
       CAST(CASE WHEN n % 800 = 13 AND k = 0 THEN 1500000 ELSE 3000000 + h * 7 % 900000 END AS BIGINT) AS wage_12m_fen
FROM made_person, range(2) AS r(k) WHERE m < 2 AND h % 2 = 1""",
    # R10: certificates, a few of them written anew this year.
    "record_disability": f"""
SELECT {_id(17, "n * 2 + k")} AS record_id, person_id,
       CASE k WHEN 0 THEN DATE '2019-05-01' ELSE DATE '2024-03-01' END AS event_date,
       CAST(CASE WHEN k = 1 AND n % 1000 = 15 THEN 1 ELSE 3 + n % 2 END AS BIGINT) AS disability_level
FROM made_person, range(2) AS r(k) WHERE n % 20 = 15 AND (k = 0 OR n % 100 = 15)""",
}


def write_files(folder: Path, persons: int) -> dict[str, int]:
    """Write ``<table>.parquet`` for about so many persons; returns the rows of each table."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    with duckdb.connect(config={"arrow_lossless_conversion": True}) as connection:
        connection.execute(_HOUSEHOLDS.replace("$households", str(persons // MEMBERS_MEAN)))
        connection.execute(_PERSONS)
        for name, query in _TABLES.items():
            schema = TABLES[name]
            rows[name] = 0
            with pq.ParquetWriter(folder / f"{name}.parquet", schema) as writer:
                for batch in connection.sql(query).to_arrow_reader(_BATCH_ROWS):
                    columns = [batch.column(field.name).cast(field.type) for field in schema]
                    writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
                    rows[name] += batch.num_rows
    return rows
