"""Doubts about a monitored household: risks against members, and the way it was eliminated (clause B6, B12)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.monitoring.codes.monitoring import EliminationMode, HouseholdKind, MonitoringType, Risk
from services.monitoring.codes.work_and_school import WORKING, Health
from services.monitoring.households.rules.dates import months_after
from services.monitoring.households.rules.facts import IncomeFigures
from services.monitoring.households.rules.finding import Context, House, HouseholdRule, Severity, household_rule
from services.monitoring.households.rules.risks import RISK_CHECKS, NamedRisks, RiskCheck


@household_rule(
    "type_contradicts_kind",
    "监测对象类别与户类型不符：脱贫不稳定户须为脱贫户，边缘易致贫户须为一般农户，请核对。",
    "The monitoring type does not fit the kind: type 1 is a lifted household, type 2 an ordinary one; check both.",
    clause="条款 B1 / clause B1",
)
def type_contradicts_kind(house: House, _: Context) -> Iterable[str]:
    monitoring = house.facts.monitoring
    if monitoring is None:
        return ()
    wanted = {
        MonitoringType.UNSTABLE_LIFTED: HouseholdKind.LIFTED,
        MonitoringType.MARGINAL: HouseholdKind.ORDINARY,
    }.get(monitoring.monitoring_type, house.facts.kind)
    return () if house.facts.kind is wanted else ("monitoring/monitoring_type",)


def _of_check(check: RiskCheck) -> HouseholdRule:
    """The doubt that a check of the risks raises about a household that is monitored."""

    def broken(house: House, context: Context) -> Iterable[str]:
        facts = house.facts.monitoring
        if facts is None:
            return ()
        named = NamedRisks(facts.risks, facts.disaster_kind, facts.risks_explained)
        return (f"monitoring/{check.field}",) if check.breaks(named, context.thresholds) else ()

    return HouseholdRule(check.code, Severity.DOUBT, check.message, "条款 B6 / clause B6", broken)


@household_rule(
    "disability_risk_without_disabled",
    "风险含因残，但户内没有残疾成员，请核对风险或成员健康状况。",
    "The risks name disability, but no member is disabled; check the risks or the members' health.",
)
def disability_risk_without_disabled(house: House, _: Context) -> Iterable[str]:
    if not _has_risk(house, Risk.DISABILITY):
        return ()
    disabled = any(m.has_disability_number or Health.DISABLED in m.facts.health for m in house.members)
    return () if disabled else ("monitoring/risks",)


@household_rule(
    "illness_risk_without_ill",
    "风险含因病，但成员健康状况均为健康，请核对风险或成员健康状况。",
    "The risks name illness, but every member is healthy; check the risks or the members' health.",
)
def illness_risk_without_ill(house: House, _: Context) -> Iterable[str]:
    if not _has_risk(house, Risk.ILLNESS):
        return ()
    return () if any(m.facts.health - {Health.HEALTHY} for m in house.members) else ("monitoring/risks",)


@household_rule(
    "illness_risk_without_self_pay",
    "风险含因病，但识别时合规自付支出为零或未填，请核对。",
    "The risks name illness, but the self-pay at registration is zero or blank; check it.",
)
def illness_risk_without_self_pay(house: House, _: Context) -> Iterable[str]:
    monitoring = house.facts.monitoring
    if monitoring is None or Risk.ILLNESS not in monitoring.risks:
        return ()
    return () if monitoring.self_pay_fen else ("monitoring/self_pay_fen",)


@household_rule(
    "contact_missing",
    "监测对象没有监测联系人，请指定一名。",
    "The monitored household has no contact person; name one.",
)
def contact_missing(house: House, _: Context) -> Iterable[str]:
    monitoring = house.facts.monitoring
    return ("monitoring/contact",) if monitoring is not None and not monitoring.has_contact else ()


@household_rule(
    "eliminated_before_registration",
    "风险消除日期早于识别日期，请核对两个日期。",
    "The elimination is dated before the registration; check both dates.",
)
def eliminated_before_registration(house: House, _: Context) -> Iterable[str]:
    monitoring = house.facts.monitoring
    if monitoring is None or monitoring.eliminated_on is None:
        return ()
    return ("monitoring/eliminated_on",) if monitoring.eliminated_on < monitoring.registered_on else ()


@household_rule(
    "eliminated_income_blank",
    "已消除风险，但消除后的这项收支未填，请补填（没有的填0）。",
    "The household is eliminated, but this figure after it is blank; fill it in, with 0 if there is none.",
)
def eliminated_income_blank(house: House, _: Context) -> Iterable[str]:
    monitoring = house.facts.monitoring
    if monitoring is None or monitoring.eliminated_on is None:
        return []
    figures = monitoring.income_after or IncomeFigures()
    return [f"monitoring/income_after/{name}" for name in figures.blanks()]


@household_rule(
    "helped_elimination_too_soon",
    "识别后不满{t.helped_elimination_months_min}个月即帮扶消除，请核对日期或消除方式。",
    "Eliminated by help within {t.helped_elimination_months_min} months of registration; check date and mode.",
)
def helped_elimination_too_soon(house: House, context: Context) -> Iterable[str]:
    monitoring = house.facts.monitoring
    if (
        monitoring is None
        or monitoring.eliminated_on is None
        or monitoring.elimination_mode is not EliminationMode.HELPED
    ):
        return ()
    earliest = months_after(monitoring.registered_on, context.thresholds.helped_elimination_months_min)
    return ("monitoring/eliminated_on",) if monitoring.eliminated_on < earliest else ()


@household_rule(
    "eliminated_without_labour",
    "整户无劳动力却已消除风险，应继续兜底保障并跟踪，请核对。",
    "Eliminated although the whole household lacks labour; such a household stays supported and tracked, check it.",
)
def eliminated_without_labour(house: House, _: Context) -> Iterable[str]:
    monitoring = house.facts.monitoring
    if monitoring is None or monitoring.eliminated_on is None:
        return ()
    return ("monitoring/eliminated_on",) if lacks_labour(house) else ()


MONITORED_RULES: Final = (
    type_contradicts_kind,
    *map(_of_check, RISK_CHECKS),
    disability_risk_without_disabled,
    illness_risk_without_ill,
    illness_risk_without_self_pay,
    contact_missing,
    eliminated_before_registration,
    eliminated_income_blank,
    helped_elimination_too_soon,
    eliminated_without_labour,
)


def lacks_labour(house: House) -> bool:
    """整户无劳动力: the skill of some member is known, and of none is it skilled, ordinary or weak."""
    known = {member.facts.labour_skill for member in house.members} - {None}
    return bool(known) and not known & WORKING


def _has_risk(house: House, risk: Risk) -> bool:
    return house.facts.monitoring is not None and risk in house.facts.monitoring.risks
