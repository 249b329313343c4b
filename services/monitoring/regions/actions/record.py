"""Record divisions from a file; good rows are kept, each bad one is reported with every reason."""

from __future__ import annotations

from typing import Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language
from chassis.tabular import HeaderSpec, Limits, open_table, parse_row
from services.monitoring.regions.intake import COLUMNS, NumberedRow, Rejection, codes_to_know, judge, read_row
from services.monitoring.regions.queries.divisions import recorded_successions
from services.monitoring.regions.schemas import RegionImportResult, RegionRowError
from services.monitoring.regions.writing import division_of, rows_of, write_divisions

LIMITS: Final = Limits(file_bytes_max=8 << 20, expanded_bytes_max=64 << 20, rows_max=60_000, columns_max=32)
"""A province's villages fit; a larger file is cut by city."""


async def import_regions(unit: UnitOfWork, file: bytes, *, language: Language) -> RegionImportResult:
    """Record every good row of ``file`` that lies in the caller's area; a row that is on record so stays unchanged.

    :raises InvalidInput: for a file that cannot be read or a header that does not fit.
    :raises UnsupportedMedia: for another format; TooLarge: for one beyond the limits.
    """
    read: list[NumberedRow] = []
    rejected: list[Rejection] = []
    with open_table(file, limits=LIMITS, header=HeaderSpec(COLUMNS)) as table:
        for raw in table:
            values, faults = parse_row(COLUMNS, raw)
            if faults:
                rejected += [Rejection(raw.number, fault) for fault in faults]
                continue
            row, reasons = read_row(raw.number, values, unit.area)
            rejected += reasons
            if row is not None:
                read.append(row)
        total = table.rows_read
    known = await rows_of(unit, codes_to_know(read))
    recorded = await recorded_successions(unit, {row.division.code for row in read})
    kept, unfit = judge(read, [division_of(row) for row in known], unit.area, recorded)
    rejected += unfit
    standing = {(row.code, row.valid_from): division_of(row) for row in known}
    changed = [
        row.division for row in kept if standing.get((row.division.code, row.division.valid_from)) != row.division
    ]
    created = sum((division.code, division.valid_from) not in standing for division in changed)
    await write_divisions(unit, changed, known, action="region.record")
    return RegionImportResult(
        created=created,
        updated=len(changed) - created,
        unchanged=len(kept) - len(changed),
        rejected=len({rejection.row for rejection in rejected}),
        total=total,
        errors=[
            RegionRowError(
                row=rejection.row,
                column=rejection.fault.column or "",
                code=rejection.fault.code,
                message=rejection.fault.message.in_language(language),
            )
            for rejection in sorted(rejected, key=lambda rejection: rejection.row)
        ],
    )
