"""Read what papers say of many households: one statement for each kind of fact, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Level
from chassis.types import fen_to_yuan
from services.monitoring.cases.queries.rows import CASE, division_at
from services.monitoring.classification.parameters import type_labels
from services.monitoring.codes.monitoring import MonitoringType
from services.monitoring.codes.persons import Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.households.tables import Person
from services.monitoring.income.queries.lines import LINE
from services.monitoring.income.rules import Window, last_annual_window
from services.monitoring.income.thresholds import FIRST_MONTH
from services.monitoring.measures.queries.given import GivenMeasure, measures_of
from services.monitoring.paper.queries import numbers
from services.monitoring.paper.queries.helped_by import HelperKnown, helpers_of
from services.monitoring.paper.queries.national_values import household_values, member_values
from services.monitoring.paper.queries.places import names_of, office_of
from services.monitoring.paper.queries.visited import last_visits
from services.monitoring.paper.rules.facts import HouseholdFacts, MeasureFacts, MemberFacts, Office
from services.monitoring.paper.rules.public import public_reason
from services.monitoring.parameters import book_of

PERSON: Final = rows(Person)


async def household_facts(
    unit: UnitOfWork, households: Sequence[Any], *, whole: bool
) -> tuple[dict[UUID, HouseholdFacts], list[UUID]]:
    """The facts of each household today, and the ids of the persons that they name.

    :param households: rows of the caller's area.
    :param whole: whether numbers are whole; then the caller keeps the read in the audit log.
    """
    today = unit.clock.today()
    ids = [row.id for row in households]
    members = _grouped(await _all(unit, PERSON, ids, PERSON.c.state == "active", order=_IN_A_HOUSEHOLD))
    cases = {
        row.household_id: row  # the latest one comes last
        for row in await _all(unit, CASE, ids, order=(CASE.c.household_id, CASE.c.id))
    }
    measures = await measures_of(unit, ids, on=today)
    visits = await last_visits(unit, ids)
    villages = {row.region for row in households}
    names = await names_of(unit, villages, today)
    offices = {village: await office_of(unit, village, today) for village in villages}
    windows = {village: await _window(unit, village, today) for village in villages}
    income = await _income(unit, households, windows)
    labels = {village: type_labels(await book_of(unit, village), region=village, on=today) for village in villages}
    helpers = await helpers_of(unit, households, {key: case.help_person for key, case in cases.items()})
    made = {}
    for row in households:
        case = cases.get(row.id)
        made[row.id] = _facts(
            unit,
            row,
            members.get(row.id, ()),
            case=case,
            measures=measures[row.id],
            visit=visits.get(row.id),
            names=names,
            office=offices[row.region],
            year=windows[row.region].last.year,
            income_fen=income.get(row.id, {}),
            helper=helpers[row.id],
            labels=labels[row.region],
            whole=whole,
        )
    return made, [one.id for group in members.values() for one in group]


async def members_of(unit: UnitOfWork, households: Sequence[UUID]) -> list[UUID]:
    """The ids of the persons that papers of ``households`` name today."""
    found = select(PERSON.c.id).where(
        PERSON.c.household_id.in_(households),
        PERSON.c.region.between(unit.area.lo, unit.area.hi),
        PERSON.c.state == "active",
    )
    return list((await unit.connection.execute(found.order_by(*_IN_A_HOUSEHOLD))).scalars())


_IN_A_HOUSEHOLD: Final = (PERSON.c.household_id, PERSON.c.relation, PERSON.c.birth_date, PERSON.c.id)


def _facts(
    unit: UnitOfWork,
    row: Any,
    members: Sequence[Any],
    *,
    case: Any,
    measures: Sequence[GivenMeasure],
    visit: Any,
    names: Mapping[int, str],
    office: Office,
    year: int,
    income_fen: Mapping[str, int],
    helper: HelperKnown,
    labels: Mapping[MonitoringType, str],
    whole: bool,
) -> HouseholdFacts:
    county, town, village = (
        names.get(division_at(row.region, level), "") for level in (Level.COUNTY, Level.TOWN, Level.VILLAGE)
    )
    phone = numbers.phone(unit.vault, row.contact_phone, row=row.id, whole=whole, of_household=True)
    heads = [one.name for one in members if one.relation == Relation.HEAD.value] or [one.name for one in members]
    return HouseholdFacts(
        county=county,
        town=town,
        village=village,
        head=heads[0] if heads else "",
        address=row.address or "",
        phone=phone,
        members=tuple(_member(unit, one, whole=whole) for one in members),
        monitoring_type="" if row.monitoring_type is None else labels[MonitoringType(row.monitoring_type)],
        reason=public_reason(row.risks or (case.risks if case is not None else ())).value,
        registered_on=row.registered_on,
        helper=helper.name,
        helper_phone=helper.phone,
        measures=tuple(_measure(one) for one in measures),
        office=office,
        national=household_values(
            row,
            phone=phone,
            town=town,
            village=village,
            contact=helper.name,
            year=year,
            income_fen=income_fen,
            measures=measures,
            visit=visit,
            case=case,
        ),
    )


def _member(unit: UnitOfWork, row: Any, *, whole: bool) -> MemberFacts:
    return MemberFacts(
        name=row.name,
        relation=Relation(row.relation).label,
        sex=Sex(row.sex).label,
        birth_date=row.birth_date,
        identity_number=numbers.identity_number(unit.vault, row, whole=whole),
        phone=numbers.phone(unit.vault, row.phone, row=row.id, whole=whole),
        national=member_values(unit.vault, row, whole=whole),
    )


def _measure(row: GivenMeasure) -> MeasureFacts:
    amount = "" if row.amount_fen is None else fen_to_yuan(row.amount_fen)
    return MeasureFacts(row.kind.label, row.started_on, row.ended_on, amount)


async def _all(
    unit: UnitOfWork, table: Any, ids: Sequence[UUID], *conditions: Any, order: Sequence[Any]
) -> Sequence[Any]:
    statement = select(table).where(
        table.c.household_id.in_(ids), table.c.region.between(unit.area.lo, unit.area.hi), *conditions
    )
    return (await unit.connection.execute(statement.order_by(*order))).all()


def _grouped(found: Iterable[Any]) -> dict[UUID, list[Any]]:
    groups: dict[UUID, list[Any]] = {}
    for row in found:
        groups.setdefault(row.household_id, []).append(row)
    return groups


async def _window(unit: UnitOfWork, village: int, today: date) -> Window:
    book = await book_of(unit, village)
    return last_annual_window(today, first_month=book.integer(FIRST_MONTH, region=village, on=today))


async def _income(
    unit: UnitOfWork, households: Sequence[Any], windows: Mapping[int, Window]
) -> dict[UUID, dict[str, int]]:
    """Sums by household and kind, in 分; villages whose year begins with the same month share a statement."""
    told: dict[UUID, dict[str, int]] = {}
    for window in set(windows.values()):
        ids = [row.id for row in households if windows[row.region] == window]
        statement = (
            select(LINE.c.household_id, LINE.c.kind, func.sum(LINE.c.amount_fen).label("fen"))
            .where(
                LINE.c.household_id.in_(ids),
                LINE.c.region.between(unit.area.lo, unit.area.hi),
                LINE.c.state == "active",
                LINE.c.counts_on.between(window.first, window.last),
            )
            .group_by(LINE.c.household_id, LINE.c.kind)
            .order_by(LINE.c.household_id, LINE.c.kind)
        )
        for row in await unit.connection.execute(statement):
            told.setdefault(row.household_id, {})[row.kind] = int(row.fen)
    return told
