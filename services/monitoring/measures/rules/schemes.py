"""Hold a measure against the conditions of its scheme: 小额信贷, 雨露计划, 防贫保险 (clause B9)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.errors import Fault, Message
from chassis.types import fen_to_yuan
from services.monitoring.codes.measures import INSURANCES, MeasureScheme
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.codes.work_and_school import VOCATIONAL, SchoolStage
from services.monitoring.households.rules.dates import age_on, months_after


class Span(StrEnum):
    """What an amount of 雨露计划 is paid for."""

    SCHOOL_YEAR = "school_year"
    TERM = "term"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds where the household lives on the measure's first day; amounts in 分.

    :param subsidy_percent: None where no share is set for that day.
    """

    credit_fen: int
    credit_extended_fen: int
    credit_months: int
    credit_age_min: int
    credit_age_max: int
    subsidy_percent: int | None
    yulu_year_fen: int
    yulu_term_fen: int
    insurances: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """The member whom a measure is for."""

    born: date
    school_stage: SchoolStage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A measure under a scheme.

    :param is_extension: 续贷 or 追加, which has a higher limit and no subsidy. ``subsidy_percent``: which share of the
        interest is paid for the borrower. ``is_own_use``: who borrows also uses and repays it (户贷户用户还, H-18).
        ``span``: what an amount of 雨露计划 is for. ``given_fen``: what the household has borrowed under other
        contracts that run on that day, or what the student gets under others in that school year.
    """

    scheme: MeasureScheme
    kind: MeasureKind
    started_on: date
    planned_end_on: date | None = None
    amount_fen: int | None = None
    person: Beneficiary | None = None
    is_extension: bool = False
    subsidy_percent: int | None = None
    is_for_production: bool = True
    is_guaranteed: bool = False
    is_own_use: bool = True
    is_full_time: bool = True
    span: Span | None = None
    given_fen: int = 0


_KINDS: Final[Mapping[MeasureScheme, frozenset[MeasureKind]]] = {
    MeasureScheme.MICRO_CREDIT: frozenset({MeasureKind.FINANCE}),
    MeasureScheme.YULU: frozenset({MeasureKind.OTHER_EDUCATION}),
    **dict.fromkeys(INSURANCES, frozenset({MeasureKind.COMPREHENSIVE_SECURITY, MeasureKind.SOCIAL})),
}


def refusals_of_scheme(measure: Proposed, limits: Limits) -> list[Fault]:
    """Every condition of the scheme that the measure fails, each with what would satisfy it."""
    faults = []
    wanted = _KINDS[measure.scheme]
    if measure.kind not in wanted:
        named = "、".join(sorted(kind.label for kind in wanted)), ", ".join(sorted(wanted))
        faults.append(
            _fault("/kind", "scheme_kind", f"该项目的措施类别应为：{named[0]}。", f"Its kind is one of: {named[1]}.")
        )
    if measure.scheme is MeasureScheme.MICRO_CREDIT:
        faults += _credit(measure, limits)
    elif measure.scheme is MeasureScheme.YULU:
        faults += _yulu(measure, limits)
    elif measure.scheme.value not in limits.insurances:
        faults.append(
            _fault("/scheme", "insurance_not_offered", "本地未开办这种防贫保险。", "The area does not offer it.")
        )
    return faults


def _credit(measure: Proposed, limits: Limits) -> Iterator[Fault]:
    yield from _borrower(measure, limits)
    most = limits.credit_extended_fen if measure.is_extension else limits.credit_fen
    yield from _amount(measure, most, "credit_amount")
    latest = months_after(measure.started_on, limits.credit_months)
    if measure.planned_end_on is None or measure.planned_end_on > latest:
        yield _fault(
            "/planned_end_on",
            "credit_term",
            f"贷款期限最长 {limits.credit_months} 个月，请填写 {latest} 或之前的到期日。",
            f"A credit runs {limits.credit_months} months at most: give an end on {latest} or before.",
        )
    if not measure.is_for_production:
        yield _fault("/terms", "credit_use", "小额信贷只能用于发展生产。", "A micro-credit is for production only.")
    if measure.is_guaranteed:
        yield _fault(
            "/terms",
            "credit_guarantee",
            "小额信贷免担保免抵押，请取消担保。",
            "A micro-credit takes no guarantee: lift it.",
        )
    if not measure.is_own_use:
        yield _fault(
            "/terms",
            "credit_own_use",
            "小额信贷须户贷户用户还，不得转借企业或他人。",
            "Who borrows uses and repays it: it is lent on to nobody.",
        )
    share = measure.subsidy_percent or 0
    if share and measure.is_extension:
        yield _fault(
            "/terms", "credit_subsidy", "续贷、追加部分不贴息，请填 0。", "An extension is not subsidised: give 0."
        )
    elif share and limits.subsidy_percent is None:
        yield _fault(
            "/terms",
            "credit_subsidy",
            "本地没有当日的贴息比例，请先设置参数，或填 0。",
            "No share of subsidy is set for that day: set the parameter, or give 0.",
        )
    elif limits.subsidy_percent is not None and share > limits.subsidy_percent:
        yield _fault(
            "/terms",
            "credit_subsidy",
            f"当日贴息比例最高 {limits.subsidy_percent}%。",
            f"{limits.subsidy_percent} % of the interest is subsidised at most on that day.",
        )


def _borrower(measure: Proposed, limits: Limits) -> Iterator[Fault]:
    low, high = limits.credit_age_min, limits.credit_age_max
    if measure.person is None:
        yield _fault("/person_id", "person_missing", "请选择借款人。", "Name the borrower.")
    elif not low <= age_on(measure.person.born, measure.started_on) <= high:
        yield _fault(
            "/person_id",
            "credit_age",
            f"借款人在开始日应为 {low} 至 {high} 周岁，请另选成员。",
            f"The borrower is {low} to {high} years old on the first day: name another member.",
        )


def _yulu(measure: Proposed, limits: Limits) -> Iterator[Fault]:
    if measure.person is None:
        yield _fault("/person_id", "person_missing", "请选择受助学生。", "Name the student.")
    elif measure.person.school_stage not in VOCATIONAL:
        yield _fault(
            "/person_id",
            "yulu_stage",
            "雨露计划补助全日制中、高等职业教育学生，请核对在校生状况。",
            "雨露 is for students of secondary or higher vocational schools: check the stage at school.",
        )
    if not measure.is_full_time:
        yield _fault("/terms", "yulu_full_time", "雨露计划只补助全日制学生。", "雨露 is for full-time students only.")
    if measure.span is None:
        yield _fault(
            "/terms", "yulu_span", "请填写按学年还是按学期发放。", "Say whether it is for a school year or a term."
        )
    if measure.span is Span.TERM and (measure.amount_fen or 0) > limits.yulu_term_fen:
        yield from _amount(replace(measure, given_fen=0), limits.yulu_term_fen, "yulu_amount")
    else:
        yield from _amount(measure, limits.yulu_year_fen, "yulu_amount")


def _amount(measure: Proposed, most: int, code: str) -> Iterator[Fault]:
    if measure.given_fen:
        left = max(most - measure.given_fen, 0)
        if measure.amount_fen is not None and measure.amount_fen > left:
            given = fen_to_yuan(measure.given_fen)
            yield _fault(
                "/amount",
                code,
                f"已有同类措施 {given} 元，合计不得超过 {fen_to_yuan(most)} 元，本次最多 {fen_to_yuan(left)} 元。",
                f"{given} yuan are given already: {fen_to_yuan(left)} yuan are left of {fen_to_yuan(most)} yuan.",
            )
            return
    if measure.amount_fen is None or not 0 < measure.amount_fen <= most:
        yield _fault(
            "/amount",
            code,
            f"金额应大于 0 且不超过 {fen_to_yuan(most)} 元。",
            f"Give an amount above 0, of {fen_to_yuan(most)} yuan at most.",
        )


def _fault(pointer: str, code: str, zh: str, en: str) -> Fault:
    return Fault(pointer, code, Message(zh, en))
