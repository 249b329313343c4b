"""What is due to a person in a month or year, what they got, and what is missing: written once for every benefit.

Due goes by dated facts (class, certificate, monitoring, age on the period's last day) and by the numbers of the area in
force on its first, so that a file which comes late still changes the period that it is about. What the registry says
undated, such as an illness, counts as of now for the periods that are still added up; older ones stay as they were.
"""

# ruff: noqa: S608  # every name put into a query is a constant of a register's module
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from chassis.parameters.reader import ParameterMissing
from services.monitoring.codes.code_list import CodeList
from services.monitoring.registers.described import FactField, FindingRule, Lookup
from services.monitoring.registers.facts import Fact

_MONTHS_BACK: Final = 6
_YEARS_BACK: Final = 2


class Owed(Fact):
    """应享与已享: ``kind`` says for what it is due; amounts in 分; ``payments`` counts what came."""

    kind: str = Field(sa_type=Text)
    due_fen: int = Field(sa_type=BigInteger)
    received_fen: int = Field(sa_type=BigInteger)
    payments: int


def not_negative() -> CheckConstraint:
    """No amount of :class:`Owed` is below zero."""
    return CheckConstraint("due_fen >= 0 AND received_fen >= 0 AND payments >= 0", "not_negative")


def owed_fields(label: Message, codes: type[CodeList], *own: FactField) -> tuple[FactField, ...]:
    """The columns of :class:`Owed`, and a register's own."""
    return (
        FactField(name="kind", label=label, codes=codes, required=True),
        FactField(name="due_fen", label=Message("应享金额", "Due"), kind=ExportType.MONEY, unit="元", required=True),
        FactField(
            name="received_fen", label=Message("已享金额", "Received"), kind=ExportType.MONEY, unit="元", required=True
        ),
        FactField(
            name="payments", label=Message("发放次数", "Payments"), kind=ExportType.INTEGER, unit="次", required=True
        ),
        *own,
    )


def gap(code: str, label: Message, duty: str, grace_key: str) -> FindingRule:
    """Less came than was due, the days of ``grace_key`` after the period's first."""
    return FindingRule(
        code=code,
        label=label,
        duty=duty,
        condition="f.received_fen < f.due_fen AND f.holds_from + :grace_days < :today",
        parameters={"grace_days": grace_key},
    )


def owed(
    name: str,
    entitled: str,
    paid: str,
    *,
    by_kind: bool,
    given: str | None = None,
    own: Mapping[str, str] | None = None,
) -> str:
    """The SELECT of a feed whose facts are what is due to people, period by period.

    :param entitled: SELECT of ``household_id, region, person_id, kind`` over the period ``y`` with ``starts_on``,
        ``ends_on``, ``amounts``, 分 by kind, and ``numbers``, see :func:`number` and :func:`listed`.
    :param paid: SELECT of ``person_id, kind, starts_on, received_fen, payments``.
    :param by_kind: a person may be due several kinds at once, each paid for itself; else the one that gives most.
    :param given: common table expressions that ``entitled`` reads, worked out once for all periods.
    :param own: the register's further columns → SQL over ``d``, a person's due with its ``amounts``, and ``paid``.
    """
    key = "d.person_id || ':' || d.kind || ':' || d.starts_on" if by_kind else "d.person_id || ':' || d.starts_on"
    apart = "e.person_id, y.starts_on, e.kind" if by_kind else "e.person_id, y.starts_on"
    same = "AND paid.kind = d.kind" if by_kind else ""
    further = "".join(f", {sql} AS {column}" for column, sql in (own or {}).items())
    return f"""
        {f"WITH {given}" if given else ""}
        SELECT d.household_id, d.region, d.person_id, '{name}:' || {key} AS fact_key, d.starts_on AS holds_from,
               d.ends_on AS holds_to, CAST(NULL AS uuid) AS source_record, CAST(NULL AS uuid) AS source_batch, d.kind,
               d.due_fen, coalesce(paid.received_fen, 0) AS received_fen, coalesce(paid.payments, 0) AS payments
               {further}
        FROM (
            SELECT DISTINCT ON ({apart}) e.household_id, e.region, e.person_id, e.kind, y.starts_on, y.ends_on,
                   y.amounts, CAST(y.amounts ->> e.kind AS bigint) AS due_fen
            FROM jsonb_to_recordset(CAST(:periods AS jsonb)) AS y(
                starts_on date, ends_on date, amounts jsonb, numbers jsonb)
            CROSS JOIN LATERAL ({entitled}) AS e
            WHERE y.amounts ->> e.kind IS NOT NULL
            ORDER BY {apart}, CAST(y.amounts ->> e.kind AS bigint) DESC{"" if by_kind else ", e.kind"}
        ) AS d
        LEFT JOIN ({paid}) AS paid ON paid.person_id = d.person_id AND paid.starts_on = d.starts_on {same}
        WHERE d.due_fen > 0 OR paid.received_fen > 0
    """


def paid_of(records: str, *, kind: str = "CAST(NULL AS text)", starts_on: str, own: str = "") -> str:
    """The sums of what was paid, by person, kind and period.

    :param records: of :func:`~services.monitoring.registers.kinds.records.rows_of`, each with ``paid_fen``.
    :param kind: SQL of the kind over a record ``r``; ``starts_on``: of its period's first day; ``own``: further sums.
    """
    return f"""
        SELECT r.person_id, {kind} AS kind, {starts_on} AS starts_on,
               CAST(sum(CAST(r.payload ->> 'paid_fen' AS bigint)) AS bigint) AS received_fen,
               CAST(count(*) AS integer) AS payments {own}
        FROM ({records}) AS r GROUP BY 1, 2, 3
    """


Amounts = Callable[[Lookup, date], Mapping[str, int]]
"""What each kind is due in a period, in 分, by the parameters in force on a day."""

Numbers = Mapping[str, str]
"""What else of the area decides to whom something is due in a period: its name → the parameter's key."""


def number(name: str) -> str:
    """SQL: a whole number of the period ``y``."""
    return f"CAST(y.numbers ->> '{name}' AS integer)"


def listed(name: str) -> str:
    """SQL: one column with the items of a list of the period ``y``."""
    return f"SELECT jsonb_array_elements_text(y.numbers -> '{name}')"


def months(lookup: Lookup, today: date, amounts: Amounts, numbers: Numbers) -> Mapping[str, Any]:
    """The present month and those before it that late files may still change."""
    first = today.replace(day=1)
    starts = [first]
    for _ in range(_MONTHS_BACK):
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    spans = [(start, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)) for start in reversed(starts)]
    return _periods(spans, lookup, amounts, _numbers_of(lookup, today, numbers))


def years(lookup: Lookup, today: date, amounts: Amounts, numbers: Numbers) -> Mapping[str, Any]:
    """The present year and those before it that late files may still change."""
    counted = range(today.year - _YEARS_BACK, today.year + 1)
    spans = [(date(year, 1, 1), date(year, 12, 31)) for year in counted]
    return _periods(spans, lookup, amounts, _numbers_of(lookup, today, numbers))


def _numbers_of(lookup: Lookup, today: date, numbers: Numbers) -> Callable[[date], Mapping[str, Any]]:
    """The numbers of a day; where none was in force yet, today's."""

    def of(key: str, on: date) -> Any:
        try:
            return lookup(key, on)
        except ParameterMissing:
            return lookup(key, today)

    return lambda on: {name: of(key, on) for name, key in numbers.items()}


def _periods(
    spans: Iterable[tuple[date, date]],
    lookup: Lookup,
    amounts: Amounts,
    numbers: Callable[[date], Mapping[str, Any]],
) -> Mapping[str, Any]:
    made = [
        {
            "starts_on": first,
            "ends_on": last,
            "amounts": {str(kind): fen for kind, fen in amounts(lookup, first).items()},
            "numbers": numbers(first),
        }
        for first, last in spans
    ]
    return {"periods": orjson.dumps(made).decode(), "first_period": made[0]["starts_on"]}


STILL_ADDED_UP: Final = "f.holds_from >= :first_period"
"""Which facts such a feed speaks for."""


def age_on(day: str) -> str:
    """SQL: whole years of person ``p`` on ``day``."""
    return f"extract(year FROM age({day}, p.birth_date))"
