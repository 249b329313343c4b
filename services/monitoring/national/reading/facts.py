"""Make of a household's values what the file says of monitoring, income, measures and visits, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from chassis.errors import Message
from chassis.security.masking import scrub
from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.codes.visits import VisitWay
from services.monitoring.households.rules.facts import IncomeFigures
from services.monitoring.households.rules.monitoring_facts import SaidMonitoring
from services.monitoring.income.rules import Window, annual_window, last_annual_window
from services.monitoring.national.contract import MEASURES, PARTS, RISK_COLUMNS, TOTALS
from services.monitoring.national.reading.model import SaidIncome, SaidMeasure, SaidVisit

Values = Mapping[str, Any]
Refuse = Callable[[str, str, Message], None]
"""Refuses the household: the column, a code, and what to do."""

YEARS: Final = range(2000, 2101)
_UNDIVIDED: Final = {kind.group: kind for kind in IncomeLineKind if kind.is_undivided}
_MONITORED: Final = ("registered_on", "eliminated_on", "elimination_mode", "risks", *RISK_COLUMNS)

_TYPE_MISSING: Final = Message(
    "填写了监测信息，请同时填写监测对象类别。", "Give the monitoring type that this belongs to."
)
_REGISTERED_MISSING: Final = Message(
    "监测对象必须填写识别日期。", "A monitored household needs its day of registration."
)
_OVER_FIRST: Final = Message(
    "风险消除日期早于识别日期，请核对；消除后再次纳入的，不填写上一次的消除日期。",
    "The risk was eliminated before the household was registered; check both days. Of a household that was registered"
    " again leave the elimination before that out.",
)
_AFTER_TODAY: Final = Message("日期晚于今天，请核对。", "The date lies after today; check it.")
_NEGATIVE: Final = Message("金额不能为负数。", "An amount cannot be negative.")
_PARTS: Final = Message("各分项之和大于此项合计，请核对。", "The parts add up to more than this total; check them.")
_YEAR: Final = Message("请填写四位年份。", "Give a year of four digits.")
_WINDOW_OPEN: Final = Message("该年度的核算期尚未结束，请核对。", "The twelve months of this year are not over yet.")
_START_MISSING: Final = Message("填写了此项措施，请同时填写开始日期。", "Give the first day of this measure.")
_VISIT_DAY_MISSING: Final = Message("填写了走访情况，请同时填写走访日期。", "Give the day of this visit.")
_END_FIRST: Final = Message("结束日期早于开始日期，请核对。", "The measure ends before it begins; check both days.")


@dataclass(frozen=True, slots=True)
class FactReader:
    """Reads under one export's date.

    :param exported_on: the date for which the export speaks; ``today``: the business date.
    :param first_month: of the yearly update's window.
    """

    exported_on: date
    today: date
    first_month: int

    def monitoring(self, values: Values, refuse: Refuse) -> SaidMonitoring | None:
        """None if the household is not monitored, or if what is said cannot stand."""
        kind, registered_on = values["monitoring_type"], values["registered_on"]
        if kind is None:
            if any(values[name] for name in _MONITORED):
                refuse("monitoring_type", "monitoring_type_missing", _TYPE_MISSING)
            return None
        for name in ("registered_on", "eliminated_on"):
            if values[name] is not None and values[name] > self.today:
                refuse(name, "day_after_today", _AFTER_TODAY)
        if registered_on is None:
            refuse("registered_on", "required", _REGISTERED_MISSING)
            return None
        if values["eliminated_on"] is not None and values["eliminated_on"] < registered_on:
            refuse("eliminated_on", "eliminated_before_registered", _OVER_FIRST)
        risks = dict.fromkeys([*(values["risks"] or ()), *(values[name] for name in RISK_COLUMNS if values[name])])
        note = values["risk_note"]
        return SaidMonitoring(
            monitoring_type=kind,
            registered_on=registered_on,
            risks=tuple(risks) or None,
            disaster_kind=values["disaster_kind"],
            risk_note=note and scrub(note),
            eliminated_on=values["eliminated_on"],
            elimination_mode=values["elimination_mode"],
        )

    def income(self, values: Values, refuse: Refuse) -> SaidIncome | None:
        """None without a single amount, or if window or amounts cannot stand."""
        amounts = self._amounts(values, refuse)
        window = self._window(values, refuse)
        if not amounts or window is None:
            return None
        if window.last > self.today:
            refuse("income_year", "window_not_over", _WINDOW_OPEN)
            return None
        return SaidIncome(window.first, window.last, amounts)

    def measures(self, values: Values, refuse: Refuse) -> tuple[SaidMeasure, ...]:
        """Those that can stand."""
        found = []
        for columns in MEASURES:
            begun, ended, amount = values[columns.started_on], values[columns.ended_on], values[columns.amount]
            if begun is None:
                if ended is not None or amount:
                    refuse(columns.started_on, "required", _START_MISSING)
                continue
            if begun > self.today:
                refuse(columns.started_on, "day_after_today", _AFTER_TODAY)
            elif ended is not None and ended < begun:
                refuse(columns.ended_on, "measure_ends_before_it_begins", _END_FIRST)
            elif amount is not None and amount < 0:
                refuse(columns.amount, "amount_negative", _NEGATIVE)
            else:
                found.append(SaidMeasure(columns.kind, begun, ended, amount))
        return tuple(found)

    def visit(self, values: Values, refuse: Refuse) -> SaidVisit | None:
        """None if none is told, or if its day cannot stand."""
        visited_on, way, findings = values["visited_on"], values["visit_way"], values["visit_findings"]
        if visited_on is None:
            if way is not None or findings is not None:
                refuse("visited_on", "required", _VISIT_DAY_MISSING)
            return None
        if visited_on > self.today:
            refuse("visited_on", "day_after_today", _AFTER_TODAY)
            return None
        return SaidVisit(visited_on, way or VisitWay.AT_HOME, findings and scrub(findings))

    def _amounts(self, values: Values, refuse: Refuse) -> dict[IncomeLineKind, int]:
        negative = [name for name in (*TOTALS, *PARTS) if (values[name] or 0) < 0]
        for name in negative:
            refuse(name, "amount_negative", _NEGATIVE)
        amounts = {kind: values[name] for name, kind in PARTS.items() if values[name] is not None}
        for name, group in TOTALS.items():
            if values[name] is None:
                continue
            rest = values[name] - sum(fen for kind, fen in amounts.items() if kind.group is group)
            if rest < 0 and not negative:
                refuse(name, "income_parts_exceed", _PARTS)
            amounts[_UNDIVIDED[group]] = rest
        return amounts

    def _window(self, values: Values, refuse: Refuse) -> Window | None:
        year = values["income_year"]
        if year is None:
            return last_annual_window(self.exported_on, first_month=self.first_month)
        if year not in YEARS:
            refuse("income_year", "year", _YEAR)
            return None
        return annual_window(year, first_month=self.first_month)


def figures_of(values: Values) -> IncomeFigures:
    """The totals as the national form shows them; blank where neither a total nor a part is given."""
    given = {name: values[name] for name in TOTALS}
    for group in IncomeGroup:
        name = next(column for column, one in TOTALS.items() if one is group)
        parts = [values[part] for part, kind in PARTS.items() if kind.group is group and values[part] is not None]
        if given[name] is None and parts:
            given[name] = sum(parts)
    earned = [given[f"{group}_fen"] for group in ("wage", "operating_income", "property", "transfer")]
    net = None if None in earned else sum(earned) - (given["operating_expense_fen"] or 0)
    return IncomeFigures(**given, net_fen=net)
