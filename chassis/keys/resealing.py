"""Make everything that a service keeps encrypted anew with the current keys, as one job that a kill does not undo.

It goes through the tables one after the other in batches, then through the stored files; each batch is committed with
the place to go on from. What somebody writes meanwhile with an old key is found by another round. The audit has one
entry of it, with the columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Protocol

from pydantic import Field
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Message
from chassis.files.files import Files
from chassis.files.sealed_store import SealedStore
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.keys.columns import indexed_columns, sealed_tables
from chassis.keys.rows import Found, IndexedRows, Place, SealedRows
from chassis.keys.status import PIECES, key_use, segments_after
from chassis.records import Aggregate
from chassis.security.columns import Indexed
from chassis.security.keys import KEY_ID_MAX, KeyRing, Purpose
from chassis.security.vault import Vault
from chassis.types import Model

RESEAL: Final = "keys.reseal"
ROUNDS_MAX: Final = 3
"""How often the tables are gone through while others still write with an old key: then those are to be restarted."""

_SEGMENTS: Final = 16
KeyId = Annotated[int, Field(ge=1, le=KEY_ID_MAX)]


class RingOutdated(Conflict):
    code, status = "key_ring_outdated", 409
    title = Message(
        "此程序的密钥环不是提出任务时的那一份，请以新密钥环重启后再执行。",
        "This program has another key ring than the one that asked; restart it with the new one and ask again.",
    )


class ResealParameters(Model):
    """Which keys are current for the one who asks; a worker with an older ring would make nothing anew."""

    data_key: KeyId
    index_key: KeyId

    @classmethod
    def of(cls, ring: KeyRing) -> ResealParameters:
        return cls(data_key=ring.current(Purpose.DATA).id, index_key=ring.current(Purpose.INDEX).id)


class Step(Protocol):
    """One table, or the stored files; ``fields`` names the columns for the audit."""

    name: str
    fields: Sequence[str]

    async def read(self, connection: AsyncConnection, vault: Vault, after: Place | None) -> Found | None: ...

    async def write(self, unit: UnitOfWork, found: Found) -> int: ...


def reseal_kind(own: MetaData) -> JobKind[ResealParameters]:
    """The job of a service with these tables; one at a time."""

    async def handler(job: JobContext[ResealParameters]) -> Mapping[str, Any]:
        if job.parameters != ResealParameters.of(job.program.vault.ring):
            raise RingOutdated
        store = Files.of(job.program).store
        return await _Resealing(job, own, store).run()

    return JobKind(name=RESEAL, parameters=ResealParameters, handler=handler, lock=lambda _p, _region: RESEAL)


class _Resealing:
    def __init__(self, job: JobContext[ResealParameters], own: MetaData, store: SealedStore) -> None:
        self._job = job
        self._own = own
        self._store = store
        self._steps = steps_of(own, store)
        self._state: dict[str, Any] = {"round": 1, "step": 0, "after": None, "made": 0} | dict(job.resume or {})
        self._total = 0

    async def run(self) -> dict[str, Any]:
        left = await self._left()
        self._total = self._state["made"] + sum(left.values())
        while True:
            while self._state["step"] < len(self._steps):
                await self._batch(self._steps[self._state["step"]])
            left = await self._left()
            if not left or self._state["round"] >= ROUNDS_MAX or not self._can_be_made(left):
                break
            self._state |= {"round": self._state["round"] + 1, "step": 0, "after": None}
        async with self._job.chunk() as unit:
            fields = sorted({field for step in self._steps for field in step.fields})
            unit.record(RESEAL, Aggregate("job", self._job.job_id, self._job.region, version=0), fields=fields)
        return {"made": self._state["made"], "left": sum(left.values()), "left_in": dict(left)}

    async def _batch(self, step: Step) -> None:
        """One batch of a step; at its end, the next step's beginning."""
        state, job = self._state, self._job
        async with job.unit() as unit:
            found = await step.read(unit.connection, unit.vault, state["after"])
        if found is None:
            state |= {"step": state["step"] + 1, "after": None}
            return
        async with job.chunk() as unit:
            made = await step.write(unit, found)
            state |= {"after": found.place, "made": state["made"] + made}
            note = Message(f"正在重新加密 {step.name}", f"sealing {step.name} anew")
            await job.checkpoint(unit, state, done=state["made"], total=max(self._total, state["made"]), note=note)

    def _can_be_made(self, left: Mapping[str, int]) -> bool:
        return any(field in left for step in self._steps for field in step.fields)

    async def _left(self) -> dict[str, int]:
        use = await key_use(self._job.program, self._own, self._store)
        return dict(use.left(self._job.program.vault.ring))


def steps_of(own: MetaData, store: SealedStore) -> list[Step]:
    """Everything that is made anew: indexes first, whose values can then still be read with any key; files last."""
    steps: list[Step] = []
    for indexed in indexed_columns(own):
        kind = indexed.column.type
        if isinstance(kind, Indexed) and kind.remade is not None:
            steps.append(IndexedRows(indexed, kind.remade))
    steps += [SealedRows(sealed) for sealed in sealed_tables(own)]
    return [*steps, _Pieces(store)]


class _Pieces:
    """The pieces of stored files, made anew in the store itself; of a batch that a kill cut off nothing is lost."""

    name = PIECES
    fields: Sequence[str] = (PIECES,)

    def __init__(self, store: SealedStore) -> None:
        self._store = store

    async def read(self, connection: AsyncConnection, _vault: Vault, after: Place | None) -> Found | None:
        segments = await segments_after(connection, after[0] if after else None, _SEGMENTS)
        rows = [{"segment": segment} for segment in segments]
        return Found(rows, [str(segments[-1].id)]) if rows else None

    async def write(self, _unit: UnitOfWork, found: Found) -> int:
        made = 0
        for row in found.rows:
            segment = row["segment"]
            for number in range(segment.pieces):
                made += await self._store.reseal(segment.id, number)
        return made
