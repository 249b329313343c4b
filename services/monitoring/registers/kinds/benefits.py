"""按月福利: more allowance within 低保, disability benefits, children's allowances (H-11, H-12, L-14, S-20)."""

# ruff: noqa: S608  # every name put into a query is a constant of a register's module
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.registers import ChildKind, DisabilityBenefit, ExtraBasis
from services.monitoring.registers.described import FactField, FactGrain, Feed, Lookup, Register
from services.monitoring.registers.facts import fact_rules
from services.monitoring.registers.kinds.disability import CERTIFIED, level_on
from services.monitoring.registers.kinds.low_income import CLASS_DATASETS
from services.monitoring.registers.kinds.owed import (
    STILL_ADDED_UP,
    Owed,
    age_on,
    gap,
    listed,
    months,
    not_negative,
    number,
    owed,
    owed_fields,
    paid_of,
)
from services.monitoring.registers.kinds.records import HERE_IN, HERE_ONCE, in_class, monitored_in, rows_of
from services.monitoring.registers.rules import extra_due
from services.monitoring.registers.thresholds import (
    ADULT_YEARS,
    BENEFIT_GRACE_DAYS,
    EXTRA_OLD_YEARS,
    EXTRA_PERCENT,
    LIVING_CLASSES,
    SEVERE_LEVEL,
    SUBSISTENCE_STANDARD,
    benefit_key,
)

_PAID: Final = rows_of("civil.benefits", FactGrain.PERSON, "payment_no")
_MONTH: Final = "CAST(date_trunc('month', r.event_date) AS date)"


def _paid(*benefits: str) -> str:
    listed = ", ".join(f"'{one}'" for one in benefits)
    records = f"SELECT * FROM ({_PAID}) AS one WHERE one.payload ->> 'benefit' IN ({listed})"
    return paid_of(records, kind="r.payload ->> 'benefit'", starts_on=_MONTH)


class SubsistenceExtra(Owed, table=True):
    """低保增发: a month's addition for a member of 低保; ``standard_fen`` is the month's standard that it goes by."""

    __tablename__: ClassVar[Any] = "register_subsistence_extra"
    __table_args__ = fact_rules(
        "register_subsistence_extra",
        FactGrain.PERSON,
        CheckConstraint("kind IN ('severely_disabled', 'seriously_ill', 'old', 'minor')", "known_kind"),
        CheckConstraint("standard_fen >= 0", "standard_not_negative"),
        not_negative(),
    )

    standard_fen: int = Field(sa_type=BigInteger)


_EXTRA: Final = owed(
    "extra",
    f"""
        SELECT p.household_id, p.region, p.id AS person_id,
               CASE WHEN {level_on("y.ends_on")} <= {number("severe")} THEN 'severely_disabled'
                    WHEN 'serious' = ANY (p.health) THEN 'seriously_ill'
                    WHEN {age_on("y.ends_on")} >= {number("old")} THEN 'old'
                    WHEN {age_on("y.ends_on")} < {number("adult")} THEN 'minor' END AS kind
        FROM person AS p
        WHERE p.region BETWEEN :lo AND :hi AND {HERE_IN}
          AND {in_class("y.starts_on", "y.ends_on", "'subsistence'")}
    """,
    _paid("subsistence_extra"),
    by_kind=False,
    own={"standard_fen": "CAST(d.amounts ->> 'standard' AS bigint)"},
)


def _extra_months(lookup: Lookup, today: date) -> Mapping[str, Any]:
    def amounts(ask: Lookup, on: date) -> Mapping[str, int]:
        standard = ask(SUBSISTENCE_STANDARD, on)
        due = extra_due(standard, ask(EXTRA_PERCENT, on))
        return {"standard": standard} | dict.fromkeys(ExtraBasis, due)

    return months(lookup, today, amounts, {"severe": SEVERE_LEVEL, "old": EXTRA_OLD_YEARS, "adult": ADULT_YEARS})


EXTRA: Final = Register(
    code="subsistence_extra",
    title=Message("低保增发台账", "Register of more allowance within 低保"),
    clause="条款 H-11（湖北2019年稳定脱贫意见）低保家庭老年人、未成年人、重度残疾人、重病患者增发不低于标准的20%",
    grain=FactGrain.PERSON,
    table=SubsistenceExtra,
    fields=owed_fields(
        Message("增发事由", "Basis"),
        ExtraBasis,
        FactField(
            name="standard_fen",
            label=Message("低保月标准", "Month's standard"),
            kind=ExportType.MONEY,
            unit="元",
            required=True,
        ),
    ),
    feed=Feed(
        datasets=(*CLASS_DATASETS, "disability.certificates", "civil.benefits"),
        select=_EXTRA,
        source="computed",
        scope=STILL_ADDED_UP,
        binds=_extra_months,
        daily=True,
    ),
    findings=(gap("extra_gap", Message("低保增发未发或不足", "The addition is missing or short"), "civil",
                  BENEFIT_GRACE_DAYS),),
    tells_health=True,
)  # fmt: skip


class DisabilityPay(Owed, table=True):
    """残疾人两项补贴: a month's benefit of a disabled person."""

    __tablename__: ClassVar[Any] = "register_disability_benefit"
    __table_args__ = fact_rules(
        "register_disability_benefit",
        FactGrain.PERSON,
        CheckConstraint("kind IN ('living', 'nursing')", "known_kind"),
        not_negative(),
    )


_CERTIFIED: Final = f"""
    certified AS MATERIALIZED (
        SELECT p.* FROM person AS p WHERE p.region BETWEEN :lo AND :hi AND {HERE_ONCE} AND ({CERTIFIED})
    )
"""
_LISTED: Final = "jsonb_exists(y.numbers -> 'living', '{0}')"
# 建档立卡的重度残疾人: of these an area lists the households, or all of the severely disabled.
_LISTED_WITH_THEIR_HOME: Final = f"""(
    {_LISTED.format("severely_disabled")} OR EXISTS (
        SELECT FROM household AS h WHERE h.id = p.household_id AND (
            h.is_lifted AND {_LISTED.format("lifted")}
            OR {_LISTED.format("monitored")} AND {monitored_in("y.starts_on", "y.ends_on")})))"""
_BENEFITS: Final = owed(
    "disability",
    f"""
        SELECT p.household_id, p.region, p.id AS person_id, b.kind
        FROM (SELECT p.*, {level_on("y.ends_on")} AS level FROM certified AS p) AS p
        CROSS JOIN (VALUES ('living'), ('nursing')) AS b(kind)
        WHERE {HERE_IN} AND CASE b.kind WHEN 'nursing' THEN p.level <= {number("severe")}
                          ELSE p.level IS NOT NULL
                               AND {in_class("y.starts_on", "y.ends_on", listed("living"))}
                               OR p.level <= {number("severe")} AND {_LISTED_WITH_THEIR_HOME} END
    """,
    _paid(*DisabilityBenefit),
    by_kind=True,
    given=_CERTIFIED,
)


def _monthly(kinds: type[DisabilityBenefit] | type[ChildKind]) -> Any:
    def amounts(ask: Lookup, on: date) -> Mapping[str, int]:
        return {str(kind): ask(benefit_key(str(kind)), on) for kind in kinds}

    return amounts


def _benefit_months(lookup: Lookup, today: date) -> Mapping[str, Any]:
    numbers = {"severe": SEVERE_LEVEL, "living": LIVING_CLASSES}
    return months(lookup, today, _monthly(DisabilityBenefit), numbers)


DISABILITY_BENEFITS: Final = Register(
    code="disability_benefit",
    title=Message("残疾人两项补贴台账", "Register of benefits of the disabled"),
    clause="条款 H-12（湖北2019年稳定脱贫意见）困难残疾人生活补贴、重度残疾人护理补贴，国发〔2015〕52号",
    grain=FactGrain.PERSON,
    table=DisabilityPay,
    fields=owed_fields(Message("补贴项目", "Benefit"), DisabilityBenefit),
    feed=Feed(
        datasets=(*CLASS_DATASETS, "disability.certificates", "civil.benefits"),
        select=_BENEFITS,
        source="computed",
        scope=STILL_ADDED_UP,
        binds=_benefit_months,
        daily=True,
    ),
    findings=(gap("benefit_gap", Message("残疾人补贴未发或不足", "A benefit is missing or short"), "civil",
                  BENEFIT_GRACE_DAYS),),
    tells_health=True,
)  # fmt: skip


class ChildAllowance(Owed, table=True):
    """孤儿和事实无人抚养儿童基本生活费: a child's allowance of a month."""

    __tablename__: ClassVar[Any] = "register_child_allowance"
    __table_args__ = fact_rules(
        "register_child_allowance",
        FactGrain.PERSON,
        CheckConstraint("kind IN ('orphan', 'unsupported')", "known_kind"),
        not_negative(),
    )


_ALLOWANCES: Final = owed(
    "child",
    f"""
        SELECT p.household_id, p.region, p.id AS person_id, c.kind
        FROM register_child AS c JOIN person AS p ON p.id = c.person_id AND {HERE_IN}
        WHERE c.region BETWEEN :lo AND :hi AND c.replaced_at IS NULL AND c.holds_from <= y.ends_on
          AND (c.holds_to IS NULL OR c.holds_to >= y.starts_on) AND {age_on("y.starts_on")} < {number("adult")}
    """,
    _paid(*ChildKind),
    by_kind=True,
)


def _allowance_months(lookup: Lookup, today: date) -> Mapping[str, Any]:
    return months(lookup, today, _monthly(ChildKind), {"adult": ADULT_YEARS})


CHILD_ALLOWANCES: Final = Register(
    code="child_allowance",
    title=Message("困境儿童基本生活费台账", "Register of children's allowances"),
    clause="条款 L-14（岚发〔2021〕7号），S-20（四川有效衔接实施意见）孤儿、事实无人抚养儿童基本生活费",
    grain=FactGrain.PERSON,
    table=ChildAllowance,
    fields=owed_fields(Message("儿童类别", "Kind of child"), ChildKind),
    feed=Feed(
        datasets=("civil.children", "civil.benefits"),
        select=_ALLOWANCES,
        source="computed",
        scope=STILL_ADDED_UP,
        binds=_allowance_months,
        daily=True,
    ),
    findings=(gap("allowance_gap", Message("儿童基本生活费未发或不足", "An allowance is missing or short"), "civil",
                  BENEFIT_GRACE_DAYS),),
    guards_children=True,
)  # fmt: skip
