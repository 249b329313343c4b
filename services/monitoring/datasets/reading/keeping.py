"""Write what became of rows: the rows themselves, new records, those that they replace; a statement each."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.tabular import Cell, CellFault
from services.monitoring.datasets.contracts.contract import EVENT_DATE
from services.monitoring.datasets.reading.batch import Batch, Verdict
from services.monitoring.datasets.reading.layout import seal_cells
from services.monitoring.datasets.rules.fates import Fate
from services.monitoring.datasets.tables import Submission, SubmissionRow, cells_place

_SUBMISSION: Final = rows(Submission)
_ROW: Final = rows(SubmissionRow)

# Known under an older key or county's code it may be; from now on it bears the key by which it is restored.
_SUPERSEDE: Final = text(
    """
    UPDATE department_record AS record
    SET state = 'superseded', superseded_by = :submission, natural_key = replaced.natural_key, version = version + 1
    FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS bytea[])) AS replaced(id, natural_key)
    WHERE record.id = replaced.id AND county = :county AND region BETWEEN :lo AND :hi AND state = 'in_force'
    """
)
_RECORDS: Final = text(
    """
    INSERT INTO department_record (id, region, county, dataset, period, submission_id, row_number, person_id,
                                   household_id, event_date, natural_key, payload, state, version)
    SELECT r.id, r.region, :county, :dataset, :period, :submission, r.row_number, r.person_id, r.household_id,
           r.event_date, decode(r.natural_key, 'base64'), r.payload, 'in_force', 1
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, region bigint, row_number bigint, person_id uuid,
         household_id uuid, event_date date, natural_key text, payload jsonb)
    """
)
_ROWS: Final = text(
    """
    INSERT INTO submission_row (submission_id, row_number, attempt, region, is_current, fate, judgement, reasons, raw,
                                key_digest, person_id, household_id, candidate_id, record_id, version)
    SELECT :submission, r.row_number, :attempt, :county, true, r.fate, r.judgement, r.reasons, decode(r.raw, 'base64'),
           decode(r.key_digest, 'base64'), r.person_id, r.household_id, r.candidate_id, r.record_id, 1
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(row_number bigint, fate text, judgement text, reasons jsonb,
         raw text, key_digest text, person_id uuid, household_id uuid, candidate_id uuid, record_id uuid)
    """
)
_REPLACED: Final = text(
    """
    UPDATE submission_row SET is_current = false, raw = NULL, version = version + 1
    WHERE submission_id = :submission AND region = :county AND is_current
      AND row_number = ANY(CAST(:numbers AS bigint[]))
    """
)
# What another batch has said too, it has said still: its row, a duplicate so far, takes the record over.
_TAKE_OVER: Final = text(
    """
    WITH heir AS (
        SELECT DISTINCT ON (record.id) record.id, record.person_id, record.household_id,
               said.submission_id, said.row_number, said.attempt, batch.period, batch.is_late
        FROM department_record AS record
        JOIN submission_row AS said ON said.record_id = record.id AND said.submission_id <> record.submission_id
             AND said.region = :county AND said.is_current AND said.fate = 'duplicate'
        JOIN submission AS batch ON batch.id = said.submission_id AND batch.region = :county
             AND batch.state IN ('read', 'corrected')
        WHERE record.submission_id = :submission AND record.region BETWEEN :lo AND :hi
              AND record.state <> 'withdrawn'
        ORDER BY record.id, said.submission_id
    ), row AS (
        UPDATE submission_row AS own
        SET fate = CASE WHEN heir.is_late THEN 'late' ELSE 'matched' END, judgement = 'matched', reasons = '[]',
            person_id = heir.person_id, household_id = heir.household_id, version = own.version + 1
        FROM heir
        WHERE own.submission_id = heir.submission_id AND own.row_number = heir.row_number
          AND own.attempt = heir.attempt AND own.region = :county
    )
    UPDATE department_record AS record
    SET submission_id = heir.submission_id, row_number = heir.row_number, period = heir.period,
        version = record.version + 1
    FROM heir WHERE record.id = heir.id RETURNING record.submission_id
    """
)
_UNDO: Final = text(
    """
    UPDATE department_record SET state = 'withdrawn', version = version + 1
    WHERE submission_id = :submission AND region BETWEEN :lo AND :hi AND state <> 'withdrawn'
    RETURNING natural_key
    """
)
# What a withdrawn batch had replaced counts again, unless another batch has replaced it since.
_RESTORE: Final = text(
    """
    WITH last AS (
        SELECT DISTINCT ON (natural_key) id FROM department_record AS gone
        WHERE county = :county AND dataset = :dataset AND region BETWEEN :lo AND :hi AND state = 'superseded'
          AND natural_key = ANY(CAST(:keys AS bytea[]))
          AND NOT EXISTS (
            SELECT FROM department_record AS standing
            WHERE standing.county = gone.county AND standing.dataset = gone.dataset
              AND standing.natural_key = gone.natural_key AND standing.state = 'in_force')
        ORDER BY natural_key, recorded_at DESC, id DESC
    )
    UPDATE department_record AS record SET state = 'in_force', superseded_by = NULL, version = version + 1
    FROM last WHERE record.id = last.id
    """
)


async def keep_records(unit: UnitOfWork, batch: Batch, verdicts: Sequence[Verdict]) -> dict[int, UUID]:
    """Make the records of these verdicts and supersede what they replace; gives the records by row number."""
    new = [verdict for verdict in verdicts if verdict.natural is not None]
    replaced = {verdict.replaces: verdict.natural for verdict in new if verdict.replaces is not None}
    if replaced:
        values = {"ids": list(replaced), "keys": list(replaced.values())}
        await unit.connection.execute(_SUPERSEDE, {**values, **_place(batch)})
    made: dict[int, UUID] = {}
    documents = []
    for verdict in new:
        person = verdict.judgement.person
        assert person is not None
        assert verdict.natural is not None
        made[verdict.row.number] = record_id = new_id()
        documents.append(
            {
                "id": record_id,
                "region": person.region,
                "row_number": verdict.row.number,
                "person_id": person.person_id,
                "household_id": person.household_id,
                "event_date": verdict.row.values[EVENT_DATE],
                "natural_key": _base64(verdict.natural),
                "payload": verdict.payload,
            }
        )
    if documents:
        values = {"rows": orjson.dumps(documents).decode(), "dataset": batch.contract.code, "period": batch.period}
        await unit.connection.execute(_RECORDS, {**values, **_place(batch, "submission", "county")})
    return made


async def keep_rows(
    unit: UnitOfWork, batch: Batch, verdicts: Sequence[Verdict], cells: Mapping[int, Sequence[Cell]]
) -> None:
    """Write rows with their fates and records.

    :param cells: the clerk's cells by row number; kept, sealed, for rows that go back or wait for a decision alone.
    """
    made = await keep_records(unit, batch, verdicts)
    if batch.attempt > 1:
        numbers = [verdict.row.number for verdict in verdicts]
        await unit.connection.execute(_REPLACED, {"numbers": numbers, **_place(batch, "submission", "county")})
    documents = [_row_document(batch, verdict, cells, made.get(verdict.row.number)) for verdict in verdicts]
    values = {"rows": orjson.dumps(documents).decode(), "attempt": batch.attempt}
    await unit.connection.execute(_ROWS, {**values, **_place(batch, "submission", "county")})


async def undo_records(unit: UnitOfWork, county: int, dataset: str, submission_id: UUID) -> int:
    """Withdraw a batch's records and let those that they had replaced count again; gives how many were withdrawn.

    What another batch says as well stays in force as that one's.
    """
    area = unit.area
    bounds = {"lo": area.lo, "hi": area.hi}
    taken = await unit.connection.execute(_TAKE_OVER, {"county": county, "submission": submission_id, **bounds})
    for heir in sorted(set(taken.scalars())):
        row = await change_submission(unit, heir, counts=await count_fates(unit, heir))
        unit.record("submission.take_over", Aggregate("submission", row.id, row.region, row.version), fields=["counts"])
    undone = await unit.connection.execute(_UNDO, {"submission": submission_id, **bounds})
    keys = [bytes(row.natural_key) for row in undone]
    if keys:
        await unit.connection.execute(_RESTORE, {"county": county, "dataset": dataset, "keys": keys, **bounds})
    return len(keys)


async def drop_cells(unit: UnitOfWork, submission_id: UUID) -> None:
    """Forget the cells that were kept of a batch's rows: nobody will mend or decide them."""
    await unit.connection.execute(
        update(_ROW)
        .where(
            _ROW.c.submission_id == submission_id,
            _ROW.c.region.between(unit.area.lo, unit.area.hi),
            _ROW.c.raw.is_not(None),
        )
        .values(raw=None)
    )


async def count_fates(unit: UnitOfWork, submission_id: UUID) -> dict[str, int]:
    """How many of a batch's rows have each fate now, every fate listed."""
    found = await unit.connection.execute(
        select(_ROW.c.fate, func.count().label("number"))
        .where(
            _ROW.c.submission_id == submission_id,
            _ROW.c.region.between(unit.area.lo, unit.area.hi),
            _ROW.c.is_current,
        )
        .group_by(_ROW.c.fate)
    )
    return dict.fromkeys((fate.value for fate in Fate), 0) | {row.fate: row.number for row in found}


async def change_submission(
    unit: UnitOfWork, submission_id: UUID, *, counts: Mapping[str, int] | None = None, **values: Any
) -> Any:
    """Change a batch's row and raise its version; gives the row as it is then.

    :param counts: what is counted anew; other counts stay.
    """
    if counts is not None:
        values["counts"] = _SUBMISSION.c.counts.op("||")(bindparam("counted", dict(counts), JSONB))
    changed = await unit.connection.execute(
        update(_SUBMISSION)
        .where(_SUBMISSION.c.id == submission_id, _SUBMISSION.c.region.between(unit.area.lo, unit.area.hi))
        .values(version=_SUBMISSION.c.version + 1, **values)
        .returning(_SUBMISSION)
    )
    return changed.one()


def reason_document(fault: CellFault) -> dict[str, Any]:
    """A reason as it is kept with a row."""
    return {"code": fault.code, "column": fault.column, "zh": fault.message.zh, "en": fault.message.en}


def _row_document(
    batch: Batch, verdict: Verdict, cells: Mapping[int, Sequence[Cell]], record_id: UUID | None
) -> dict[str, Any]:
    number, judgement = verdict.row.number, verdict.judgement
    raw = None
    if judgement.fate in (Fate.REJECTED, Fate.UNMATCHED):
        assert batch.submission_id is not None
        place = cells_place(batch.submission_id, number, batch.attempt)
        raw = _base64(seal_cells(batch.vault, cells[number], place=place))
    person = judgement.person
    return {
        "row_number": number,
        "fate": verdict.fate.value,
        "judgement": judgement.fate.value,
        "reasons": [reason_document(fault) for fault in judgement.reasons],
        "raw": raw,
        "key_digest": None if verdict.key is None else _base64(verdict.key),
        "person_id": person and person.person_id,
        "household_id": person and person.household_id,
        "candidate_id": judgement.candidate and judgement.candidate.person_id,
        "record_id": record_id or verdict.repeats,
    }


def _place(batch: Batch, *names: str) -> dict[str, Any]:
    place = {"submission": batch.submission_id, "county": batch.county, "lo": batch.area.lo, "hi": batch.area.hi}
    return {name: place[name] for name in names or place}


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
