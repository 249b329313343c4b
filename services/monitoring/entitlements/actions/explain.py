"""Let a department say why nothing is owed, though a policy's condition holds."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Language, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.entitlements.actions.settle import KIND
from services.monitoring.entitlements.queries.sheet import ENTITLEMENT, entitlement_row, show_entitlements
from services.monitoring.entitlements.schemas import EntitlementRead, GapExplain

_NO_GAP: Final = Message("只有未享受的政策可以说明原因。", "Only a gap can be explained.")


async def explain_gap(
    unit: UnitOfWork, entitlement_id: UUID, body: GapExplain, *, version: int, language: Language
) -> EntitlementRead:
    """The gap, explained; it speaks again only after the benefit was received and is owed anew.

    :raises NotFound: if it is not in the caller's area, or another department's; VersionStale: if it changed.
    :raises StateRefused: if it is no gap.
    """
    row = await entitlement_row(unit, entitlement_id, lock=True)
    require_version(version, row.version)
    if row.state != "missing":
        raise StateRefused(faults=[Fault("", "no_gap", _NO_GAP)])
    values = {
        "state": "explained",
        "state_since": unit.clock.today(),
        "explanation": body.explanation,
        "version": row.version + 1,
    }
    statement = update(ENTITLEMENT).where(ENTITLEMENT.c.id == row.id).values(values).returning(ENTITLEMENT)
    changed = (await unit.connection.execute(statement)).one()
    told = Aggregate(KIND, changed.id, changed.region, changed.version)
    unit.record("entitlement.explain", told, fields=("explanation", "state"))
    [shown] = await show_entitlements(unit, [changed], language)
    return shown
