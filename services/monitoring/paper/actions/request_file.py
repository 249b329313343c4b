"""Ask for a file of papers that a job makes, and fetch it as often as it is needed while it is kept."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from chassis.audit.reads import sensitive_read
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, NotFound, StateRefused
from chassis.files.files import Files, StoredFile
from chassis.jobs.definition import defer
from chassis.jobs.tables import JobState, job
from services.monitoring.paper.actions.print_papers import keep_read
from services.monitoring.paper.job import PAPERS, PapersParameters
from services.monitoring.paper.queries.households import members_of
from services.monitoring.paper.queries.selection import selected_households
from services.monitoring.paper.schemas import PaperFileAccepted, PaperPrint

_NOT_READY = Message(
    "文件尚未完成，请先在任务中查看进度。", "The file is not ready; see the job for how far it is, or why it failed."
)


async def request_file(unit: UnitOfWork, body: PaperPrint) -> PaperFileAccepted:
    """The job that prints; that it was asked for, for whom and what for is in the audit log from now on.

    :raises InvalidInput: unless the households are named in one way; if there are none, or too many for one file.
    :raises NotFound: if what is named does not lie in the caller's area.
    """
    households = await selected_households(unit, body)
    await keep_read(unit, body, await members_of(unit, [row.id for row in households]), action="paper.print")
    parameters = PapersParameters(
        household_ids=[row.id for row in households],
        forms=body.forms,
        whole_numbers=body.whole_numbers,
        sample=body.sample,
    )
    job_id = await defer(unit, PAPERS, parameters, unit.actor.assignment.region)
    return PaperFileAccepted(job_id=job_id, households=len(households))


async def find_file(unit: UnitOfWork, files: Files, job_id: UUID) -> StoredFile:
    """The file that a job of the caller's area made; the fetch is kept in the audit log.

    :raises NotFound: if there is no such job in the caller's area, or the file's days are over.
    :raises StateRefused: if it is not ready.
    """
    found = select(job.c.state, job.c.result).where(
        job.c.id == job_id,
        job.c.kind == PAPERS.name,
        job.c.region.between(unit.area.lo, unit.area.hi),
    )
    row = (await unit.connection.execute(found)).one_or_none()
    if row is None:
        raise NotFound
    if row.state != JobState.SUCCEEDED:
        raise StateRefused(faults=[Fault("", "file_not_ready", _NOT_READY)])
    if row.result["file_id"] is None:
        raise NotFound
    file = await files.find(unit, UUID(row.result["file_id"]))
    await sensitive_read(unit, "paper.fetch", "stored_file", [file.id], "print again", fields=["content"])
    return file
