"""Spells of work over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.work.queries.listing import list_spells
from services.monitoring.work.schemas import WorkSpellPage, WorkSpellQuery

router = service_router("work")


@router.get("/persons/{person_id}/work-spells", operation_id="work_spell_list")
async def work_spell_list(
    person_id: UUID, query: Annotated[WorkSpellQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)]
) -> WorkSpellPage:
    """List when a person worked, as the employment service tells it; screening judges by it who lost work."""
    return await list_spells(unit, person_id, query)
