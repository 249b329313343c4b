"""Read what was published."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.statistics.queries.figures import may_be_told
from services.monitoring.statistics.schemas import (
    FiguresRead,
    PublicationPage,
    PublicationQuery,
    PublicationRead,
    PublicationRow,
)
from services.monitoring.statistics.tables import PublishedStatistic

PUBLISHED: Final = rows(PublishedStatistic)
_LIST: Final = "publication_list"
_ROW: Final = [PUBLISHED.c[name] for name in PublicationRow.model_fields]


async def list_publications(unit: UnitOfWork, query: PublicationQuery) -> PublicationPage:
    """One page of what was published about the caller's area."""
    statement = select(*_ROW).where(PUBLISHED.c.region.between(unit.area.lo, unit.area.hi))
    after = query.position(unit.vault.cursors, _LIST)
    found = (await unit.connection.execute(keyset(statement, [PUBLISHED.c.id], after, query.limit))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, _LIST, lambda row: [str(row.id)])
    return PublicationPage(items=[PublicationRow(**row._mapping) for row in kept], next_cursor=cursor)  # noqa: SLF001


async def read_publication(unit: UnitOfWork, publication_id: UUID) -> PublicationRead:
    """One, as it was handed out, as far as the caller may know it.

    :raises NotFound: if there is none about the caller's area.
    """
    statement = select(PUBLISHED).where(
        PUBLISHED.c.id == publication_id, PUBLISHED.c.region.between(unit.area.lo, unit.area.hi)
    )
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    published = shown(row)
    return published.model_copy(update={"result": may_be_told(unit, published.result)})


def shown(row: Any) -> PublicationRead:
    """A stored row as it is handed out."""
    return PublicationRead(
        id=row.id,
        title=row.title,
        region=row.region,
        published_on=row.published_on,
        result=FiguresRead.model_validate(row.result),
    )
