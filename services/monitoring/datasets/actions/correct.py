"""Let a corrected file join the batch whose rejected rows it mends."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language
from chassis.jobs.definition import defer
from chassis.records import Aggregate
from services.monitoring.datasets.actions.submit import Keep, is_late
from services.monitoring.datasets.errors import SubmissionNotRead
from services.monitoring.datasets.queries.submissions import show_submission, submission_row
from services.monitoring.datasets.reading.job import READ_FILE, ReadParameters
from services.monitoring.datasets.schemas import Submitted
from services.monitoring.datasets.tables import Submission
from services.monitoring.parameters import keep_days

_SUBMISSION: Final = rows(Submission)


async def correct_submission(unit: UnitOfWork, submission_id: UUID, keep: Keep, *, language: Language) -> Submitted:
    """Defer the reading of a corrected file as a further attempt of the batch.

    Its rows are found by the column 行号 of the sheet that was given back; only rows that are still rejected are judged
    again. What is corrected after the period closed is late.

    :raises NotFound: outside the actor's area or department.
    :raises SubmissionNotRead: unless the batch was read.
    """
    batch = await submission_row(unit, submission_id, lock=True)
    if batch.state not in ("read", "corrected"):
        raise SubmissionNotRead
    file = await keep(batch.region, await keep_days(unit, batch.region))
    job_id = await defer(
        unit,
        READ_FILE,
        ReadParameters(
            file_id=file.id,
            dataset=batch.dataset,
            contract_version=batch.contract_version,
            period=batch.period,
            received_on=unit.clock.today(),
            is_late=await is_late(unit, batch.region, batch.dataset, batch.period),
            mapping_id=batch.mapping_id,
            submission_id=batch.id,
            attempt=batch.attempts + 1,
        ),
        batch.region,
    )
    changed = await unit.connection.execute(
        update(_SUBMISSION)
        .where(_SUBMISSION.c.id == batch.id, _SUBMISSION.c.region == batch.region)
        .values(attempts=batch.attempts + 1, job_id=job_id, version=batch.version + 1)
        .returning(_SUBMISSION)
    )
    row = changed.one()
    unit.record(
        "submission.receive_correction",
        Aggregate("submission", row.id, row.region, row.version),
        fields=["attempts", "file"],
    )
    return Submitted(job_id=job_id, submission=show_submission(row, language=language))
