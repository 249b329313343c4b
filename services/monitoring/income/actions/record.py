"""Record income lines of one household, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.tables import Person
from services.monitoring.income.queries.lines import LINE, shown
from services.monitoring.income.queries.yearly import said_by_years
from services.monitoring.income.schemas import IncomeLineCreate, IncomeStatementCreate, IncomeStatementRead
from services.monitoring.income.thresholds import FIRST_MONTH
from services.monitoring.parameters import book_of

KIND: Final = "income_line"
FIELDS: Final = ("amount", "kind", "on", "person_id", "source")
_PERSON: Final = rows(Person)
_AFTER_TODAY: Final = Message("金额的日期不能晚于今天。", "An amount cannot be dated after today.")
_NOT_A_MEMBER: Final = Message("此人不是该户成员，请核对。", "This person is no member of the household; check the id.")
_ENDED: Final = Message("该户已不在册，不能再录入收支。", "The household has ended; nothing can be added to it.")


async def record_statement(unit: UnitOfWork, household_id: UUID, body: IncomeStatementCreate) -> IncomeStatementRead:
    """Record the lines of ``body`` for a household in the caller's area.

    :raises NotFound: if there is no such household.
    :raises InvalidInput: naming each line that is dated after today, names somebody else's member, or would count
        twice beside a yearly figure that was taken over.
    """
    household = await household_row(unit, household_id)
    faults = await line_faults(unit, household, body.lines)
    if faults:
        raise InvalidInput(faults=faults)
    values = [
        {
            "id": line.id or new_id(),
            "region": household.region,
            "household_id": household.id,
            "person_id": line.person_id,
            "kind": line.kind.value,
            "amount_fen": line.amount,
            "counts_on": line.counts_on,
            "source": line.source,
            "recorded_by": unit.actor.subject,
        }
        for line in body.lines
    ]
    saved = (await unit.connection.execute(insert(LINE).returning(LINE), values)).all()
    _tell(unit, saved)
    return IncomeStatementRead(household_id=household.id, lines=[shown(row) for row in saved])


async def line_faults(unit: UnitOfWork, household: Any, lines: Sequence[IncomeLineCreate]) -> list[Fault]:
    """Everything that stands against ``lines`` of this household."""
    faults = [] if household.state == "active" else [Fault("", "household_ended", _ENDED)]
    named = {line.person_id for line in lines if line.person_id is not None}
    members = await members_among(unit, household.id, named)
    today = unit.clock.today()
    first_month = (await book_of(unit, household.region)).integer(FIRST_MONTH, region=household.region, on=today)
    amounts = [(line.kind, line.counts_on) for line in lines]
    for place, (kind, year) in (await said_by_years(unit, household.id, amounts, first_month=first_month)).items():
        day = "on" if lines[place].on else "month"
        faults.append(Fault(f"/lines/{place}/{day}", "counted_in_year", _counted_in(kind, year)))
    for place, line in enumerate(lines):
        if line.counts_on > today:
            faults.append(Fault(f"/lines/{place}/{'on' if line.on else 'month'}", "line_after_today", _AFTER_TODAY))
        if line.person_id is not None and line.person_id not in members:
            faults.append(Fault(f"/lines/{place}/person_id", "not_a_member", _NOT_A_MEMBER))
    return faults


def _counted_in(kind: IncomeLineKind, year: int) -> Message:
    return Message(
        f"该户 {year} 年度的“{kind.label}”已含这一天的收支，再录会重复计算；请先撤销该年度数，再录明细。",
        f"The household's {kind.value} of the year {year} holds this day already, and it would count twice; "
        "withdraw that figure first, then record its parts.",
    )


async def members_among(unit: UnitOfWork, household_id: UUID, persons: set[UUID]) -> set[UUID]:
    """Which of ``persons`` belong, or belonged, to the household."""
    if not persons:
        return set()
    statement = select(_PERSON.c.id).where(
        _PERSON.c.household_id == household_id,
        _PERSON.c.id.in_(persons),
        _PERSON.c.region.between(unit.area.lo, unit.area.hi),
    )
    return set((await unit.connection.execute(statement)).scalars())


def _tell(unit: UnitOfWork, saved: Sequence[Any]) -> None:
    for row in saved:
        unit.record("income.record", Aggregate(KIND, row.id, row.region, row.version), fields=FIELDS)
