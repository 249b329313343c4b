"""Serve the change feed of one service: ``GET /changes``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from chassis.changes.feed import Changes, Position, changes_since
from chassis.changes.schemas import ChangeFeed, ChangeRead, ChangesQuery
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import CursorSpoiled
from chassis.http.acting import reads
from chassis.http.answers import may_answer
from chassis.http.choices import refuse_unlisted
from chassis.http.routers import service_router
from chassis.program import program_of
from chassis.security.scope import FIELD, OFFICERS, Area, Permission, Role

CHANGES_READ: Final = Permission("changes.read", OFFICERS | FIELD | {Role.AUDITOR})


def changes_router(service: str, *, kinds: Sequence[str]) -> APIRouter:
    """The feed's route.

    :param kinds: the kinds of things that this service's feed tells of; asking for another is refused.
    """
    router = service_router("changes")
    operation = f"{service}_changes_list"
    known = frozenset(kinds)

    @router.get("/changes", operation_id=operation, summary="变更 · Change feed")
    @may_answer(CursorSpoiled)
    async def changes(
        request: Request,
        query: Annotated[ChangesQuery, Query()],
        unit: Annotated[UnitOfWork, reads(CHANGES_READ)],
    ) -> ChangeFeed:
        """What changed in your area since the cursor, in the server's order, without gaps.

        A cursor holds for the assignment's area and the kinds that it was given for; a spoiled one is 412 and means:
        start again without it.
        """
        refuse_unlisted("kind", query.kind, known)
        signer = program_of(request).vault.cursors
        context = _context(operation, unit.area, query.kind)
        position = None
        if query.cursor is not None:
            position = Position.of_payload(signer.read(query.cursor, context=context, spoiled=CursorSpoiled))
        part = await changes_since(
            unit.connection, position, area=unit.area, kinds=sorted(set(query.kind)), limit=query.limit
        )
        return ChangeFeed(
            items=_items(part), next_cursor=signer.sign(part.next.as_payload(), context=context), has_more=part.has_more
        )

    return router


def _items(part: Changes) -> list[ChangeRead]:
    return [
        ChangeRead(
            kind=change.kind,
            id=change.id,
            region=change.region,
            version=change.version,
            deleted=change.deleted,
            fields=list(change.fields),
        )
        for change in part.items
    ]


def _context(operation: str, area: Area, kinds: Sequence[str]) -> str:
    """What a cursor is bound to: another filter or another area is another feed."""
    digest = hashlib.sha256(",".join(sorted(set(kinds))).encode()).hexdigest()[:16]
    return f"{operation}:{area.lo}-{area.hi}:{digest}"
