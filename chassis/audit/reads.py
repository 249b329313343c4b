"""Keep who read personal values, which and what for: one entry per request, committed before the values leave.

Log of sensitive reads (clause F6). The route takes its unit by ``writes(…)``: what ``reads(…)`` opens is rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import context_parameters

READ_IDS_MAX: Final = 1000

_READ: Final = text(
    """
    WITH entry AS (
        INSERT INTO audit_entry (business_date, subject, assignment, role, action, kind, entity_id, version, region,
                                 fields, reason, trace_id, read_ids)
        VALUES (:business_date, :subject, :assignment, :role, :action, :kind, :request, 0, :region,
                CAST(:fields AS text[]), :reason, :trace_id, CAST(:ids AS uuid[]))
        RETURNING id, region
    )
    INSERT INTO audit_read (entity_id, entry_id, region)
    SELECT DISTINCT read.id, entry.id, entry.region FROM entry CROSS JOIN unnest(CAST(:ids AS uuid[])) AS read(id)
    """
)


async def sensitive_read(
    unit: UnitOfWork, action: str, kind: str, ids: Sequence[UUID], purpose: str, *, fields: Sequence[str] = ()
) -> None:
    """Write the entry of one request that reads personal values.

    :param action: what was done, such as ``person.unmask``; ``kind``: what ``ids`` are ids of.
    :param purpose: what for, in the reader's words; never empty.
    :param fields: names of the fields that were shown.
    :raises ValueError: without a purpose, or for more than 1,000 ids: page the request.
    """
    if not purpose.strip():
        raise ValueError("a sensitive read needs a purpose")
    if len(ids) > READ_IDS_MAX:
        raise ValueError(f"a request may read at most {READ_IDS_MAX} sensitive records; page it")
    context = context_parameters(
        unit.actor, business_date=unit.clock.today(), traceparent=unit.traceparent, reason=purpose
    )
    del context["traceparent"]
    await unit.connection.execute(
        _READ,
        {
            **context,
            "action": action,
            "kind": kind,
            "request": new_id(),
            "region": unit.actor.assignment.region,
            "fields": list(fields),
            "ids": list(ids),
        },
    )
