"""Let a household take its consent back."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.consents.queries.listing import TABLE, consent_row, show_consent
from services.monitoring.consents.queries.standing import CONSENT
from services.monitoring.consents.schemas import ConsentRead, ConsentWithdraw

_WITHDRAWN: Final = Message("这份授权已撤回。", "This consent was withdrawn already.")


async def withdraw_consent(unit: UnitOfWork, consent_id: UUID, body: ConsentWithdraw, *, version: int) -> ConsentRead:
    """End a consent from a day on; what was asked under it before stays as it was.

    :raises NotFound: if there is none in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await consent_row(unit, consent_id, lock=True)
    require_version(version, row.version)
    today = unit.clock.today()
    on = body.on or today
    faults = []
    if row.withdrawn_on is not None:
        faults.append(Fault("", "already_withdrawn", _WITHDRAWN))
    if not row.signed_on <= on <= today:
        message = Message(
            f"撤回日期应在 {row.signed_on} 至 {today} 之间。", f"Give a day from {row.signed_on} to {today}."
        )
        faults.append(Fault("/on", "withdrawal_out_of_bounds", message))
    if faults:
        raise StateRefused(faults=faults)
    values = {"withdrawn_on": on, "withdrawn_reason": body.reason, "version": row.version + 1}
    statement = update(CONSENT).where(CONSENT.c.id == row.id).values(values).returning(CONSENT)
    changed = (await unit.connection.execute(statement)).one()
    aggregate = Aggregate(TABLE, changed.id, changed.region, changed.version)
    unit.record("consent.withdraw", aggregate, fields=["withdrawn_on"], reason=body.reason)
    return show_consent(unit, changed, on=today)
