"""A register as a file, read from one snapshot while it is sent."""

from __future__ import annotations

from typing import Final

from starlette.responses import StreamingResponse

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.exports.columns import ExportColumn, ExportType
from chassis.exports.stream import Exports
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.registers.described import Register
from services.monitoring.registers.queries.naming import named
from services.monitoring.registers.queries.selection import as_asked, facts, with_finding
from services.monitoring.registers.schemas import FactExportQuery
from services.monitoring.registers.visibility import seen

_COMMON: Final = (
    ExportColumn("id", ExportType.ID),
    ExportColumn("version", ExportType.INTEGER),
    ExportColumn("region", ExportType.REGION),
    ExportColumn("household_id", ExportType.ID),
    ExportColumn("person_id", ExportType.ID),
    ExportColumn("person_name"),
    ExportColumn("head_name"),
    ExportColumn("holds_from", ExportType.DAY),
    ExportColumn("holds_to", ExportType.DAY),
    ExportColumn("source"),
    ExportColumn("recorded_at", ExportType.INSTANT),
)


async def export_facts(unit: UnitOfWork, code: str, query: FactExportQuery) -> StreamingResponse:
    """The facts that ``query`` names, whole; names are masked as in the list.

    :raises NotFound: if the division asked for lies outside the caller's area.
    :raises NotAllowed: for a register of health, if the caller may not know it.
    :raises ExportsBusy: if as many exports as may run do.
    """
    register = seen(unit, code)
    area = narrowed(unit, query.region)
    table = rows(register.table)
    statement = with_finding(
        register, as_asked(register, facts(register, area, unit.clock.today()), query), query.finding
    )
    exports: Exports = unit.extras[Exports]
    return await exports.respond(
        statement.order_by(table.c.region, table.c.id),
        columns_of(register),
        area=area,
        form=query.format,
        name=f"register-{register.code}",
        transform=lambda batch: [named(unit, register, row) for row in batch],
    )


def columns_of(register: Register) -> tuple[ExportColumn, ...]:
    """The columns of a register's file."""
    return (*_COMMON, *(ExportColumn(field.name, field.kind) for field in register.fields))
