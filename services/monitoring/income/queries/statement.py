"""Work out a household's income over a named window, with every line that went into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, StateRefused
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.households.queries.one import household_row
from services.monitoring.income.queries.lines import LINE, in_area, shown
from services.monitoring.income.rules import (
    IncomeLine,
    PerCapita,
    Statement,
    Window,
    WindowKind,
    annual_window,
    decision_window,
    last_annual_window,
    statement,
)
from services.monitoring.income.schemas import IncomeQuery, IncomeRatio, IncomeRead, IncomeTotal, IncomeWindow
from services.monitoring.income.thresholds import FIRST_MONTH
from services.monitoring.parameters import book_of

_NO_MEMBERS: Final = Message("该户当日没有成员，无法计算人均。", "The household had no members on that day.")
_YEAR_UNFIT: Final = Message("入户、退出核算请填 on，不填 year。", "Give `on`, not `year`, for the entry window.")
_DAY_UNFIT: Final = Message("年度核算请填 year，不填 on。", "Give `year`, not `on`, for the annual window.")

# The state that held on the day; for a household registered later, the first that is known.
_HOMES: Final = text(
    """
    SELECT DISTINCT ON (id) id, member_count, is_lifted, valid_from FROM (
        SELECT id, version, member_count, is_lifted, valid_from
        FROM household WHERE id = ANY(CAST(:ids AS uuid[])) AND region BETWEEN :lo AND :hi
        UNION ALL
        SELECT id, version, CAST(document ->> 'member_count' AS smallint),
               CAST(document ->> 'is_lifted' AS boolean), valid_from
        FROM household_history WHERE id = ANY(CAST(:ids AS uuid[])) AND region BETWEEN :lo AND :hi
    ) AS state
    ORDER BY id, valid_from <= :on DESC, CASE WHEN valid_from <= :on THEN -version ELSE version END
    """
)


async def read_income(unit: UnitOfWork, household_id: UUID, query: IncomeQuery) -> IncomeRead:
    """The statement of the window that ``query`` names.

    Members are those of the decision's day, or of the annual window's last day.

    :raises NotFound: if there is no such household in the caller's area.
    :raises InvalidInput: if day and window do not go together.
    :raises ParameterMissing: if no first month of the annual window is in force; StateRefused: without members.
    """
    faults = []
    if query.window_kind is WindowKind.DECISION and query.year is not None:
        faults.append(Fault("year", "window_unfit", _YEAR_UNFIT))
    if query.window_kind is WindowKind.ANNUAL and query.on is not None:
        faults.append(Fault("on", "window_unfit", _DAY_UNFIT))
    if faults:
        raise InvalidInput(faults=faults)
    household = await household_row(unit, household_id)
    window, day = await _window(unit, household.region, query)
    return (await stated_income(unit, household_id, window, members_on=day)).shown()


@dataclass(frozen=True, slots=True)
class StatedIncome:
    """A statement with what it was made of.

    :param is_lifted: what the household was on the day whose members were counted.
    :param rows: the stored lines of the window; ``members_on``: the day whose household was counted.
    """

    household_id: UUID
    statement: Statement
    is_lifted: bool
    members_on: date
    rows: Sequence[Any]

    def shown(self) -> IncomeRead:
        """As it is handed out."""
        return _shown(self.household_id, self.statement, self.rows, self.members_on)


async def stated_income(unit: UnitOfWork, household_id: UUID, window: Window, *, members_on: date) -> StatedIncome:
    """The statement of a household of the caller's area over ``window``, for whoever decides.

    :raises StateRefused: if it had no members on ``members_on``.
    """
    return (await stated_incomes(unit, [household_id], window, members_on=members_on))[household_id]


async def stated_incomes(
    unit: UnitOfWork, household_ids: Sequence[UUID], window: Window, *, members_on: date
) -> Mapping[UUID, StatedIncome]:
    """The same for many households of the caller's area, in two statements.

    :raises StateRefused: if one had no members on ``members_on``.
    """
    binds = {"ids": list(household_ids), "lo": unit.area.lo, "hi": unit.area.hi, "on": members_on}
    homes = (await unit.connection.execute(_HOMES, binds)).all()
    if any(home.member_count < 1 for home in homes):
        raise StateRefused(faults=[Fault("", "household_without_members", _NO_MEMBERS)])
    found: dict[UUID, list[Any]] = {home.id: [] for home in homes}
    for row in await _rows(unit, household_ids, window):
        found[row.household_id].append(row)
    return {
        home.id: StatedIncome(
            home.id,
            statement(map(_line_of, found[home.id]), window=window, members=home.member_count),
            home.is_lifted,
            max(members_on, home.valid_from),
            found[home.id],
        )
        for home in homes
    }


async def _window(unit: UnitOfWork, region: int, query: IncomeQuery) -> tuple[Window, date]:
    today = unit.clock.today()
    if query.window_kind is WindowKind.DECISION:
        day = query.on or today
        return decision_window(day), day
    book = await book_of(unit, region)
    on = today if query.year is None else date(query.year, 12, 31)
    first_month = book.integer(FIRST_MONTH, region=region, on=on)
    window = (
        last_annual_window(today, first_month=first_month)
        if query.year is None
        else annual_window(query.year, first_month=first_month)
    )
    return window, window.last


async def _rows(unit: UnitOfWork, household_ids: Sequence[UUID], window: Window) -> list[Any]:
    statement_ = select(LINE).where(
        LINE.c.household_id.in_(household_ids),
        in_area(unit),
        LINE.c.counts_on.between(window.first, window.last),
        LINE.c.state == "active",
    )
    return list((await unit.connection.execute(statement_)).all())


def _line_of(row: Any) -> IncomeLine:
    return IncomeLine(str(row.id), IncomeLineKind(row.kind), row.amount_fen, row.counts_on, row.source)


def _shown(household_id: UUID, made: Statement, found: Sequence[Any], counted_on: date) -> IncomeRead:
    by_id = {str(row.id): row for row in found}
    return IncomeRead(
        household_id=household_id,
        window=shown_window(made.window),
        members=made.members,
        members_on=counted_on,
        totals=[IncomeTotal(group=group, amount=amount) for group, amount in made.totals_fen.items()],
        net=made.net_fen,
        ref=made.ref_fen,
        pc_net=_ratio(made.pc_net, made.window.last),
        pc_ref=_ratio(made.pc_ref, made.window.last),
        lines=[shown(by_id[line_id]) for line_id in made.line_ids],
    )


def shown_window(window: Window) -> IncomeWindow:
    """A window as it is handed out."""
    kind = "entry" if window.kind is WindowKind.DECISION else "annual"
    return IncomeWindow(kind=kind, first=window.first, last=window.last)


def _ratio(share: PerCapita, on: date) -> IncomeRatio:
    return IncomeRatio(numerator=share.numerator_fen, members=share.members, rounded=share.rounded_fen, on=on)
