"""The job ``datasets.read``: one file of a department, read in chunks that a kill neither loses nor repeats."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, delete, insert, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import DomainError
from chassis.files.files import Files, release
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.jobs.tables import import_error
from chassis.records import Aggregate
from chassis.tabular import Table
from chassis.types import Code, Day, Model, ShortText
from services.monitoring.datasets.changes import records_changed
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.errors import SubmissionNotRead, WrongPeriod
from services.monitoring.datasets.reading.batch import Batch, Seen, Verdict, judge_chunk
from services.monitoring.datasets.reading.keeping import (
    change_submission,
    count_fates,
    keep_rows,
    undo_records,
)
from services.monitoring.datasets.reading.layout import header_document, header_of
from services.monitoring.datasets.reading.lookup import one_at_a_time
from services.monitoring.datasets.reading.source import Corrected, RowSource, open_file
from services.monitoring.datasets.rules.fates import Fate
from services.monitoring.datasets.rules.periods import read_period
from services.monitoring.datasets.tables import ColumnMapping, Submission, SubmissionRow
from services.monitoring.regions.queries.pasts import codes_before

HOLDER: Final = "submission"
_SUBMISSION: Final = rows(Submission)
_ROW: Final = rows(SubmissionRow)
_MAPPING: Final = rows(ColumnMapping)


class ReadParameters(Model):
    """Which file to read as what.

    :param submission_id: the batch that it is or joins; None to judge it alone. ``attempt`` 1 is the batch's own file.
    :param mapping_id: the saved mapping to use; ``mapping_only``: no other reading of the heading is tried.
    """

    file_id: UUID
    dataset: Code
    contract_version: int = Field(ge=1)
    period: ShortText
    received_on: Day
    is_late: bool = False
    mapping_id: UUID | None = None
    mapping_only: bool = False
    submission_id: UUID | None = None
    attempt: int = Field(1, ge=1)


async def read_file(job: JobContext[ReadParameters]) -> Mapping[str, Any]:
    """Read the file; its result counts the rows by fate.

    A file that is refused as a whole leaves its batch refused, with the reason, and the job fails with it.

    :raises DomainError: as :func:`open_file`; :class:`WrongPeriod` if every row belongs to another period.
    """
    done = (job.resume or {}).get("result")
    if done is not None:
        return dict(done)
    reading = _Reading(job)
    try:
        return await reading.run()
    except DomainError as refusal:
        await reading.refuse(refusal)
        raise


READ_FILE: Final = JobKind(
    name="datasets.read",
    parameters=ReadParameters,
    handler=read_file,
    lock=lambda parameters, region: f"datasets.read:{region}:{parameters.dataset}",
)


def contract_of(code: str, version: int) -> Contract:
    """One version of a contract that a batch was handed in under; a published one never goes away."""
    return next(one for one in load_contracts() if (one.code, one.version) == (code, version))


class _Reading:
    def __init__(self, job: JobContext[ReadParameters]) -> None:
        self._job = job
        self._asked = asked = job.parameters
        contract = contract_of(asked.dataset, asked.contract_version)
        self._batch = Batch(
            contract=contract,
            period=asked.period,
            county=job.region,
            is_late=asked.is_late,
            vault=job.program.vault,
            submission_id=asked.submission_id,
            attempt=asked.attempt,
        )
        self._span = read_period(asked.period, contract.period)
        self._counts: Counter[str] = Counter()

    async def run(self) -> dict[str, Any]:
        files = Files.of(self._job.program)
        async with self._job.unit() as unit:
            file = await files.find(unit, self._asked.file_id)
            self._batch = replace(self._batch, former=await codes_before(unit, self._job.region))
            mappings = await self._mappings(unit)
            corrected = await self._corrected(unit)
            seen = await self._seen(unit)
        with files.open(file) as stream:
            table = await asyncio.to_thread(open_file, stream, self._batch.contract.columns, mappings)
            with table:
                source = RowSource(
                    table, self._batch.contract, self._span, self._asked.received_on, corrected=corrected
                )
                resumed = self._job.resume or {}
                source.after = resumed.get("after", -1)
                source.in_period, source.off_period = resumed.get("in_period", 0), resumed.get("off_period", 0)
                await self._read(source, seen)
                return await self._finish(source)

    def _own_batch(self) -> tuple[ColumnElement[bool], ...]:
        return _SUBMISSION.c.id == self._batch.submission_id, _SUBMISSION.c.region == self._batch.county

    def _own_rows(self) -> tuple[ColumnElement[bool], ...]:
        return _ROW.c.submission_id == self._batch.submission_id, _ROW.c.region == self._batch.county

    async def _mappings(self, unit: UnitOfWork) -> Sequence[Mapping[str, str]]:
        if self._asked.mapping_id is None:
            return [{}]
        mapping = await unit.connection.scalar(
            select(_MAPPING.c.mapping).where(
                _MAPPING.c.id == self._asked.mapping_id, _MAPPING.c.region == self._batch.county
            )
        )
        if mapping is None:
            return [{}]
        return [mapping] if self._asked.mapping_only else [mapping, {}]

    async def _corrected(self, unit: UnitOfWork) -> Corrected | None:
        if self._asked.attempt == 1:
            return None
        layout = await unit.connection.scalar(select(_SUBMISSION.c.layout).where(*self._own_batch()))
        waiting = await unit.connection.scalars(
            select(_ROW.c.row_number).where(*self._own_rows(), _ROW.c.is_current, _ROW.c.fate == Fate.REJECTED)
        )
        # A later run finds rows of this very attempt that were rejected again; `after` keeps them from a second turn.
        return Corrected(header_of(layout or {}), set(waiting))

    async def _seen(self, unit: UnitOfWork) -> Seen:
        if self._asked.submission_id is None:
            return Seen()
        known = await unit.connection.scalars(
            select(_ROW.c.key_digest).where(*self._own_rows(), _ROW.c.is_current, _ROW.c.key_digest.is_not(None))
        )
        return Seen(rows={bytes(key) for key in known})

    async def _read(self, source: RowSource, seen: Seen) -> None:
        read = await asyncio.to_thread(source.chunk)
        async with self._job.chunk() as unit:
            await self._begin(unit, source.table)
        while read:
            async with self._job.chunk() as unit:
                await one_at_a_time(unit, self._batch.county, self._batch.contract.code)
                await self._require_open(unit)
                verdicts = await judge_chunk(unit, self._batch, read, seen)
                if self._batch.submission_id is None:
                    await self._keep_errors(unit, verdicts)
                else:
                    await keep_rows(unit, self._batch, verdicts, source.cells)
                self._counts.update(verdict.fate.value for verdict in verdicts)
                await self._checkpoint(unit, source)
            read = await asyncio.to_thread(source.chunk)

    async def _checkpoint(self, unit: UnitOfWork, source: RowSource) -> None:
        if self._batch.submission_id is None:
            return  # what a validation knows so far is in memory: after a kill it begins anew
        state = {"after": source.at, "in_period": source.in_period, "off_period": source.off_period}
        await self._job.checkpoint(unit, state, done=source.received)

    async def _begin(self, unit: UnitOfWork, table: Table) -> None:
        if self._batch.submission_id is None:
            await unit.connection.execute(delete(import_error).where(import_error.c.job_id == self._job.job_id))
        elif self._batch.attempt == 1:
            await self._require_open(unit)
            layout = header_document(table.header, table.format)
            await change_submission(unit, self._batch.submission_id, state="reading", layout=layout)

    async def _require_open(self, unit: UnitOfWork) -> None:
        """Stop where the batch was withdrawn meanwhile; its row stays locked until the chunk is committed."""
        if self._batch.submission_id is None:
            return
        state = await unit.connection.scalar(select(_SUBMISSION.c.state).where(*self._own_batch()).with_for_update())
        if state in ("refused", "withdrawn"):
            raise SubmissionNotRead

    async def _keep_errors(self, unit: UnitOfWork, verdicts: Sequence[Verdict]) -> None:
        errors = [
            {
                "job_id": self._job.job_id,
                "row": verdict.row.number,
                "position": position,
                "region": self._job.region,
                "column": fault.column or "",
                "code": fault.code,
                "message": fault.message._asdict(),
            }
            for verdict in verdicts
            if verdict.fate is Fate.REJECTED
            for position, fault in enumerate(verdict.judgement.reasons)
        ]
        if errors:
            await unit.connection.execute(insert(import_error), errors)

    async def _finish(self, source: RowSource) -> dict[str, Any]:
        if self._batch.attempt == 1 and source.off_period and not source.in_period:
            raise WrongPeriod
        apart = {"blank": source.table.rows_blank, "sums": source.sums, "above": max(0, source.table.header.number - 1)}
        if self._batch.submission_id is None:
            counts = dict.fromkeys((fate.value for fate in Fate), 0) | self._counts
            return {"received": source.received, **counts, **apart}
        async with self._job.chunk() as unit:
            await self._require_open(unit)
            counts = await count_fates(unit, self._batch.submission_id)
            first = self._batch.attempt == 1
            values = {"state": "read", "rows_received": source.received} if first else {"state": "corrected"}
            counted = counts | (apart if first else {})
            row = await change_submission(unit, self._batch.submission_id, counts=counted, **values)
            await self._told(unit, row, "submission.read" if first else "submission.correct")
            result = {"submission_id": str(row.id), "received": row.rows_received, **counts, **apart}
            if source.corrected is not None:
                result["ignored"] = source.corrected.ignored
            await self._job.checkpoint(unit, {"result": result}, done=source.received, total=source.received)
        return result

    async def refuse(self, refusal: DomainError) -> None:
        """Leave the batch refused as a whole, with nothing of it in force; a failed correction leaves it as it was."""
        submission_id = self._batch.submission_id
        if submission_id is None or self._batch.attempt > 1 or isinstance(refusal, SubmissionNotRead):
            return
        async with self._job.chunk() as unit:
            await one_at_a_time(unit, self._batch.county, self._batch.contract.code)
            undone = await undo_records(unit, self._batch.county, self._batch.contract.code, submission_id)
            await unit.connection.execute(delete(_ROW).where(*self._own_rows()))
            reasons = [
                {"code": fault.code, "column": fault.pointer, **fault.message._asdict()} for fault in refusal.faults
            ]
            document = {"code": refusal.code, **refusal.detail._asdict(), "reasons": reasons}
            row = await change_submission(unit, submission_id, state="refused", refusal=document)
            await self._told(unit, row, "submission.refuse", changed=undone > 0)

    async def _told(self, unit: UnitOfWork, row: Any, action: str, *, changed: bool = True) -> None:
        unit.record(action, Aggregate("submission", row.id, row.region, row.version), fields=["counts", "state"])
        await release(unit, self._asked.file_id, holder=HOLDER, holder_id=row.id)
        if changed:
            await records_changed(unit, row.region, row.dataset, row.id)
