"""Put what the files of `screening` tell into PostgreSQL, as the registry and the departments' intake would have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

import duckdb
import psycopg
from sqlalchemy import create_engine, insert

from chassis.database.engine import driver_url
from chassis.database.metadata import rows
from services.monitoring.datasets.tables import Submission
from tests.benchmarks.screening_files import COUNTY, ON
from tests.benchmarks.stage import Stage

FILES: Final = {
    "record_self_pay": ("medical.annual_self_pay", "self_pay_fen"),
    "record_insurance": ("medical.insurance", "insured_year", "insurance_status"),
    "record_stay": ("medical.stays", "stay_self_pay_fen"),
    "record_school": ("education.status", "school_status"),
    "record_work": ("work.status", "is_working", "last_work_month"),
    "record_wage": ("work.wages", "wage_12m_fen"),
    "record_disability": ("disability.certificates", "disability_level"),
}
"""The dataset that feeds a table of the snapshot, and the columns of its payload."""

HOUSEHOLD: Final = (
    "household (id, region, registration_region, is_lifted, is_resettled, monitoring_type, risks, member_count, state,"
    " origin, version, valid_from)"
)
PERSON: Final = (
    "person (id, region, household_id, name, birth_date, sex, relation, labour_skill, school_stage, health,"
    " is_left_behind, state, version, valid_from)"
)
RECORD: Final = (
    "department_record (id, region, county, dataset, period, submission_id, row_number, person_id, household_id,"
    " event_date, natural_key, payload, state, version)"
)
_SPACE: Final = UUID(int=COUNTY)

Copy = Callable[[str, str, duckdb.DuckDBPyConnection], None]


def households(files: Path) -> str:
    """The rows of :data:`HOUSEHOLD`."""
    return f"""
SELECT household_id, region, region, is_lifted, is_resettled, CASE WHEN is_monitored THEN '1' END, '{{}}', 3, 'active',
       'registered', 1, DATE '2024-01-01'
FROM read_parquet('{files}/households.parquet')"""


def people(files: Path) -> str:
    """The rows of :data:`PERSON`."""
    return f"""
SELECT p.person_id, h.region, p.household_id, '王小明', p.birth_date, '1', '02', p.labour_skill,
       CASE WHEN p.is_student THEN 'junior' END, '{{}}', false, 'active', 1, DATE '2024-01-01'
FROM read_parquet('{files}/persons.parquet') AS p
JOIN read_parquet('{files}/households.parquet') AS h USING (household_id)"""


def records(files: Path, table: str) -> str:
    """The rows of :data:`RECORD` that a department's file became; ``r`` is the row of the snapshot."""
    dataset, *columns = FILES[table]
    payload = ", ".join(f"{name} := r.{name}" for name in columns)
    return f"""
SELECT r.record_id, h.region, {COUNTY}, '{dataset}', '2024-05', '{uuid5(_SPACE, dataset)}',
       row_number() OVER () , r.person_id, p.household_id, r.event_date,
       '\\x' || replace(CAST(r.record_id AS VARCHAR), '-', ''), to_json(struct_pack({payload})), 'in_force', 1
FROM read_parquet('{files}/{table}.parquet') AS r
JOIN read_parquet('{files}/persons.parquet') AS p USING (person_id)
JOIN read_parquet('{files}/households.parquet') AS h USING (household_id)"""


@contextmanager
def filling(here: Stage) -> Iterator[Copy]:
    """``copy(table and columns, query, connection)``: what a query of DuckDB gives into a table of PostgreSQL."""
    file = here.folder / "rows.csv"
    batches = [_batch(dataset) for dataset, *_ in FILES.values()]
    engine = create_engine(driver_url(here.postgres.superuser_url(here.monitoring.name)))
    with engine.begin() as opened:
        opened.execute(insert(rows(Submission)), batches)
    engine.dispose()
    with psycopg.connect(here.postgres.superuser_url(here.monitoring.name)) as connection:

        def copy(target: str, query: str, source: duckdb.DuckDBPyConnection) -> None:
            source.execute(f"COPY ({query}) TO '{file}' (FORMAT csv, HEADER false)")
            with connection.cursor().copy(f"COPY {target} FROM STDIN (FORMAT csv)") as into, file.open("rb") as lines:
                while block := lines.read(1 << 20):
                    into.write(block)
            connection.execute(f"ANALYZE {target.partition(' ')[0]}")

        yield copy


def _batch(dataset: str) -> dict[str, object]:
    """The row of the batch that a file came in."""
    key = uuid5(_SPACE, dataset)
    return {
        "id": key, "region": COUNTY, "department": dataset.partition(".")[0], "dataset": dataset,
        "contract_version": 1, "period": "2024-05", "file_id": key, "file_digest": key.bytes, "file_name": "file.csv",
        "submitted_by": "bench", "received_on": ON, "state": "read",
    }  # fmt: skip
