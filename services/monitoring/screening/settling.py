"""Judge what a run has found, chunk after chunk of households, in two lanes that each go on where they stopped.

A chunk is one transaction with the place to go on from, so a kill costs the two chunks under way; a chunk that is
judged twice leaves the same clues. Households without a hit are judged too while a hit of theirs stands: it may have
to go.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.jobs.context import JobContext, JobPaused, JobStopped
from services.monitoring.clues.actions.settle_firings import Judgement, Settled, settle_firings
from services.monitoring.screening.engine import Screening
from services.monitoring.screening.side_by_side import in_thread, together

PHASE: Final = "settling"
HOUSEHOLDS_PER_CHUNK: Final = 2_000
LANES: Final = 2
"""PostgreSQL works on a transaction with one core; two lanes keep busy the two that the smallest machine has."""

_STANDING: Final = text(
    """
    SELECT household_id FROM clue WHERE region BETWEEN :lo AND :hi AND state IN ('open', 'in_case')
    """
)


class Settling:
    """One run's judgement of its households.

    :param state: the job's last checkpoint if it was in this phase already, else None.
    """

    def __init__(
        self, job: JobContext[Any], screening: Screening, judgement: Judgement, state: Mapping[str, Any] | None
    ) -> None:
        self._job = job
        self._screening = screening
        self._judgement = judgement
        self._state: Mapping[str, Any] = state or {}
        self._turn = asyncio.Lock()
        self._done = self._total = 0

    async def run(self) -> dict[str, int]:
        """Judge all that is not judged yet; returns the counts of the whole run."""
        households = await self._households()
        if not self._state:
            self._state = {"phase": PHASE, "lanes": _lanes(households), "counts": Settled().as_counts()}
        todo = [_part(lane, households) for lane in self._state["lanes"]]
        self._total = len(households)
        self._done = self._total - sum(map(len, todo))
        await together(self._lane(place, part) for place, part in enumerate(todo))
        return dict(self._state["counts"])

    async def _households(self) -> list[UUID]:
        """Who has a hit in this run or one that stands, in order."""
        hit = await in_thread(self._screening.households)
        async with self._job.unit() as unit:
            standing = await unit.connection.execute(_STANDING, {"lo": unit.area.lo, "hi": unit.area.hi})
            # By their numbers: comparing ids themselves takes five times as long.
            return sorted({*hit, *standing.scalars()}, key=attrgetter("int"))

    async def _lane(self, place: int, households: Sequence[UUID]) -> None:
        for start in range(0, len(households), HOUSEHOLDS_PER_CHUNK):
            chunk = households[start : start + HOUSEHOLDS_PER_CHUNK]
            firings = await in_thread(self._screening.copy_text, chunk[0], chunk[-1])
            # The turn is given back after the commit: what a lane writes down of the other has been committed.
            async with AsyncExitStack() as turn:
                try:
                    async with self._job.chunk() as unit:
                        settled = await settle_firings(unit, self._judgement, chunk, firings)
                        await turn.enter_async_context(self._turn)
                        state = self._advanced(place, chunk[-1], settled)
                        done = self._done + len(chunk)
                        await self._job.checkpoint(unit, state, done=done, total=self._total)
                except (JobPaused, JobStopped):  # raised after the commit
                    self._state = state
                    raise
                self._state, self._done = state, done

    def _advanced(self, place: int, last: UUID, settled: Settled) -> dict[str, Any]:
        lanes = list(self._state["lanes"])
        lanes[place] = {**lanes[place], "after": str(last)}
        counts = {name: self._state["counts"].get(name, 0) + more for name, more in settled.as_counts().items()}
        return {"phase": PHASE, "lanes": lanes, "counts": counts}


def _lanes(households: Sequence[UUID]) -> list[dict[str, str | None]]:
    """Parts of about the same size, each with the last household that it judges and the last that it has judged."""
    number = LANES if len(households) > HOUSEHOLDS_PER_CHUNK else 1
    bounds = [str(households[len(households) * place // number - 1]) for place in range(1, number)]
    return [{"after": after, "upto": upto} for after, upto in zip([None, *bounds], [*bounds, None], strict=True)]


def _part(lane: Mapping[str, str | None], households: Sequence[UUID]) -> Sequence[UUID]:
    """What a lane still has to judge. A run that goes on has taken a fresh snapshot, so others may be in it now."""
    first = bisect_right(households, UUID(lane["after"])) if lane["after"] else 0
    last = bisect_right(households, UUID(lane["upto"])) if lane["upto"] else len(households)
    return households[first:last]
