"""Which guarantees of households hold on a day: one statement, however many are asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.monitoring import GuaranteeAnswer, GuaranteeItem
from services.monitoring.guarantees.rules.standing import Check, Guarantees, latest
from services.monitoring.guarantees.schemas import GuaranteeCheckRead
from services.monitoring.guarantees.tables import GuaranteeCheck
from services.monitoring.households.queries.one import KNOWS_HEALTH

CHECK: Final = rows(GuaranteeCheck)


async def guarantees_of(unit: UnitOfWork, household_ids: Sequence[UUID], *, on: date) -> Mapping[UUID, Guarantees]:
    """By household, the answers that hold on ``on``; a household without any check is there with nothing answered."""
    checks: dict[UUID, list[Check]] = {household: [] for household in household_ids}
    for row in await latest_rows(unit, household_ids, on=on):
        checks[row.household_id].append(check_of(row))
    return {household: latest(known, on=on) for household, known in checks.items()}


async def latest_rows(unit: UnitOfWork, household_ids: Sequence[UUID], *, on: date) -> Sequence[Any]:
    """The rows that decide on ``on``: of each household and item the last active one."""
    statement = (
        select(CHECK)
        .ext(distinct_on(CHECK.c.household_id, CHECK.c.item))
        .where(
            CHECK.c.household_id.in_(household_ids),
            in_area(unit),
            CHECK.c.state == "active",
            CHECK.c.checked_on <= on,
        )
        .order_by(
            CHECK.c.household_id,
            CHECK.c.item,
            CHECK.c.checked_on.desc(),
            CHECK.c.recorded_at.desc(),
            CHECK.c.id.desc(),
        )
    )
    return (await unit.connection.execute(statement)).all()


def check_of(row: Any) -> Check:
    """A stored check as it decides."""
    return Check(
        row.id, GuaranteeItem(row.item), GuaranteeAnswer(row.answer), row.checked_on, row.source, row.recorded_at
    )


def in_area(unit: UnitOfWork) -> ColumnElement[bool]:
    """State the range in the query itself; the policy is the backstop."""
    return CHECK.c.region.between(unit.area.lo, unit.area.hi)


def shown(unit: UnitOfWork, row: Any) -> GuaranteeCheckRead:
    """A stored check as the caller may see it."""
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    plain = {name: known[name] for name in GuaranteeCheckRead.model_fields if name in known}
    if unit.actor.role not in KNOWS_HEALTH:
        plain["evidence"] = None
    return GuaranteeCheckRead(**plain)
