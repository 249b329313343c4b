"""Classify a household from what is on record: line and guarantees of the day, income of its window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Language, Message
from chassis.types import fen_to_yuan
from services.monitoring.classification.parameters import type_labels
from services.monitoring.classification.rules import Classification, Compared, Comparison, classify
from services.monitoring.classification.schemas import ClassificationQuery, ClassificationRead, LineComparison
from services.monitoring.codes.monitoring import ClassificationBasis, GuaranteeItem, MonitoringType
from services.monitoring.guarantees.queries.standing import check_of, guarantees_of, latest_rows, shown
from services.monitoring.guarantees.rules.standing import Guarantees, latest
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.tables import Household
from services.monitoring.income.queries.statement import StatedIncome, stated_income, stated_incomes
from services.monitoring.income.rules import decision_window
from services.monitoring.lines.queries.rows import county_of, effective_line_of, shown_line
from services.monitoring.parameters import book_of

_HOUSEHOLD: Final = rows(Household)
_AFTER_TODAY: Final = Message("只能按今天或之前的日期认定。", "Ask for today or an earlier day.")


async def classify_household(
    unit: UnitOfWork,
    household_id: UUID,
    *,
    decided_on: date,
    shock_verified: bool = False,
    line_on: date | None = None,
) -> Classification:
    """What the facts on record make of a household of the caller's area, if it is decided on ``decided_on``.

    :param shock_verified: a sudden shock with hardship was verified: the case says so.
    :param line_on: by the line of another day; absent: by that of the decision's day (clause B2).
    :raises NotFound: if there is no such household in the caller's area.
    :raises LineMissing: naming each row of the line that has to be entered first.
    :raises StateRefused: if the household had no members on that day.
    """
    decided = await _decide(unit, household_id, decided_on=decided_on, shock_verified=shock_verified, line_on=line_on)
    return decided.made


async def classify_households(
    unit: UnitOfWork, shocks: Mapping[UUID, bool], *, decided_on: date
) -> dict[UUID, Classification]:
    """The same for many households of the caller's area, in a fixed number of statements for each county.

    :param shocks: households → whether a sudden shock with hardship was verified.
    :raises LineMissing, StateRefused: as :func:`classify_household`.
    """
    homes = list(shocks)
    regions = (
        await unit.connection.execute(
            select(_HOUSEHOLD.c.id, _HOUSEHOLD.c.region).where(
                _HOUSEHOLD.c.id.in_(homes), _HOUSEHOLD.c.region.between(unit.area.lo, unit.area.hi)
            )
        )
    ).all()
    counties = {row.id: county_of(row.region) for row in regions}
    lines = {
        one: await effective_line_of(unit.connection, one, on=decided_on) for one in sorted(set(counties.values()))
    }
    incomes = await stated_incomes(unit, homes, decision_window(decided_on), members_on=decided_on)
    guarantees = await guarantees_of(unit, homes, on=decided_on)
    return {
        home: classify(
            incomes[home].statement,
            lines[county],
            is_lifted=incomes[home].is_lifted,
            shock_verified=shocks[home],
            guarantees_failed=guarantees[home].failed,
        )
        for home, county in counties.items()
    }


async def read_classification(
    unit: UnitOfWork, household_id: UUID, query: ClassificationQuery, *, language: Language
) -> ClassificationRead:
    """The same, line by line, as people see it; a shock that only a case has verified is not part of it.

    :raises InvalidInput: for a day that has not come; else errors as :func:`classify_household`.
    """
    on = query.on or unit.clock.today()
    if on > unit.clock.today():
        raise InvalidInput(faults=[Fault("on", "day_not_come", _AFTER_TODAY)])
    made, region, income, checks, guarantees = await _decide(unit, household_id, decided_on=on)
    labels = type_labels(await book_of(unit, region), region=region, on=on)
    by_item = {row.item: row for row in checks}
    return ClassificationRead(
        household_id=household_id,
        on=on,
        monitoring_type=made.monitoring_type,
        basis=made.basis,
        watched=made.watched,
        is_lifted=made.is_lifted,
        conclusion=_conclusion(made, labels).in_language(language),
        comparisons=[_compared(one, language) for one in made.comparisons],
        line=shown_line(made.line),
        income=income.shown(),
        guarantees=[shown(unit, by_item[item]) for item in GuaranteeItem if item in by_item],
        guarantees_failed=list(made.guarantees_failed),
        guarantees_missing=list(guarantees.missing),
    )


class _Decided(NamedTuple):
    """A classification with what it was made of; ``region`` is where the household is managed."""

    made: Classification
    region: int
    income: StatedIncome
    checks: Sequence[Any]
    guarantees: Guarantees


async def _decide(
    unit: UnitOfWork,
    household_id: UUID,
    *,
    decided_on: date,
    shock_verified: bool = False,
    line_on: date | None = None,
) -> _Decided:
    household = await household_row(unit, household_id)
    line = await effective_line_of(unit.connection, county_of(household.region), on=line_on or decided_on)
    income = await stated_income(unit, household_id, decision_window(decided_on), members_on=decided_on)
    checks = await latest_rows(unit, [household_id], on=decided_on)
    guarantees = latest(map(check_of, checks), on=decided_on)
    made = classify(
        income.statement,
        line,
        is_lifted=income.is_lifted,
        shock_verified=shock_verified,
        guarantees_failed=guarantees.failed,
    )
    return _Decided(made, household.region, income, checks, guarantees)


def _compared(one: Comparison, language: Language) -> LineComparison:
    (zh, line_zh), (en, line_en) = _SAY[one.compared]
    amount, line, threshold = map(fen_to_yuan, (one.amount_fen, one.line_fen, one.threshold_fen))
    below_zh, below_en = ("低于", "is below") if one.is_below else ("不低于", "is not below")
    sentence = Message(
        f"{zh} {amount} 元{below_zh}{line_zh} {line} 元 × {one.members} 人 = {threshold} 元",
        f"{en} of {amount} yuan {below_en} {line_en} of {line} yuan × {one.members} = {threshold} yuan",
    )
    return LineComparison(
        compared=one.compared,
        amount=one.amount_fen,
        line=one.line_fen,
        members=one.members,
        threshold=one.threshold_fen,
        is_below=one.is_below,
        decides=one.decides,
        sentence=sentence.in_language(language),
    )


def _conclusion(made: Classification, labels: Mapping[MonitoringType, str]) -> Message:
    if made.monitoring_type is None or made.basis is None:
        return _WATCHED if made.watched else _OUT_OF_RANGE
    kind = made.monitoring_type
    return Message(f"{labels[kind]}：{made.basis.label}", f"Type {kind.value}: {_BASES[made.basis]}")


_SAY: Final = {
    Compared.NET_WITH_BASE_LINE: (("纯收入", "省定监测范围"), ("Net income", "the province's line")),
    Compared.NET_WITH_COUNTY_LINE: (("纯收入", "县监测线"), ("Net income", "the county's line")),
    Compared.NET_WITH_LINE: (("纯收入", "执行的监测线"), ("Net income", "the line in force")),
    Compared.REF_WITH_LINE: (("扣除合规自付后的收入", "执行的监测线"), ("Reference income", "the line in force")),
}
_BASES: Final = {
    ClassificationBasis.PROVINCE_LINE: "net income is below the province's line",
    ClassificationBasis.COUNTY_60: "net income is below the county's line",
    ClassificationBasis.SHOCK: "reference income is below the line, or a shock with hardship was verified",
    ClassificationBasis.GUARANTEE: "a guarantee stays unsolved",
}
_WATCHED: Final = Message(
    "不在监测范围，但低于县监测线，继续关注", "Not in range, but below the county's line: watched"
)
_OUT_OF_RANGE: Final = Message("不在监测范围", "Not in range")
