"""Give the refused rows of an export back in the county's own columns, whole households, the reason beside each."""

from __future__ import annotations

import asyncio
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, Message
from chassis.files.files import Files, StoredFile
from chassis.files.media import Media
from chassis.jobs.tables import import_error
from chassis.program import Program
from chassis.records import Aggregate
from chassis.tabular import CellFault, Format, RejectedRow, write_rejected
from services.monitoring.national.contract import COLUMNS
from services.monitoring.national.errors import ExportNotRead
from services.monitoring.national.keeping import KIND
from services.monitoring.national.queries.exports import export_row
from services.monitoring.national.reading.pieces import OpenedExport

_FORMS: Final = {Media.CSV: Format.CSV, Media.NDJSON: Format.NDJSON}
_WITH_OTHERS: Final = CellFault(
    "household_refused",
    Message("同户其他行有误，整户退回。", "Another row of this household is wrong, so all of it comes back."),
)


async def rejected_rows(
    unit: UnitOfWork, program: Program, export_id: UUID, form: Format | None, *, language: Language
) -> tuple[bytes, Format]:
    """The rows to mend; hand them in again with ``corrects``, and they join the export.

    It holds personal data in the clear, so the reading is audited.

    :param form: by default that of the county's file (a workbook for XLS).
    :raises NotFound: outside the caller's area. :raises ExportNotRead: unless it is the one that counts.
    """
    export = await export_row(unit, export_id)
    if export.state != "read":
        raise ExportNotRead
    files = Files.of(program)
    file = await files.find(unit, export.file_id)
    faults = await _faults(unit, export.job_id)
    unit.record(
        "national_export.export_rejected", Aggregate(KIND, export.id, export.region, version=0), fields=["rows"]
    )
    form = form or _FORMS.get(file.media, Format.XLSX)
    return await asyncio.to_thread(_written, files, file, export.mapping, faults, form, language), form


async def _faults(unit: UnitOfWork, job_id: UUID) -> Mapping[int, Sequence[CellFault]]:
    error = import_error.c
    found = await unit.connection.execute(
        select(import_error)
        .where(error.job_id == job_id, error.region.between(unit.area.lo, unit.area.hi))
        .order_by(error.row, error.position)
    )
    faults: defaultdict[int, list[CellFault]] = defaultdict(list)
    for row in found:
        faults[row.row].append(CellFault(row.code, Message(**row.message), row.column or None))
    return faults


def _written(
    files: Files,
    file: StoredFile,
    mapping: Mapping[str, str],
    faults: Mapping[int, Sequence[CellFault]],
    form: Format,
    language: Language,
) -> bytes:
    content = io.BytesIO()
    with files.open(file) as stream, OpenedExport(stream, mapping) as opened:
        rows: Any = _refused(opened, faults)
        write_rejected(content, opened.header, COLUMNS, rows, form=form, language=language)
    return content.getvalue()


def _refused(opened: OpenedExport, faults: Mapping[int, Sequence[CellFault]]) -> Iterator[RejectedRow]:
    for group in opened.households():
        if any(row.number in faults for row in group):
            for row in group:
                yield RejectedRow(row, faults.get(row.number) or [_WITH_OTHERS])
