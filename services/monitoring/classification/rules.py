"""Say what a household's income and guarantees mean against the line in force, comparison by comparison (clause B5).

Below is strict, and sums are compared: income with the line times the members. A rounded per-capita figure decides
nothing (clause B2, B4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.monitoring.codes.monitoring import ClassificationBasis, GuaranteeItem, MonitoringType, Rule60
from services.monitoring.income.rules import Statement, is_below_line
from services.monitoring.lines.rules import EffectiveLine


class Compared(StrEnum):
    """What is compared with what."""

    NET_WITH_BASE_LINE = "net_with_base_line"
    NET_WITH_COUNTY_LINE = "net_with_county_line"
    NET_WITH_LINE = "net_with_line"
    REF_WITH_LINE = "ref_with_line"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number beside its threshold, in 分.

    :param amount_fen: what the household had in the window; ``line_fen``: the line for one person.
    :param decides: False for what is shown only: the county's line where it does not register.
    """

    compared: Compared
    amount_fen: int
    line_fen: int
    members: int
    decides: bool

    @property
    def threshold_fen(self) -> int:
        """The line for all members: the amount has to reach it."""
        return self.line_fen * self.members

    @property
    def is_below(self) -> bool:
        return is_below_line(self.amount_fen, self.line_fen, self.members)


@dataclass(frozen=True, slots=True)
class Classification:
    """What the facts of a day make of a household.

    :param monitoring_type: None if it is not in range; ``basis`` is None with it.
    :param watched: not in range, but below the county line where the rule is ``watch``: raises a clue, never a type.
    :param line: in force on the decision's day; ``income``: of its window.
    :param is_lifted, shock_verified, guarantees_failed: the other inputs.
    :param comparisons: every number that was compared, with its threshold, in the order of the decision.
    """

    monitoring_type: MonitoringType | None
    basis: ClassificationBasis | None
    watched: bool
    line: EffectiveLine
    income: Statement
    is_lifted: bool
    shock_verified: bool
    guarantees_failed: tuple[GuaranteeItem, ...]
    comparisons: tuple[Comparison, ...]


def classify(
    income: Statement,
    line: EffectiveLine,
    *,
    is_lifted: bool,
    shock_verified: bool = False,
    guarantees_failed: Collection[GuaranteeItem] = (),
) -> Classification:
    """The monitoring type of a household, or none.

    :param shock_verified: a sudden shock with hardship was verified, whatever the income.
    :param guarantees_failed: guarantee items (clause B7) that stay unsolved; alone they are type 3.
    """
    comparisons = {one.compared: one for one in _comparisons(income, line)}
    monitoring_type: MonitoringType | None = None
    basis: ClassificationBasis | None = None
    if comparisons[Compared.NET_WITH_LINE].is_below:
        below_base = comparisons[Compared.NET_WITH_BASE_LINE].is_below
        monitoring_type = MonitoringType.UNSTABLE_LIFTED if is_lifted else MonitoringType.MARGINAL
        basis = ClassificationBasis.PROVINCE_LINE if below_base else ClassificationBasis.COUNTY_60
    elif shock_verified or comparisons[Compared.REF_WITH_LINE].is_below:
        monitoring_type, basis = MonitoringType.SUDDEN_HARDSHIP, ClassificationBasis.SHOCK
    elif guarantees_failed:
        monitoring_type, basis = MonitoringType.SUDDEN_HARDSHIP, ClassificationBasis.GUARANTEE
    county = comparisons.get(Compared.NET_WITH_COUNTY_LINE)
    return Classification(
        monitoring_type,
        basis,
        watched=monitoring_type is None and line.rule_60 is Rule60.WATCH and county is not None and county.is_below,
        line=line,
        income=income,
        is_lifted=is_lifted,
        shock_verified=shock_verified,
        guarantees_failed=tuple(item for item in GuaranteeItem if item in guarantees_failed),
        comparisons=tuple(comparisons.values()),
    )


def _comparisons(income: Statement, line: EffectiveLine) -> Iterator[Comparison]:
    net, ref, members = income.net_fen, income.ref_fen, income.members
    yield Comparison(Compared.NET_WITH_BASE_LINE, net, line.base_fen, members, decides=True)
    if line.county_fen is not None:
        registers = line.rule_60 is Rule60.REGISTER
        yield Comparison(Compared.NET_WITH_COUNTY_LINE, net, line.county_fen, members, decides=registers)
    yield Comparison(Compared.NET_WITH_LINE, net, line.line_fen, members, decides=True)
    yield Comparison(Compared.REF_WITH_LINE, ref, line.line_fen, members, decides=True)
