"""Take a batch back: its records no longer count, and what they had replaced counts again."""

from __future__ import annotations

from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.datasets.changes import records_changed
from services.monitoring.datasets.errors import SubmissionNotRead
from services.monitoring.datasets.queries.submissions import show_submission, submission_row
from services.monitoring.datasets.reading.keeping import change_submission, drop_cells, undo_records
from services.monitoring.datasets.reading.lookup import one_at_a_time
from services.monitoring.datasets.schemas import SubmissionRead, SubmissionWithdraw


async def withdraw_submission(
    unit: UnitOfWork, submission_id: UUID, body: SubmissionWithdraw, *, version: int, language: Language
) -> SubmissionRead:
    """Withdraw a batch, read or not; a reading under way stops at its next chunk.

    :raises NotFound: outside the actor's area or department.
    :raises VersionStale: if the batch changed since it was read.
    :raises SubmissionNotRead: if it was refused or withdrawn before.
    """
    seen = await submission_row(unit, submission_id)
    await one_at_a_time(unit, seen.region, seen.dataset)
    batch = await submission_row(unit, submission_id, lock=True)
    require_version(version, batch.version)
    if batch.state in ("refused", "withdrawn"):
        raise SubmissionNotRead
    await undo_records(unit, batch.region, batch.dataset, batch.id)
    await drop_cells(unit, batch.id)
    row = await change_submission(unit, batch.id, state="withdrawn", withdrawn_reason=body.reason)
    unit.record(
        "submission.withdraw",
        Aggregate("submission", row.id, row.region, row.version),
        fields=["state", "withdrawn_reason"],
        reason=body.reason,
    )
    await records_changed(unit, row.region, row.dataset, row.id)
    return show_submission(row, language=language)
