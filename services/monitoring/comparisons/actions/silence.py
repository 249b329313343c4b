"""Record that a department did not answer in time, so that the county can go on (clause B8)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.comparisons.queries.one import show_request
from services.monitoring.comparisons.queries.requests import KIND, REQUEST, request_row
from services.monitoring.comparisons.rules import refusal_of_silence
from services.monitoring.comparisons.schemas import ComparisonRequestRead
from services.monitoring.datasets.contracts.departments import DEPARTMENTS

NOT_OPEN: Final = Message("该请求已不再等待反馈。", "The request waits for no answer any more.")


async def record_silence(unit: UnitOfWork, request_id: UUID, *, version: int) -> ComparisonRequestRead:
    """Note "not answered by <department>" on a request whose due has passed.

    :raises NotFound: if there is none in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it is not open, or its due has not passed: the error names the date.
    """
    row = await request_row(unit, request_id, lock=True)
    require_version(version, row.version)
    now = unit.clock.business_now()
    faults = [] if row.state == "open" else [Fault("", "not_open", NOT_OPEN)]
    early = refusal_of_silence(DEPARTMENTS[row.department], row.due_at, now)
    if early is not None:
        faults.append(early)
    if faults:
        raise StateRefused(faults=faults)
    values = {"state": "not_answered", "ended_by": unit.actor.subject, "ended_at": now, "version": row.version + 1}
    statement = update(REQUEST).where(REQUEST.c.id == row.id).values(values).returning(REQUEST)
    changed = (await unit.connection.execute(statement)).one()
    aggregate = Aggregate(KIND, changed.id, changed.region, changed.version)
    unit.record("comparison.record_silence", aggregate, fields=["ended_by", "state"])
    return await show_request(unit, changed)
