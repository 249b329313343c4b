"""Count the records that an import touches, each once however many rows are about it, also across a kill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.context import JobContext
from chassis.jobs.import_model import RANKS, Fate

# Ids as one text: a driver's array of UUIDs is made of an object and a call for each.
_KEEP: Final = text(
    "INSERT INTO import_record (job_id, up_to, fate, region, records)"
    " VALUES (:job, :up_to, :fate, :region, CAST(:records AS uuid[]))"
)
_COUNT: Final = text(
    """
    SELECT fate, count(*) AS records FROM (
        SELECT max(fate) AS fate FROM import_record CROSS JOIN LATERAL unnest(records) AS kept(record)
        WHERE job_id = :job GROUP BY record
    ) AS best GROUP BY fate
    """
)
_FORGET: Final = text("DELETE FROM import_record WHERE job_id = :job")


class RecordFates(dict[UUID, Fate]):
    """What became of records so far; of several rows about one the highest rank counts."""

    def take(self, record: UUID, fate: Fate) -> None:
        known = self.setdefault(record, fate)
        if known is not fate and known.rank < fate.rank:
            self[record] = fate


async def keep_records(unit: UnitOfWork, job: JobContext[Any], fates: Mapping[UUID, Fate], *, up_to: int) -> None:
    """Keep a chunk's part, in the chunk's own transaction.

    :param up_to: the last row of the chunk; chunks end at different rows.
    """
    by_fate: dict[Fate, list[str]] = {}
    for record, fate in fates.items():
        by_fate.setdefault(fate, []).append(record.hex)
    if by_fate:
        shared = {"job": job.job_id, "up_to": up_to, "region": job.region}
        rows = [
            {**shared, "fate": fate.rank, "records": f"{{{','.join(records)}}}"} for fate, records in by_fate.items()
        ]
        await unit.connection.execute(_KEEP, rows)


async def count_records(unit: UnitOfWork, job: JobContext[Any]) -> dict[Fate, int]:
    """How many records had each fate, over all chunks; what was kept for it goes."""
    found = await unit.connection.execute(_COUNT, {"job": job.job_id})
    counts = {RANKS[row.fate]: row.records for row in found}
    await unit.connection.execute(_FORGET, {"job": job.job_id})
    return counts
