"""The list that a cadre works with and the search that an officer needs, in one statement a page."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, any_, collate, false, literal, select

from chassis.audit.reads import sensitive_read
from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from chassis.security.masking import mask_name
from chassis.security.scope import Area
from chassis.types import clean
from services.monitoring.codes.monitoring import HEALTH_RISKS
from services.monitoring.codes.relations import Relation
from services.monitoring.households.queries.one import KNOWS_HEALTH, KNOWS_NAMES, shown_risks
from services.monitoring.households.schemas import HouseholdPage, HouseholdQuery, HouseholdRow
from services.monitoring.households.tables import Household, Person

OPERATION: Final = "household_list"
_HOUSEHOLD: Final = rows(Household)
_PERSON: Final = rows(Person)
UNSAID: Final = "按姓名查找"
"""What a search by name is kept with if its reader says no purpose."""

LAST_SIGN: Final = "\U0010ffff"


async def list_households(unit: UnitOfWork, query: HouseholdQuery) -> HouseholdPage:
    """One page, by region and id; a search by name is audited with whom it found.

    :raises NotFound: if the division asked for lies outside the caller's area.
    """
    area = narrowed(unit, query.region)
    statement = _selection(query, area)
    if query.risk in HEALTH_RISKS and unit.actor.role not in KNOWS_HEALTH:
        statement = statement.where(false())  # a filter must not tell what the household itself hides
    after = query.position(unit.vault.cursors, OPERATION)
    statement = keyset(statement, [_HOUSEHOLD.c.region, _HOUSEHOLD.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, OPERATION, lambda row: [row.region, str(row.id)])
    if query.name is not None:
        # A search by name says whose household it is, also to who is shown names masked: kept as every search for a
        # person is. The list without one is daily work.
        ids = [row.id for row in kept]
        await sensitive_read(unit, "household.search", "household", ids, query.purpose or UNSAID, fields=["name"])
    return HouseholdPage(items=[_shown(unit, row) for row in kept], next_cursor=cursor)


def narrowed(unit: UnitOfWork, region: int | None) -> Area:
    """The caller's area, or the division inside it that was asked for.

    :raises NotFound: if it lies outside.
    """
    if region is None:
        return unit.area
    asked = Area.of(region)
    if not unit.area.covers(asked):
        raise NotFound
    return asked


def _selection(query: HouseholdQuery, area: Area) -> Select[Any]:
    head = (
        select(_PERSON.c.name)
        .where(
            _PERSON.c.household_id == _HOUSEHOLD.c.id, _PERSON.c.relation == Relation.HEAD, _PERSON.c.state == "active"
        )
        .limit(1)
        .scalar_subquery()
    )
    columns = [_HOUSEHOLD.c[name] for name in HouseholdRow.model_fields if name in _HOUSEHOLD.c]
    statement = select(*columns, head.label("head_name")).where(
        _HOUSEHOLD.c.region.between(area.lo, area.hi), _HOUSEHOLD.c.state == query.state
    )
    if query.is_lifted is not None:
        statement = statement.where(_HOUSEHOLD.c.is_lifted.is_(query.is_lifted))
    if query.monitoring_type is not None:
        statement = statement.where(_HOUSEHOLD.c.monitoring_type == query.monitoring_type)
    if query.risk is not None:
        statement = statement.where(literal(query.risk.value) == any_(_HOUSEHOLD.c.risks))
    if query.name is not None:
        prefix = clean(query.name)
        name = collate(_PERSON.c.name, "C")
        members = select(_PERSON.c.household_id).where(
            _PERSON.c.region.between(area.lo, area.hi), name >= prefix, name < prefix + LAST_SIGN
        )
        statement = statement.where(_HOUSEHOLD.c.id.in_(members))
    return statement


def _shown(unit: UnitOfWork, row: Any) -> HouseholdRow:
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    shown = {name: known[name] for name in HouseholdRow.model_fields}
    shown["risks"] = shown_risks(unit, row.risks)
    if shown["head_name"] is not None and unit.actor.role not in KNOWS_NAMES:
        shown["head_name"] = mask_name(shown["head_name"])
    return HouseholdRow(**shown)
