"""Say whether a household's risk may be marked as eliminated: each guard with its figures (风险消除, clause B10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.errors import Fault, Message
from chassis.types import fen_to_yuan
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.codes.monitoring import EliminationMode, GuaranteeItem, MeasureKind, Risk
from services.monitoring.guarantees.rules.standing import Guarantees
from services.monitoring.households.rules.dates import months_after
from services.monitoring.income.rules import Statement, is_below_line


class Guard(StrEnum):
    """What has to hold, in the order of clause B10."""

    REGISTERED_MONTHS = "registered_months"
    MEASURES = "measures"
    NET_INCOME = "net_income"
    REFERENCE_INCOME = "reference_income"
    STABLE_WAGES = "stable_wages"
    GUARANTEES = "guarantees"
    SELF_PAY = "self_pay"
    OPEN_CLUES = "open_clues"
    LABOUR = "labour"


@dataclass(frozen=True, slots=True)
class Wage:
    """工资性收入的一项: what one member, or nobody in particular, earned in one way within the window.

    :param months: in how many of its months, by monthly lines and by spells of work.
    """

    kind: IncomeLineKind
    person_id: UUID | None
    amount_fen: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The area's numbers on the day.

    :param line_fen: the line in force, a person and year. ``self_pay_fen``: from here on R01 raises a clue.
    :param answers: kinds of measures that answer a risk; none listed: any that names it.
    """

    registered_months: int
    wage_months: int
    line_fen: int
    self_pay_fen: int
    answers: Mapping[Risk, tuple[MeasureKind, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is on record of a household on the day.

    :param reason: the county's, for 自然消除. ``answered``: risks at which a working measure is aimed.
    :param income: of the twelve whole months before. ``open_clues``: that nobody has judged.
    :param workers: members who can work at all; ``unknown_skills``: of whom nobody has said.
    """

    on: date
    mode: EliminationMode
    reason: str | None
    registered_on: date | None
    risks: tuple[Risk, ...]
    answered: frozenset[Risk]
    income: Statement
    wages: tuple[Wage, ...]
    guarantees: Guarantees
    self_pay_fen: int
    open_clues: int
    workers: int
    unknown_skills: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Checked:
    """One guard: its figures, and what would satisfy it if it fails."""

    guard: Guard
    figures: Message
    remedy: Message | None = None

    @property
    def passed(self) -> bool:
        return self.remedy is None

    def fault(self, pointer: str = "") -> Fault:
        """The refusal that it is; only of a guard that fails."""
        assert self.remedy is not None
        text = Message(f"{self.figures.zh}；{self.remedy.zh}", f"{self.figures.en}; {self.remedy.en}")
        return Fault(pointer, f"elimination_{self.guard}", text)


def check_all(facts: Facts) -> tuple[Checked, ...]:
    """Every guard, in their order."""
    return tuple(check(facts) for check in GUARDS)


def violations(facts: Facts, pointer: str = "") -> list[Fault]:
    """All that stands against it."""
    return [one.fault(pointer) for one in check_all(facts) if not one.passed]


def registered_long_enough(facts: Facts) -> Checked:
    """(a) registered for the area's number of months."""
    months = facts.limits.registered_months
    if facts.registered_on is None:
        return Checked(
            Guard.REGISTERED_MONTHS, Message("尚未纳入监测", "not registered"), Message("请先纳入。", "register first.")
        )
    first = months_after(facts.registered_on, months)
    shown = Message(
        f"{facts.registered_on} 纳入，须满 {months} 个月", f"registered on {facts.registered_on}, for {months} months"
    )
    remedy = Message(f"{first} 起可提出。", f"propose it from {first} on.")
    return Checked(Guard.REGISTERED_MONTHS, shown, None if facts.on >= first else remedy)


def measure_for_each_risk(facts: Facts) -> Checked:
    """(a) 帮扶消除: a working measure aimed at each listed risk; 自然消除: the county's reason instead."""
    if facts.mode is EliminationMode.NATURAL:
        shown = Message("自然消除，由县级说明理由", "natural, for the county's reason")
        remedy = Message("请县级填写自然消除的理由。", "have the county give its reason.")
        return Checked(Guard.MEASURES, shown, remedy if not (facts.reason or "").strip() else None)
    open_risks = [risk for risk in facts.risks if risk not in facts.answered]
    done, total = len(facts.risks) - len(open_risks), len(facts.risks)
    shown = Message(f"{total} 项风险中 {done} 项有在用措施", f"{done} of {total} risks have a working measure")
    if not total:
        return Checked(Guard.MEASURES, shown, Message("请先登记风险。", "record its risks first."))
    zh = "；".join(f"{risk.label}→{_kinds_zh(facts, risk)}" for risk in open_risks)
    en = "; ".join(f"{risk.value}: {_kinds_en(facts, risk)}" for risk in open_risks)
    remedy = Message(f"请落实措施：{zh}。", f"start measures: {en}.")
    return Checked(Guard.MEASURES, shown, remedy if open_risks else None)


def net_above_line(facts: Facts) -> Checked:
    """(b) net income a person lies above the line now in force: strictly."""
    income, line = facts.income, facts.limits.line_fen
    amount, limit = fen_to_yuan(income.pc_net.rounded_fen), fen_to_yuan(line)
    shown = Message(f"人均纯收入 {amount} 元，监测线 {limit} 元", f"net income {amount} yuan a person, line {limit}")
    remedy = Message("人均纯收入须高于监测线。", "it has to lie above the line.")
    return Checked(Guard.NET_INCOME, shown, None if income.net_fen > line * income.members else remedy)


def ref_reaches_line(facts: Facts) -> Checked:
    """(b) what remains after compliant self-pay reaches the line too."""
    income, line = facts.income, facts.limits.line_fen
    amount, limit = fen_to_yuan(income.pc_ref.rounded_fen), fen_to_yuan(line)
    shown = Message(
        f"扣除合规自付后人均 {amount} 元，监测线 {limit} 元", f"reference income {amount} yuan a person, line {limit}"
    )
    remedy = Message("扣除合规自付后的人均收入不得低于监测线。", "it has to reach the line.")
    return Checked(
        Guard.REFERENCE_INCOME, shown, remedy if is_below_line(income.ref_fen, line, income.members) else None
    )


def wages_stable(facts: Facts) -> Checked:
    """(b) each wage that is counted ran for enough of the window's months."""
    months = facts.limits.wage_months
    short = [wage for wage in facts.wages if wage.months < months]
    zh = "；".join(f"{wage.kind.label} {wage.months} 个月" for wage in facts.wages) or "无工资性收入"
    en = "; ".join(f"{wage.kind.value} {wage.months} months" for wage in facts.wages) or "no wages"
    totals = [wage for wage in short if wage.kind.is_undivided and wage.person_id is None]
    monthly = [wage for wage in short if wage not in totals]
    asked = []
    if monthly:
        asked.append(
            Message(
                f"每项工资须满 {months} 个月，请按月登记工资或登记就业起止：{_listed_zh(monthly)}。",
                f"each wage has to run {months} months; record it by month, or its spell of work: "
                f"{_listed_en(monthly)}.",
            )
        )
    if totals:
        # Beside its months the total would count twice, and no spell of work is anybody's in particular.
        asked.append(
            Message(
                f"{_listed_zh(totals)}是合计数，请撤销该项，再按月登记各项工资。",
                f"withdraw {_listed_en(totals)}, which is a total, and record each wage by month instead.",
            )
        )
    remedy = Message("".join(one.zh for one in asked), " ".join(one.en for one in asked))
    return Checked(Guard.STABLE_WAGES, Message(zh, en), remedy if short else None)


def guarantees_hold(facts: Facts) -> Checked:
    """(c) every guarantee was checked and none is unsolved."""
    failed, missing = facts.guarantees.failed, facts.guarantees.missing
    shown = Message(
        f"未解决 {len(failed)} 项，未核查 {len(missing)} 项", f"{len(failed)} unsolved, {len(missing)} not checked"
    )
    solve = Message(f"请解决：{_items_zh(failed)}。" if failed else "", f"solve {_items_en(failed)}." if failed else "")
    look = Message(
        f"请核查：{_items_zh(missing)}。" if missing else "", f"check {_items_en(missing)}." if missing else ""
    )
    remedy = Message(solve.zh + look.zh, " ".join(filter(None, (solve.en, look.en))))
    return Checked(Guard.GUARANTEES, shown, None if facts.guarantees.all_hold else remedy)


def cost_solved(facts: Facts) -> Checked:
    """(d) the large unavoidable cost is solved: the window's self-pay lies below what would raise a clue."""
    paid, limit = fen_to_yuan(facts.self_pay_fen), fen_to_yuan(facts.limits.self_pay_fen)
    shown = Message(f"近12个月合规自付 {paid} 元，预警线 {limit} 元", f"self-pay {paid} yuan, warned of from {limit}")
    remedy = Message("合规自付须低于预警线。", "it has to be less.")
    return Checked(Guard.SELF_PAY, shown, None if facts.self_pay_fen < facts.limits.self_pay_fen else remedy)


def no_open_clue(facts: Facts) -> Checked:
    """(e) no new clue waits to be judged."""
    shown = Message(f"待研判线索 {facts.open_clues} 条", f"{facts.open_clues} open clues")
    return Checked(
        Guard.OPEN_CLUES, shown, Message("请先研判线索。", "judge them first.") if facts.open_clues else None
    )


def some_labour(facts: Facts) -> Checked:
    """(f) who has no labour at all is secured (兜底), stays 未消除, and is tracked."""
    shown = Message(f"有劳动力 {facts.workers} 人", f"{facts.workers} members can work")
    if facts.unknown_skills:
        remedy = Message(
            f"请先登记 {facts.unknown_skills} 名成员的劳动技能。",
            f"record the labour skill of {facts.unknown_skills} members first.",
        )
    else:
        remedy = Message(
            "整户无劳动力，兜底保障后仍标注“未消除”并持续跟踪。",
            "a household wholly without labour is secured, stays not eliminated, and is tracked.",
        )
    return Checked(Guard.LABOUR, shown, None if facts.workers else remedy)


GUARDS: Final[tuple[Callable[[Facts], Checked], ...]] = (
    registered_long_enough,
    measure_for_each_risk,
    net_above_line,
    ref_reaches_line,
    wages_stable,
    guarantees_hold,
    cost_solved,
    no_open_clue,
    some_labour,
)
"""All must hold; there is no quota of eliminations."""


def _kinds_zh(facts: Facts, risk: Risk) -> str:
    return "、".join(kind.label for kind in facts.limits.answers.get(risk, ())) or "任一针对该风险的措施"


def _kinds_en(facts: Facts, risk: Risk) -> str:
    return ", ".join(kind.value for kind in facts.limits.answers.get(risk, ())) or "any that names it"


def _items_zh(items: tuple[GuaranteeItem, ...]) -> str:
    return "、".join(item.label for item in items)


def _items_en(items: tuple[GuaranteeItem, ...]) -> str:
    return ", ".join(item.value for item in items)


def _listed_zh(wages: list[Wage]) -> str:
    return "、".join(dict.fromkeys(wage.kind.label for wage in wages))


def _listed_en(wages: list[Wage]) -> str:
    return ", ".join(dict.fromkeys(wage.kind.value for wage in wages))
