"""What is due for me, my village or a helper, and the duties behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, exists, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from chassis.security.masking import mask_name
from chassis.security.scope import Area
from services.monitoring.codes.relations import Relation
from services.monitoring.helpers.queries.listing import HELPER, PAIRING, holds_on
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.queries.one import KNOWS_NAMES
from services.monitoring.households.tables import Person
from services.monitoring.parameters import book_of
from services.monitoring.screening.actions.request_run import county_of
from services.monitoring.staff.tables import Officer
from services.monitoring.visits.duties import duties_of
from services.monitoring.visits.schemas import DuePage, DueQuery, DueRow, DutyList, DutyQuery, DutyRead
from services.monitoring.visits.tables import VisitDue
from services.monitoring.visits.visibility import HEALTH_REASONS, knows_health

DUE: Final = rows(VisitDue)
_PERSON: Final = rows(Person)
_OFFICER: Final = rows(Officer)
_OPERATION: Final = "visit_due_list"
_DAY: Final = timedelta(days=1)


async def list_dues(unit: UnitOfWork, query: DueQuery) -> DuePage:
    """One page of what is due, the earliest first, in one statement.

    :raises NotFound: if the division asked for lies outside the caller's area.
    """
    after = query.position(unit.vault.cursors, _OPERATION)
    keys = [DUE.c.due_on, DUE.c.household_id, DUE.c.reason, DUE.c.subject_id]
    found = (await unit.connection.execute(keyset(_selection(unit, query), keys, after, query.limit))).all()
    kept, cursor = next_cursor(
        found,
        query,
        unit.vault.cursors,
        _OPERATION,
        lambda row: [str(row.due_on), str(row.household_id), row.reason, str(row.subject_id)],
    )
    return DuePage(items=[_shown(unit, row) for row in kept], next_cursor=cursor)


async def list_duties(unit: UnitOfWork, query: DutyQuery) -> DutyList:
    """The duties of a county on a day.

    :raises NotFound: if the division asked for lies neither within the caller's area nor around it.
    """
    asked = query.region or unit.actor.assignment.region
    if not (unit.area.covers(Area.of(asked)) or Area.of(asked).covers(unit.area)):
        raise NotFound
    region = county_of(asked)
    on = query.on or unit.clock.today()
    duties = duties_of(await book_of(unit, region), region=region, on=on)
    return DutyList(region=region, on=on, items=[DutyRead(**duty.as_row()) for duty in duties])


def _selection(unit: UnitOfWork, query: DueQuery) -> Select[Any]:
    area, today = narrowed(unit, query.region), unit.clock.today()
    head = (
        select(_PERSON.c.name)
        .where(_PERSON.c.household_id == DUE.c.household_id, _PERSON.c.relation == Relation.HEAD)
        .where(_PERSON.c.state == "active")
        .limit(1)
        .scalar_subquery()
    )
    statement = select(DUE, head.label("head_name")).where(DUE.c.region.between(area.lo, area.hi))
    if not knows_health(unit):
        statement = statement.where(DUE.c.reason.not_in(HEALTH_REASONS))
    if query.household_id is not None:
        statement = statement.where(DUE.c.household_id == query.household_id)
    if query.reason is not None:
        statement = statement.where(DUE.c.reason == query.reason.value)
    if query.until is not None:
        statement = statement.where(DUE.c.due_on <= query.until)
    if query.is_late is not None:
        statement = statement.where(DUE.c.due_on < today if query.is_late else DUE.c.due_on >= today)
    paired = select(PAIRING.c.id).where(
        PAIRING.c.household_id == DUE.c.household_id, PAIRING.c.state == "active", holds_on(today)
    )
    if query.helper_id is not None:
        statement = statement.where(exists(paired.where(PAIRING.c.helper_id == query.helper_id)))
    if query.mine:
        own = paired.join(HELPER, HELPER.c.id == PAIRING.c.helper_id).join(
            _OFFICER, _OFFICER.c.id == HELPER.c.officer_id
        )
        statement = statement.where(exists(own.where(_OFFICER.c.subject.in_(unit.actor.works_for))))
    return statement


def _shown(unit: UnitOfWork, row: Any) -> DueRow:
    known = {name: getattr(row, name) for name in DueRow.model_fields if name != "late_since"}
    if row.head_name is not None and unit.actor.role not in KNOWS_NAMES:
        known["head_name"] = mask_name(row.head_name)
    return DueRow(**known, late_since=row.due_on + _DAY if row.due_on < unit.clock.today() else None)
