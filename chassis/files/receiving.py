"""Move an upload's bytes before its unit of work begins: dependencies that stand before ``writes(…)`` in a route."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Request

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotAllowed, UnsupportedMedia
from chassis.files.files import Files, Received
from chassis.files.sealed_store import Segment, SegmentWriter
from chassis.files.uploads import (
    PartTooLong,
    Upload,
    UploadIncomplete,
    check_offset,
    find_upload,
    gather,
    parts_of,
)
from chassis.files.uses import UploadUse
from chassis.http.acting import actor_of
from chassis.http.answers import may_answer
from chassis.http.trace import traceparent_of
from chassis.http.uploads import STREAMS, UploadStalled, body_chunks
from chassis.program import program_of

_PART: Final = "xianjie.part"


@dataclass
class Part:
    """A part that lies in the store already; ``taken_over`` once its row is written."""

    writer: SegmentWriter
    use: UploadUse
    taken_over: bool = False


@dataclass
class Whole:
    """An upload whose parts were read through (``received``), or one that was complete already.

    ``left_over`` is what to delete once the unit has committed.
    """

    upload: Upload
    use: UploadUse
    received: Received | None
    left_over: list[Segment] = field(default_factory=list)


class UploadBodies:
    """The dependencies of one uploads router; each checks the permission before it reads a byte."""

    def __init__(self, uses: Mapping[str, UploadUse]) -> None:
        self._uses = uses

    @may_answer(UnsupportedMedia)
    async def part(self, request: Request, upload_id: UUID, offset: Annotated[int, Query(ge=0)]) -> AsyncIterator[Part]:
        """The request's body as a part in the store, removed again unless the route takes it over."""
        held: Part | None = request.scope.get(_PART)
        if held is None:  # a route that is run again after a lost race finds its part here
            unit = await self._unit(request)
            async with unit:
                at = await find_upload(unit, upload_id)
                use = self._use(unit, at)
                check_offset(at, offset)
            held = request.scope[_PART] = Part(Files.of(program_of(request)).store.writer(), use)
            await _take(request, held.writer, at)
        try:
            yield held
        finally:
            # After a fault whose commit may have happened the row decides: what none knows goes with the purge.
            if not held.taken_over:
                await held.writer.discard()

    @may_answer(UnsupportedMedia)
    async def whole(self, request: Request, upload_id: UUID) -> AsyncIterator[Whole]:
        """The upload's content, read through for its digest."""
        unit = await self._unit(request)
        async with unit:
            at = await find_upload(unit, upload_id)
            use = self._use(unit, at)
            parts = await parts_of(unit, upload_id)
        store = Files.of(program_of(request)).store
        if at.file_id is not None:
            yield Whole(at, use, None)
            return
        if at.received < at.size:
            raise UploadIncomplete(headers={"Upload-Offset": str(at.received)}, extra={"received": at.received})
        whole = Whole(at, use, await gather(store, parts, use.accepted, at.name))
        yield whole
        for segment in whole.left_over:
            await store.delete(segment.id, segment.pieces)

    async def _unit(self, request: Request) -> UnitOfWork:
        actor = await actor_of(request)
        if not any(use.permission.allows(actor.role) for use in self._uses.values()):
            raise NotAllowed
        request.scope[STREAMS] = True
        return program_of(request).unit(actor, traceparent=traceparent_of(request.scope))

    def _use(self, unit: UnitOfWork, at: Upload) -> UploadUse:
        """What the upload is for, if the post that the person acts in now may still do that."""
        use = self._uses[at.purpose]
        use.require(unit.actor)
        return use


async def _take(request: Request, writer: SegmentWriter, at: Upload) -> None:
    offset, room = at.received, at.size - at.received
    try:
        async for chunk in body_chunks(request):
            if writer.size + len(chunk) > room:
                await writer.discard()
                raise PartTooLong(headers={"Upload-Offset": str(offset)}, extra={"received": offset})
            await writer.write(chunk)
    except UploadStalled:
        # What arrived is worth keeping; the client is gone and asks later where the upload stands.
        return
