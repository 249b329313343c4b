"""Read audit entries by thing, subject and period, the newest first, inside the reader's area."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, select

from chassis.audit.schemas import AuditQuery
from chassis.audit.tables import audit_entry, audit_read, audit_seal
from chassis.clock import BUSINESS_ZONE
from chassis.database.unit_of_work import UnitOfWork


async def list_entries(unit: UnitOfWork, query: AuditQuery, after: int | None) -> Sequence[Row[Any]]:
    """One page and one entry too many, from the entry before ``after`` backwards."""
    statement = _entries(query).where(audit_entry.c.region.between(unit.area.lo, unit.area.hi))
    if after is not None:
        statement = statement.where(audit_entry.c.id < after)
    statement = statement.order_by(audit_entry.c.id.desc()).limit(query.limit + 1)
    rows: Sequence[Row[Any]] = (await unit.connection.execute(statement)).all()
    return rows


def _entries(query: AuditQuery) -> Select[Any]:
    entry = audit_entry.c
    statement = select(
        *(column for column in audit_entry.columns if column.name not in ("xid", "epoch", "digests")),
        audit_seal.c.sequence,
    ).outerjoin_from(audit_entry, audit_seal, audit_seal.c.entry_id == entry.id)
    if query.entity_id is not None:
        # Two index look-ups; an OR over both tables would read every entry.
        changes = select(entry.id).where(entry.entity_id == query.entity_id)
        reads = select(audit_read.c.entry_id).where(audit_read.c.entity_id == query.entity_id)
        statement = statement.where(entry.id.in_(changes.union(reads)))
    if query.subject is not None:
        statement = statement.where(entry.subject == query.subject)
    if query.action is not None:
        statement = statement.where(entry.action == query.action)
    if query.from_day is not None:
        statement = statement.where(entry.time >= datetime.combine(query.from_day, time.min, BUSINESS_ZONE))
    if query.to_day is not None:
        end = datetime.combine(query.to_day + timedelta(days=1), time.min, BUSINESS_ZONE)
        statement = statement.where(entry.time < end)
    return statement
