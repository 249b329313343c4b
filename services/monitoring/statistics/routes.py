"""Figures over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.statistics.actions.publish import publish_figures
from services.monitoring.statistics.queries.counted import list_counted
from services.monitoring.statistics.queries.durations import read_durations
from services.monitoring.statistics.queries.figures import read_figures
from services.monitoring.statistics.queries.publications import list_publications, read_publication
from services.monitoring.statistics.schemas import (
    CountedPage,
    CountedQuery,
    DurationsQuery,
    DurationsRead,
    FiguresQuery,
    FiguresRead,
    PublicationCreate,
    PublicationPage,
    PublicationQuery,
    PublicationRead,
)

router = service_router("statistics")


@router.get("/statistics/figures", operation_id="statistic_read")
async def statistic_read(
    query: Annotated[FiguresQuery, Query()], unit: Annotated[UnitOfWork, reads(may.STATISTIC_READ, at_once=True)]
) -> FiguresRead:
    """Registered, active, eliminated and ended households of a division, in 户 and 人, told apart if you ask for it.

    Asked again with the same `on` and `known_at`, the figures are the same.
    """
    return await read_figures(unit, query)


@router.get("/statistics/durations", operation_id="statistic_durations")
async def statistic_durations(
    query: Annotated[DurationsQuery, Query()], unit: Annotated[UnitOfWork, reads(may.STATISTIC_READ)]
) -> DurationsRead:
    """Days from the change at its source to hit, verification, registration, first measure and elimination."""
    return await read_durations(unit, query)


@router.get("/statistics/households", operation_id="statistic_households")
async def statistic_households(
    query: Annotated[CountedQuery, Query()], unit: Annotated[UnitOfWork, reads(may.STATISTIC_READ)]
) -> CountedPage:
    """List the households behind a figure; each figure gives the address of its own list."""
    return await list_counted(unit, query)


@router.post("/statistics/publications", operation_id="publication_create", status_code=201)
async def publication_create(
    body: PublicationCreate, unit: Annotated[UnitOfWork, writes(may.STATISTIC_PUBLISH)]
) -> PublicationRead:
    """Count figures and keep them as they are handed out."""
    return await publish_figures(unit, body)


@router.get("/statistics/publications", operation_id="publication_list")
async def publication_list(
    query: Annotated[PublicationQuery, Query()], unit: Annotated[UnitOfWork, reads(may.STATISTIC_READ)]
) -> PublicationPage:
    """List what was published about your area."""
    return await list_publications(unit, query)


@router.get("/statistics/publications/{publication_id}", operation_id="publication_read")
async def publication_read(
    publication_id: UUID, unit: Annotated[UnitOfWork, reads(may.STATISTIC_READ)]
) -> PublicationRead:
    """Published figures, as they were handed out."""
    return await read_publication(unit, publication_id)
