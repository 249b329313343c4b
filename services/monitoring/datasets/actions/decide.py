"""Let a person decide who an unmatched row is about, or that it is about nobody of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Language, Message, NotFound
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from chassis.tabular import CellFault, parse_row
from services.monitoring.datasets.changes import records_changed
from services.monitoring.datasets.errors import RowDecided, SubmissionNotRead
from services.monitoring.datasets.queries.rows import row_of_submission, show_row
from services.monitoring.datasets.queries.submissions import submission_row
from services.monitoring.datasets.reading.batch import Batch, Seen, Verdict, with_records
from services.monitoring.datasets.reading.job import contract_of
from services.monitoring.datasets.reading.keeping import change_submission, count_fates, keep_records, reason_document
from services.monitoring.datasets.reading.layout import header_of, open_cells, raw_row
from services.monitoring.datasets.reading.lookup import known_persons, one_at_a_time
from services.monitoring.datasets.rules.fates import Fate, Judgement, check_row, fate_of
from services.monitoring.datasets.rules.periods import read_period
from services.monitoring.datasets.schemas import RowDecide, RowRead
from services.monitoring.datasets.tables import SubmissionRow, cells_place
from services.monitoring.regions.queries.pasts import codes_before

_ROW: Final = rows(SubmissionRow)
_WHO: Final = Message("请指明是哪一个人。", "Say which person it is.")
_NOT_OURS: Final = CellFault(
    "decided_not_ours", Message("经人工判断不属于本县。", "Decided by a person: not of this county.")
)
_LINKED: Final = CellFault("decided_link", Message("经人工判断确认本人。", "Decided by a person: this is who it is."))


async def decide_row(
    unit: UnitOfWork, submission_id: UUID, row_number: int, body: RowDecide, *, version: int, language: Language
) -> RowRead:
    """Link an unmatched row to a person of the county, or count it as outside; the reason is kept in the audit.

    :raises NotFound: if batch, row or person are not within the actor's reach.
    :raises RowDecided: if the row is not unmatched. :raises VersionStale: if it changed since it was read.
    :raises InvalidInput: for a link without a person, where the row has no candidate.
    """
    seen = await submission_row(unit, submission_id)
    await one_at_a_time(unit, seen.region, seen.dataset)
    submission = await submission_row(unit, submission_id, lock=True)
    row = await row_of_submission(unit, submission.id, row_number, lock=True)
    require_version(version, row.version)
    if submission.state not in ("read", "corrected"):
        raise SubmissionNotRead
    if row.judgement != Fate.UNMATCHED:
        raise RowDecided
    batch = Batch(
        contract=contract_of(submission.dataset, submission.contract_version),
        period=submission.period,
        county=submission.region,
        is_late=row.fate == Fate.LATE,
        vault=unit.vault,
        submission_id=submission.id,
        attempt=row.attempt,
        former=await codes_before(unit, submission.region),
    )
    judgement = await _judgement(unit, batch, row, body)
    verdict = _verdict(unit, batch, submission, row, judgement)
    [verdict] = await with_records(unit, batch, [verdict], Seen())
    made = await keep_records(unit, batch, [verdict])
    decided = await _write(unit, row, verdict, made.get(row_number))
    counts = await count_fates(unit, submission.id)
    changed = await change_submission(unit, submission.id, counts=counts)
    unit.record(
        "submission.decide_row",
        Aggregate("submission", changed.id, changed.region, changed.version),
        fields=["counts", f"row/{row_number}"],
        reason=body.reason,
    )
    if made:
        await records_changed(unit, submission.region, submission.dataset, submission.id)
    return show_row(unit, submission, decided, language=language)


async def _judgement(unit: UnitOfWork, batch: Batch, row: Any, body: RowDecide) -> Judgement:
    if body.outcome == "not_ours":
        return Judgement(Fate.OUTSIDE, (_NOT_OURS,))
    wanted = body.person_id or row.candidate_id
    if wanted is None:
        raise InvalidInput(faults=[Fault("/person_id", "missing", _WHO)])
    person = (await known_persons(unit, [wanted], batch.area)).get(wanted)
    if person is None or person.state in ("moved_out", "removed"):
        raise NotFound
    return Judgement(Fate.MATCHED, (_LINKED,), person=person)


def _verdict(unit: UnitOfWork, batch: Batch, submission: Any, row: Any, judgement: Judgement) -> Verdict:
    """The verdict on the row as the clerk wrote it; its own cells were kept for this."""
    assert batch.submission_id is not None
    cells = open_cells(unit.vault, row.raw, place=cells_place(batch.submission_id, row.row_number, row.attempt))
    raw = raw_row(row.row_number, cells, header_of(submission.layout))
    values, faults = parse_row(batch.contract.columns, raw)
    span = read_period(batch.period, batch.contract.period)
    read = check_row(batch.contract, span, row.row_number, values, faults, today=unit.clock.today())
    fate = fate_of(judgement.fate, is_late=batch.is_late)
    return Verdict(replace(read, faults=()), judgement, fate)


async def _write(unit: UnitOfWork, row: Any, verdict: Verdict, record_id: UUID | None) -> Any:
    judgement = verdict.judgement
    person = judgement.person
    changed = await unit.connection.execute(
        update(_ROW)
        .where(
            _ROW.c.submission_id == row.submission_id,
            _ROW.c.row_number == row.row_number,
            _ROW.c.attempt == row.attempt,
            _ROW.c.region == row.region,
        )
        .values(
            fate=verdict.fate.value,
            judgement=judgement.fate.value,
            reasons=[reason_document(fault) for fault in judgement.reasons],
            raw=None,
            candidate_id=None,
            person_id=person and person.person_id,
            household_id=person and person.household_id,
            record_id=record_id or verdict.repeats,
            version=row.version + 1,
        )
        .returning(_ROW)
    )
    return changed.one()
