"""The job ``papers``: the papers of a village composed in parts, typeset as one file, and kept to be fetched again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.errors import Message
from chassis.files.files import Files
from chassis.files.media import Media
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.paper.document import Document
from chassis.paper.typesetting import Typesetter
from chassis.types import Model
from services.monitoring.paper.actions.print_papers import compose
from services.monitoring.paper.parameters import KEEP_DAYS
from services.monitoring.paper.queries.households import household_facts
from services.monitoring.paper.queries.selection import HOUSEHOLD
from services.monitoring.paper.schemas import PaperForm
from services.monitoring.parameters import book_of

PART_HOUSEHOLDS: Final = 20
FILE_BYTES_MAX: Final = 64 << 20
PURPOSE: Final = "paper"
TITLE: Final = "防返贫监测纸面材料"
_TYPESETTING: Final = Message("正在排版。", "Typesetting.")


class PapersParameters(Model):
    """What is printed for whom; what for is in the audit log, where the one who asked is."""

    household_ids: list[UUID]
    forms: list[PaperForm]
    whole_numbers: bool
    sample: bool


async def make_papers(job: JobContext[PapersParameters]) -> Mapping[str, Any]:
    """The file's id and how many households are in it; who moved away or was merged meanwhile is left out.

    Reading changes nothing, so a kill costs what was composed; the file is kept with its checkpoint, once.
    """
    if job.resume is not None:
        return dict(job.resume)
    wanted = job.parameters
    documents, households = list[Document](), 0
    for start in range(0, len(wanted.household_ids), PART_HOUSEHOLDS):
        part = wanted.household_ids[start : start + PART_HOUSEHOLDS]
        async with job.unit() as unit:
            found = select(HOUSEHOLD).where(
                HOUSEHOLD.c.id.in_(part), HOUSEHOLD.c.region.between(unit.area.lo, unit.area.hi)
            )
            rows = (await unit.connection.execute(found.order_by(HOUSEHOLD.c.region, HOUSEHOLD.c.id))).all()
            facts, _persons = await household_facts(unit, rows, whole=wanted.whole_numbers)
            documents += await compose(unit, wanted.forms, rows, facts)
        households += len(rows)
        await job.progress(start + len(part), len(wanted.household_ids))
    if not documents:
        return {"households": 0, "file_id": None}
    await job.progress(len(wanted.household_ids), note=_TYPESETTING)
    made_at = job.program.clock.business_now()
    content = await Typesetter.of(job.program).typeset(documents, title=TITLE, made_at=made_at, sample=wanted.sample)
    return await _keep(job, content, households)


async def _keep(job: JobContext[PapersParameters], content: bytes, households: int) -> Mapping[str, Any]:
    files = Files.of(job.program)
    received = await files.receive(
        _once(content), limit_bytes=FILE_BYTES_MAX, accepted=frozenset({Media.PDF}), name="papers.pdf"
    )
    async with job.chunk() as unit:
        book = await book_of(unit, job.region)
        days = book.integer(KEEP_DAYS, region=job.region, on=unit.clock.today())
        file, is_new = await files.keep(unit, received, purpose=PURPOSE, region=job.region, keep_days=days)
        result = {"households": households, "file_id": str(file.id)}
        await job.checkpoint(unit, result, done=len(job.parameters.household_ids))
    if not is_new:
        await files.discard(received)
    return result


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


PAPERS: Final = JobKind(
    name="papers", parameters=PapersParameters, handler=make_papers, lock=lambda _parameters, _region: "papers"
)
"""One file at a time, since the typesetter takes half a GB for a large one."""
