"""Take in an export of the national system and ask for it to be read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from chassis.files.files import StoredFile, hold, release
from chassis.identifiers import new_id
from chassis.jobs.definition import defer
from chassis.jobs.import_model import Atomic, ImportMode, ImportStrategy
from chassis.records import Aggregate
from services.monitoring.datasets.actions.submit import county_of
from services.monitoring.national.contract import VERSION
from services.monitoring.national.errors import ExportNotRead, ExportOutdated
from services.monitoring.national.job import NATIONAL_COMPARE, NATIONAL_IMPORT, CompareParameters
from services.monitoring.national.keeping import HOLDER, KIND
from services.monitoring.national.queries.exports import export_row, latest_export
from services.monitoring.national.schemas import (
    NationalComparison,
    NationalExportAccepted,
    NationalExportQuery,
    NationalImportQuery,
)
from services.monitoring.national.tables import NationalExport
from services.monitoring.national.work import NationalParameters
from services.monitoring.parameters import keep_days

Keep = Callable[[int, int], Awaitable[StoredFile]]
"""Keeps what was received: takes the county and the days; gives the file."""

_EXPORT: Final = rows(NationalExport)
_AFTER_TODAY: Final = Message("导出日期晚于今天，请核对。", "The export is dated after today; check the date.")


@dataclass(frozen=True)
class _Asked:
    county: int
    exported_on: date
    covers: str
    imports: bool
    mode: ImportMode = ImportMode.COMMIT
    strategy: ImportStrategy = ImportStrategy.CREATE_AND_UPDATE
    atomic: Atomic = Atomic.ROW
    corrects: UUID | None = None


async def import_export(unit: UnitOfWork, query: NationalImportQuery, keep: Keep) -> NationalExportAccepted:
    """Have the file imported, and kept as the county's latest export of its coverage.

    :raises CountyMissing: if the post is not of one county and none is named.
    :raises InvalidInput: for a date after today.
    :raises ExportOutdated: if an export of a later date was read.
    :raises NotFound: if there is no such export to correct. :raises ExportNotRead: if it does not count any more.
    """
    if query.corrects is not None:
        return await _correct(unit, query, query.corrects, keep)
    asked = _asked(unit, query, imports=True, mode=query.mode, strategy=query.strategy, atomic=query.atomic)
    return await _take_in(unit, asked, keep)


async def keep_export(unit: UnitOfWork, query: NationalExportQuery, keep: Keep) -> NationalExportAccepted:
    """Have the file kept to be compared with, and nothing of it imported; errors as :func:`import_export`."""
    return await _take_in(unit, _asked(unit, query, imports=False), keep)


async def compare_again(unit: UnitOfWork, export_id: UUID) -> NationalComparison:
    """Have the export held against the registry as it is now.

    :raises NotFound: if there is none. :raises ExportNotRead: if it does not count.
    """
    export = await export_row(unit, export_id)
    if export.state != "read":
        raise ExportNotRead
    return NationalComparison(
        job_id=await defer(unit, NATIONAL_COMPARE, CompareParameters(export_id=export_id), export.region)
    )


def _asked(unit: UnitOfWork, query: NationalExportQuery, *, imports: bool, **how: Any) -> _Asked:
    today = unit.clock.today()
    exported_on = query.exported_on or today
    if exported_on > today:
        raise InvalidInput(faults=[Fault("?exported_on", "day_after_today", _AFTER_TODAY)])
    return _Asked(county_of(unit, query.region), exported_on, query.covers.value, imports, **how)


async def _take_in(unit: UnitOfWork, asked: _Asked, keep: Keep) -> NationalExportAccepted:
    latest = await latest_export(unit, asked.county, asked.covers)
    if latest is not None and latest.exported_on > asked.exported_on:
        raise ExportOutdated
    file = await keep(asked.county, await keep_days(unit, asked.county))
    export_id = new_id()
    job_id = await _defer(unit, asked, file, export_id)
    if asked.mode is ImportMode.VALIDATE:
        return NationalExportAccepted(job_id=job_id)
    await unit.connection.execute(
        insert(_EXPORT).values(
            id=export_id,
            region=asked.county,
            covers=asked.covers,
            exported_on=asked.exported_on,
            is_imported=asked.imports,
            contract_version=VERSION,
            mapping={},
            columns=[],
            unread=[],
            file_id=file.id,
            job_id=job_id,
            state="received",
            counts={},
            received_by=unit.actor.subject,
            received_at=unit.clock.system_now(),
            version=1,
        )
    )
    await hold(unit, file, holder=HOLDER, holder_id=export_id)
    fields = ["covers", "exported_on", "file", "state"]
    unit.record("national_export.receive", Aggregate(KIND, export_id, asked.county, version=0), fields=fields)
    return NationalExportAccepted(job_id=job_id, export_id=export_id)


async def _correct(unit: UnitOfWork, query: NationalImportQuery, export_id: UUID, keep: Keep) -> NationalExportAccepted:
    """The file joins the export: it speaks for the same day, and from now on its own refused rows are given back."""
    export = await export_row(unit, export_id, lock=True)
    if export.state != "read":
        raise ExportNotRead
    file = await keep(export.region, await keep_days(unit, export.region))
    asked = _Asked(
        export.region,
        export.exported_on,
        export.covers,
        export.is_imported,
        query.mode,
        query.strategy,
        query.atomic,
        corrects=export_id,
    )
    job_id = await _defer(unit, asked, file, export_id)
    if query.mode is ImportMode.VALIDATE:
        return NationalExportAccepted(job_id=job_id)
    await release(unit, export.file_id, holder=HOLDER, holder_id=export_id)
    await hold(unit, file, holder=HOLDER, holder_id=export_id)
    await unit.connection.execute(
        update(_EXPORT)
        .where(_EXPORT.c.id == export_id, _EXPORT.c.region == export.region)
        .values(file_id=file.id, job_id=job_id, version=export.version + 1)
    )
    unit.record("national_export.correct", Aggregate(KIND, export_id, export.region, version=0), fields=["file"])
    return NationalExportAccepted(job_id=job_id, export_id=export_id)


async def _defer(unit: UnitOfWork, asked: _Asked, file: StoredFile, export_id: UUID) -> UUID:
    parameters = NationalParameters(
        file_id=file.id,
        mode=asked.mode,
        strategy=asked.strategy,
        atomic=asked.atomic,
        export_id=export_id,
        exported_on=asked.exported_on,
        imports=asked.imports,
        corrects=asked.corrects is not None,
    )
    return await defer(unit, NATIONAL_IMPORT, parameters, asked.county)
