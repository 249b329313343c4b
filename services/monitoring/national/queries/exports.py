"""Read the exports of an area, and how a county's own headings map onto the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, NotFound
from chassis.http.pagination import next_cursor
from services.monitoring.datasets.queries.submissions import show_refusal
from services.monitoring.datasets.tables import ColumnMapping
from services.monitoring.national.contract import DATASET
from services.monitoring.national.schemas import (
    NationalExportCounts,
    NationalExportListQuery,
    NationalExportPage,
    NationalExportRead,
)
from services.monitoring.national.tables import NationalExport

_EXPORT: Final = rows(NationalExport)
_MAPPING: Final = rows(ColumnMapping)
_LIST: Final = "national_export_list"


async def list_exports(unit: UnitOfWork, query: NationalExportListQuery, *, language: Language) -> NationalExportPage:
    """One page, the newest first."""
    statement = select(_EXPORT).where(_EXPORT.c.region.between(unit.area.lo, unit.area.hi))
    if query.state is not None:
        statement = statement.where(_EXPORT.c.state == query.state.value)
    after = query.position(unit.vault.cursors, _LIST)
    if after is not None:
        statement = statement.where(_EXPORT.c.id < UUID(str(after[0])))
    found = (await unit.connection.execute(statement.order_by(_EXPORT.c.id.desc()).limit(query.limit + 1))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, _LIST, lambda row: [str(row.id)])
    return NationalExportPage(items=[show_export(row, language=language) for row in kept], next_cursor=cursor)


async def export_row(unit: UnitOfWork, export_id: UUID, *, lock: bool = False) -> Any:
    """The row of an export in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(_EXPORT).where(_EXPORT.c.id == export_id, _EXPORT.c.region.between(unit.area.lo, unit.area.hi))
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def latest_export(unit: UnitOfWork, county: int, covers: str) -> Any:
    """The row of the export of this coverage that counts; None if none was read yet."""
    found = await unit.connection.execute(
        select(_EXPORT).where(_EXPORT.c.region == county, _EXPORT.c.covers == covers, _EXPORT.c.state == "read")
    )
    return found.one_or_none()


async def saved_mapping(unit: UnitOfWork, county: int) -> Mapping[str, str]:
    """The county's own headings by the contract's columns that they mean; empty if none are saved."""
    found = await unit.connection.scalar(
        select(_MAPPING.c.mapping).where(_MAPPING.c.region == county, _MAPPING.c.dataset == DATASET)
    )
    return found or {}


def show_export(row: Any, *, language: Language) -> NationalExportRead:
    """An export as it is shown."""
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    same = {name: known[name] for name in NationalExportRead.model_fields if name in known}
    counts = {name: number for name, number in row.counts.items() if name in NationalExportCounts.model_fields}
    return NationalExportRead(
        **same
        | {
            "counts": NationalExportCounts(**counts),
            "unread_columns": row.unread,
            "refusal": show_refusal(row.refusal, language=language),
        }
    )
