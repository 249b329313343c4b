"""Hand all that an officer has in hand over to another at once; posts, and so areas, are staff's own business.

What waits for somebody follows from an area and from pairings (see :mod:`services.monitoring.todo`), so moving the
pairings moves the to-dos.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.scope import Area
from services.monitoring.helpers.actions.pair import hand_over
from services.monitoring.helpers.queries.listing import HELPER, is_near
from services.monitoring.helpers.schemas import HandOver, OfficerHandOver, PairingsMade
from services.monitoring.staff.tables import Officer

_OFFICER: Final = rows(Officer)
_NO_SUCH: Final = Message("没有这位干部，请核对。", "There is no such officer; check the id.")


async def hand_over_officer(unit: UnitOfWork, officer_id: UUID, body: OfficerHandOver) -> PairingsMade:
    """Every household of the caller's area that the officer helps goes to the other one, who need not be a helper yet.

    :raises NotFound: if the officer helps no household of the caller's area on that day.
    :raises InvalidInput: to somebody who is no officer, or holds no post on that day, or to the same one.
    """
    found = select(HELPER).where(HELPER.c.officer_id == officer_id, is_near(unit))
    former = (await unit.connection.execute(found)).one_or_none()
    if former is None:
        raise NotFound
    heir = await _helper(unit, body.to_officer_id, former)
    told = Aggregate("helper", former.id, _answering(unit, former.scope), version=0)
    given = HandOver(to_helper_id=heir, on=body.on, reason=body.reason)
    made = await hand_over(unit, former.id, given, pointer="/to_officer_id")
    unit.record("officer.hand_over", told, fields=("households",), reason=body.reason)
    return made


async def _helper(unit: UnitOfWork, officer_id: UUID, former: Any) -> UUID:
    """The other officer as a helper; made one where nobody did that yet."""
    name = (await unit.connection.execute(select(_OFFICER.c.name).where(_OFFICER.c.id == officer_id))).scalar()
    if name is None:
        raise InvalidInput(faults=[Fault("/to_officer_id", "officer_unknown", _NO_SUCH)])
    scope = _answering(unit, former.scope)
    values = {
        "id": new_id(),
        "scope": scope,
        "kind": "officer",
        "officer_id": officer_id,
        "name": name,
        "unit_name": former.unit_name,
        "recorded_by": unit.actor.subject,
    }
    made = (
        insert(HELPER)
        .values(values)
        .on_conflict_do_nothing(index_elements=["officer_id"], index_where=text("officer_id IS NOT NULL"))
    )
    helper = (await unit.connection.execute(made.returning(HELPER.c.id))).scalar()
    if helper is not None:
        unit.record("helper.register", Aggregate("helper", helper, scope, version=0), fields=("kind", "name"))
        return UUID(str(helper))
    known = await unit.connection.execute(select(HELPER.c.id).where(HELPER.c.officer_id == officer_id))
    return UUID(str(known.scalar_one()))


def _answering(unit: UnitOfWork, scope: int) -> int:
    """The division that answers: the former's, or the caller's own where a level above had sent the former."""
    return scope if unit.area.covers(Area.of(scope)) else unit.actor.assignment.region
