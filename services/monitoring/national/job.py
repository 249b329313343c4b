"""The job ``national_import``: one export of a county, read in chunks that a kill neither loses nor repeats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from chassis.errors import DomainError
from chassis.jobs.chunked_import import WHOLE_MAX, ChunkedImport
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.jobs.import_model import ImportMode
from chassis.security.scope import Area
from chassis.types import Model
from services.monitoring.households.importing.model import Setting
from services.monitoring.households.importing.prepare import Preparer
from services.monitoring.households.known_areas import counties_on_record, thresholds_at
from services.monitoring.income.thresholds import FIRST_MONTH
from services.monitoring.national.comparing import compare_export
from services.monitoring.national.keeping import refuse_export
from services.monitoring.national.queries.exports import saved_mapping
from services.monitoring.national.reading.facts import FactReader
from services.monitoring.national.reading.household import HouseholdReader
from services.monitoring.national.reading.places import villages_of
from services.monitoring.national.work import CHUNK_ROWS, NationalParameters, NationalWork
from services.monitoring.parameters import book_of


def national_kind(*, chunk_rows: int = CHUNK_ROWS, whole_rows_max: int = WHOLE_MAX) -> JobKind[NationalParameters]:
    """The kind of job that reads exports; beside it no other import of households runs in the county.

    Its result is that of :class:`~chassis.jobs.chunked_import.ChunkedImport`, a piece being a household, with the
    persons created and changed, the households whose monitoring changed, the income lines, measures and visits taken
    over, the figures held back, and what the export holds.
    """

    async def handler(job: JobContext[NationalParameters]) -> Mapping[str, Any]:
        work = await _work(job, chunk_rows)
        try:
            result = await ChunkedImport(job, work, whole_max=whole_rows_max).run()
        except DomainError as refusal:
            await _refuse(job, refusal)
            raise
        if job.parameters.mode is ImportMode.COMMIT:
            async with job.chunk() as unit:
                await compare_export(unit, job.parameters.export_id)
        return result

    return JobKind(
        name="national_import",
        parameters=NationalParameters,
        handler=handler,
        lock=lambda _parameters, region: f"household_import:{region}",
    )


NATIONAL_IMPORT: Final = national_kind()


class CompareParameters(Model):
    """Which export to compare."""

    export_id: UUID


async def compare(job: JobContext[CompareParameters]) -> None:
    """Hold the export against the registry anew."""
    async with job.chunk() as unit:
        await compare_export(unit, job.parameters.export_id)


NATIONAL_COMPARE: Final = JobKind(
    name="national_compare",
    parameters=CompareParameters,
    handler=compare,
    lock=lambda _parameters, region: f"household_import:{region}",
)


async def _work(job: JobContext[NationalParameters], chunk_rows: int) -> NationalWork:
    asked, today = job.parameters, job.program.clock.today()
    async with job.unit() as unit:
        book = await book_of(unit, job.region)
        setting = Setting(
            today=today,
            lo=job.area.lo,
            hi=job.area.hi,
            thresholds=await thresholds_at(unit, job.region),
            known_areas=await counties_on_record(unit),
        )
        villages = await villages_of(unit, job.region, on=today)
        mapping = await saved_mapping(unit, job.region)
    first_month = book.integer(FIRST_MONTH, region=job.region, on=asked.exported_on)
    facts = FactReader(asked.exported_on, today, first_month)
    return NationalWork(
        asked,
        county=job.region,
        setting=setting,
        reader=HouseholdReader(Area.of(job.region), villages, facts),
        preparer=Preparer(job.program.vault, setting),
        mapping=mapping,
        chunk_rows=chunk_rows,
    )


async def _refuse(job: JobContext[NationalParameters], refusal: DomainError) -> None:
    """A corrected file that fails leaves the export as it was; a validation has none."""
    if job.parameters.corrects or job.parameters.mode is ImportMode.VALIDATE:
        return
    reasons = [{"code": one.code, "column": one.pointer, **one.message._asdict()} for one in refusal.faults]
    async with job.chunk() as unit:
        document = {"code": refusal.code, **refusal.detail._asdict(), "reasons": reasons}
        await refuse_export(unit, job.parameters.export_id, document)
