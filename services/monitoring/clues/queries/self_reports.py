"""Self-reports that wait for a town to say whose they are."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.audit.reads import sensitive_read
from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from chassis.identity_numbers import IdentityNumber, Phone
from chassis.security.masking import mask_name, mask_other
from services.monitoring.clues.self_report_schemas import (
    SelfReportPage,
    SelfReportQuery,
    SelfReportRead,
    SelfReportState,
)
from services.monitoring.clues.tables import SelfReport
from services.monitoring.households.queries.one import KNOWS_NAMES

SELF_REPORT: Final = rows(SelfReport)
_OPERATION: Final = "self_report_list"
PERSONAL: Final = ("description", "name")
_TABLE: Final = "self_report"


async def list_self_reports(unit: UnitOfWork, query: SelfReportQuery) -> SelfReportPage:
    """One page of the caller's area, kept in the log of sensitive reads: people tell of illness in their own words."""
    statement = select(SELF_REPORT).where(
        SELF_REPORT.c.region.between(unit.area.lo, unit.area.hi), SELF_REPORT.c.state == query.state.value
    )
    if query.reason is not None:
        statement = statement.where(SELF_REPORT.c.refusal_reason == query.reason.value)
    after = query.position(unit.vault.cursors, _OPERATION)
    found = (await unit.connection.execute(keyset(statement, [SELF_REPORT.c.id], after, query.limit))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, _OPERATION, lambda row: [str(row.id)])
    ids = [row.id for row in kept if _is_worked_with(row)]
    if ids:
        await sensitive_read(unit, "self_report.list", _TABLE, ids, "match to households", fields=list(PERSONAL))
    return SelfReportPage(items=[show_self_report(unit, row) for row in kept], next_cursor=cursor)


async def self_report_row(unit: UnitOfWork, report_id: UUID, *, lock: bool = False) -> Any:
    """The row of a self-report in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(SELF_REPORT).where(
        SELF_REPORT.c.id == report_id, SELF_REPORT.c.region.between(unit.area.lo, unit.area.hi)
    )
    row = (await unit.connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


def show_self_report(unit: UnitOfWork, row: Any) -> SelfReportRead:
    """A self-report: numbers masked; name and words whole for who works with these families, hidden for others.

    Of one that is of nobody here, nobody needs to know more than by what it was looked for.
    """
    knows = unit.actor.role in KNOWS_NAMES
    name, said = opened(unit, row, "name") or "", opened(unit, row, "description") or ""
    if not (knows and _is_worked_with(row)):
        name, said = mask_name(name), mask_other(said)
    phone, number = opened(unit, row, "phone"), opened(unit, row, "identity_number")
    known = ("id", "region", "channel", "state", "received_on", "handed_from", "hit_id", "decided_on", "version")
    return SelfReportRead(
        **{name: getattr(row, name) for name in known},
        name=name,
        phone_masked=Phone.parse(phone).masked if phone else None,
        identity_number_masked=IdentityNumber(number).masked if number else None,
        description=said,
        reason=row.refusal_reason,
        note=row.outcome_note if knows else None,
    )


def _is_worked_with(row: Any) -> bool:
    return bool(row.state != SelfReportState.NOT_OURS.value)


def opened(unit: UnitOfWork, row: Any, column: str) -> str | None:
    """What was sealed in a column, or None."""
    sealed = getattr(row, column)
    if sealed is None:
        return None
    return unit.vault.encryptor.open(bytes(sealed), table=_TABLE, column=column, row=row.id)
