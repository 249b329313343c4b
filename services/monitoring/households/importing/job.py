"""The job ``household_import``: a file of households, in chunks that a kill neither loses nor repeats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chassis.files.files import Files
from chassis.jobs.chunked_import import WHOLE_MAX, ChunkedImport
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.jobs.import_model import ImportParameters
from services.monitoring.households.importing.model import Setting
from services.monitoring.households.importing.work import CHUNK_PERSONS, PROCESSES, HouseholdWork
from services.monitoring.households.known_areas import counties_on_record, thresholds_at


def import_kind(
    *, chunk_persons: int = CHUNK_PERSONS, whole_persons_max: int = WHOLE_MAX, processes: int = PROCESSES
) -> JobKind[ImportParameters]:
    """The kind of job that imports households; one at a time in each county.

    Its result is that of :class:`~chassis.jobs.chunked_import.ChunkedImport`, a piece being a household, with the
    persons created and changed.

    :param chunk_persons: persons of one transaction, a few seconds of work; ``whole_persons_max``: of one that takes
        the whole file.
    """

    async def handler(job: JobContext[ImportParameters]) -> Mapping[str, Any]:
        async with job.unit() as unit:
            file = await Files.of(job.program).find(unit, job.parameters.file_id)
            setting = Setting(
                today=job.program.clock.today(),
                lo=job.area.lo,
                hi=job.area.hi,
                thresholds=await thresholds_at(unit, job.region),
                known_areas=await counties_on_record(unit),
            )
        work = HouseholdWork(
            job, setting, media=file.media, size=file.size, chunk_persons=chunk_persons, processes=processes
        )
        return await ChunkedImport(job, work, whole_max=whole_persons_max).run()

    return JobKind(
        name="household_import",
        parameters=ImportParameters,
        handler=handler,
        lock=lambda _parameters, region: f"household_import:{region}",
    )


HOUSEHOLD_IMPORT: Final = import_kind()
