"""Review a household's income for 低保, with the area's numbers of the day."""

from __future__ import annotations

from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.households.queries.one import household_row
from services.monitoring.income.low_income import review
from services.monitoring.income.queries.statement import shown_window, stated_income
from services.monitoring.income.rules import MONTHS, PerCapita, decision_window
from services.monitoring.income.schemas import LowIncomeLine, LowIncomeQuery, LowIncomeReview
from services.monitoring.parameters import book_of
from services.monitoring.registers.thresholds import EXCLUDED_INCOME, SUBSISTENCE_STANDARD, WORKING_COST_PERCENT


async def review_low_income(unit: UnitOfWork, household_id: UUID, query: LowIncomeQuery) -> LowIncomeReview:
    """What of a household's income counts for 低保 on a day.

    :raises NotFound: if there is no such household in the caller's area.
    :raises StateRefused: if it had no members on that day.
    """
    household = await household_row(unit, household_id)
    on = query.on or unit.clock.today()
    where = {"region": household.region, "on": on}
    book = await book_of(unit, household.region)
    excluded = [IncomeLineKind(kind) for kind in book.row(EXCLUDED_INCOME, **where).value]
    percent = book.integer(WORKING_COST_PERCENT, **where)
    standard = book.money_fen(SUBSISTENCE_STANDARD, **where)
    stated = await stated_income(unit, household_id, decision_window(on), members_on=on)
    made = review(
        stated.statement.lines,
        members=stated.statement.members,
        excluded=frozenset(excluded),
        working_cost_percent=percent,
    )
    return LowIncomeReview(
        household_id=household_id,
        window=shown_window(stated.statement.window),
        members=made.members,
        lines=[
            LowIncomeLine(
                line_id=UUID(one.line.id),
                kind=one.line.kind,
                on=one.line.on,
                amount=one.line.amount_fen,
                treatment=one.treatment,
                counted=one.counted_fen,
            )
            for one in made.lines
        ],
        counted=made.counted_fen,
        per_month=PerCapita(made.counted_fen, made.members * MONTHS).rounded_fen,
        standard=standard,
        is_below_standard=made.is_below(standard),
        excluded_kinds=excluded,
        working_cost_percent=percent,
    )
