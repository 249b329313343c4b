"""Forget operations whose thirty days are over, as the answers under an Idempotency-Key are forgotten."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from chassis.idempotency.purge import forget
from chassis.jobs.sweeps import Sweep, SweepRun

_FORGET: Final = text(
    """
    DELETE FROM operation WHERE ctid IN (
        SELECT ctid FROM operation WHERE time < :before ORDER BY time LIMIT :most)
    """
)


async def _run(run: SweepRun) -> None:
    await forget(run, _FORGET)


OPERATIONS_SWEEP: Final = Sweep("operations.purge", _run, per_area=False)
