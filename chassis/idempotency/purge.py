"""Forget answers whose thirty days are over, so that a key may be used again and the table stays small."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import TextClause, text

from chassis.jobs.sweeps import Sweep, SweepRun

KEPT: Final = timedelta(days=30)
"""How long a phone may be out of reach and still learn what became of its request; the API promises it."""

_BATCH: Final = 5_000
_FORGET: Final = text(
    """
    DELETE FROM idempotency WHERE ctid IN (
        SELECT ctid FROM idempotency WHERE time < :before ORDER BY time LIMIT :most)
    """
)


async def forget_answers(run: SweepRun) -> int:
    """Delete what is older, in chunks that each commit; answers how many went."""
    return await forget(run, _FORGET)


async def forget(run: SweepRun, statement: TextClause) -> int:
    """The same by another statement, which binds ``before`` and ``most``."""
    before = run.program.clock.system_now() - KEPT  # the phone's thirty days are days of the machine's time
    gone = _BATCH
    total = 0
    while gone == _BATCH:
        async with run.unit() as unit:
            gone = (await unit.connection.execute(statement, {"before": before, "most": _BATCH})).rowcount
        total += gone
    return total


async def _run(run: SweepRun) -> None:
    await forget_answers(run)


ANSWERS_SWEEP: Final = Sweep("idempotency.purge", _run, per_area=False)
