"""An auditor's reading of the audit entries; the reading is audited too."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from chassis.audit.queries import list_entries
from chassis.audit.reads import sensitive_read
from chassis.audit.schemas import AuditEntryPage, AuditEntryRead, AuditQuery
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import InvalidInput
from chassis.http.acting import writes
from chassis.http.pagination import next_cursor
from chassis.http.routers import service_router
from chassis.program import program_of
from chassis.security.scope import Permission, Role

AUDIT_READ: Final = Permission("audit.read", frozenset({Role.AUDITOR, Role.AUDIT_ADMINISTRATOR}))
_PURPOSE: Final = "audit"


def audit_router(service: str) -> APIRouter:
    """The routes of one service's audit entries: ``GET /audit/entries``."""
    router = service_router("audit", prefix="/audit")
    operation = f"{service}_audit_entries_list"

    @router.get("/entries", operation_id=operation, summary="审计条目 · Audit entries")
    async def entries(
        request: Request,
        query: Annotated[AuditQuery, Query()],
        # A GET that writes: the reading itself becomes an entry, committed before the answer leaves.
        unit: Annotated[UnitOfWork, writes(AUDIT_READ)],
    ) -> AuditEntryPage:
        """Who did what to which thing, and who read it. Give a thing, a subject, or a period."""
        signer = program_of(request).vault.cursors
        position = query.position(signer, operation)
        if position is not None and not (len(position) == 1 and isinstance(position[0], int)):
            raise InvalidInput
        rows = await list_entries(unit, query, position[0] if position else None)
        kept, cursor = next_cursor(rows, query, signer, operation, lambda row: [row.id])
        asked = sorted(query.model_dump(exclude={"limit", "cursor"}, exclude_none=True))
        ids = [query.entity_id] if query.entity_id else []
        await sensitive_read(unit, "audit.entries.read", "audit_entry", ids, _PURPOSE, fields=asked)
        items = [AuditEntryRead.model_validate({**row._asdict(), "read_ids": row.read_ids or []}) for row in kept]
        return AuditEntryPage(items=items, next_cursor=cursor)

    return router
