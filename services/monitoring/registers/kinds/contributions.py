"""参保缴费: pension contributions that government pays, aid to those of medical insurance (L-13, S-19, S-10)."""

# ruff: noqa: S608  # every name put into a query is a constant of a register's module
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.registers import AidedClass
from services.monitoring.registers.described import FactField, FactGrain, Feed, FindingRule, Lookup, Register
from services.monitoring.registers.facts import fact_rules
from services.monitoring.registers.kinds.disability import CERTIFIED, level_on
from services.monitoring.registers.kinds.low_income import CLASS_DATASETS
from services.monitoring.registers.kinds.owed import (
    STILL_ADDED_UP,
    Owed,
    age_on,
    gap,
    not_negative,
    number,
    owed,
    owed_fields,
    paid_of,
    years,
)
from services.monitoring.registers.kinds.records import EVER_FAVOURED, HERE_IN, HERE_ONCE, monitoring_of, rows_of
from services.monitoring.registers.rules import contribution_aid
from services.monitoring.registers.thresholds import (
    INSURANCE_AID,
    INSURANCE_CONTRIBUTION,
    INSURANCE_GRACE_DAYS,
    PENSION_AGE,
    PENSION_CLASSES,
    PENSION_FROM,
    PENSION_GRACE_DAYS,
    PENSION_TIER,
    SEVERE_LEVEL,
    insurance_aid_key,
)

_KNOWN: Final = (
    "kind IN ('destitute', 'subsistence', 'marginal', 'expenditure', 'monitored', 'lifted', 'severely_disabled')"
)
# Each reason is read once, from where it is written: few of a county's people are of any class. A person is looked up
# for each by OFFSET 0, whatever is estimated: in a county that was loaded a minute ago a join would gather all the
# reasons anew for each person.
_LIFE: Final = "p.birth_date, p.school_stage, p.state, p.died_on, p.valid_from"
_WHO: Final = f"p.household_id, p.region, p.id AS person_id, {_LIFE}"
_HERE: Final = f"WHERE p.region BETWEEN :lo AND :hi AND {HERE_ONCE}"
_REASONS: Final = f"""
    classed AS MATERIALIZED (
        SELECT {_WHO}, c.low_income_class AS kind, c.holds_from, c.holds_to
        FROM register_low_income AS c
        CROSS JOIN LATERAL (SELECT * FROM person AS one WHERE one.id = c.person_id OFFSET 0) AS p
        {_HERE}
          AND c.region BETWEEN :lo AND :hi AND c.replaced_at IS NULL
    ), favoured AS MATERIALIZED (
        SELECT {_WHO}, k.kind, k.since, k.until
        FROM household AS h JOIN person AS p ON p.household_id = h.id
        CROSS JOIN LATERAL (
            SELECT 'monitored' AS kind, s.since, s.until FROM ({monitoring_of("h.id")}) AS s
            UNION ALL SELECT 'lifted', '-infinity', 'infinity' WHERE h.is_lifted
        ) AS k
        WHERE h.region BETWEEN :lo AND :hi AND {EVER_FAVOURED}
          AND p.region BETWEEN :lo AND :hi AND {HERE_ONCE}
    ), certified AS MATERIALIZED (
        SELECT p.* FROM person AS p {_HERE} AND ({CERTIFIED})
    )
"""
# Of a year that goes on, what is known until now: nobody is of a class in its last month yet.
_OF_CLASS: Final = f"p.household_id, p.region, p.person_id, {_LIFE}, p.kind"
_AIDED: Final = f"""
    SELECT {_OF_CLASS} FROM classed AS p
    WHERE {HERE_IN} AND holds_from <= y.ends_on AND (holds_to IS NULL OR holds_to >= y.starts_on)
    UNION ALL SELECT {_OF_CLASS} FROM favoured AS p
    WHERE {HERE_IN} AND since <= y.ends_on AND until > y.starts_on
    UNION ALL SELECT {_WHO}, 'severely_disabled' FROM certified AS p
    WHERE {HERE_IN} AND {level_on("least(y.ends_on, CAST(:today AS date))")} <= {number("severe")}
"""


class PensionContribution(Owed, table=True):
    """养老保险代缴: a person's year; ``tier_fen`` is the tier that was kept for them, once it is told."""

    __tablename__: ClassVar[Any] = "register_pension_contribution"
    __table_args__ = fact_rules(
        "register_pension_contribution",
        FactGrain.PERSON,
        CheckConstraint(_KNOWN, "known_kind"),
        CheckConstraint("tier_fen >= 0", "tier_not_negative"),
        not_negative(),
    )

    tier_fen: int | None = Field(None, sa_type=BigInteger)


class InsuranceAid(Owed, table=True):
    """参保资助: aid to a person's contribution of a year, by the class that gives most."""

    __tablename__: ClassVar[Any] = "register_insurance_aid"
    __table_args__ = fact_rules(
        "register_insurance_aid", FactGrain.PERSON, CheckConstraint(_KNOWN, "known_kind"), not_negative()
    )


def _paid(dataset: str, year: str, own: str = "") -> str:
    return paid_of(
        rows_of(dataset, FactGrain.PERSON, "payment_no"),
        starts_on=f"make_date(CAST(r.payload ->> '{year}' AS integer), 1, 1)",
        own=own,
    )


_PENSIONS: Final = owed(
    "pension",
    f"""
        SELECT p.household_id, p.region, p.person_id, p.kind FROM ({_AIDED}) AS p
        WHERE p.school_stage IS NULL
          AND {age_on("y.ends_on")} >= {number("from")} AND {age_on("y.ends_on")} < {number("until")}
    """,
    _paid(
        "work.pension_contributions",
        "pension_year",
        ", CAST(max(CAST(r.payload ->> 'tier_fen' AS bigint)) AS bigint) AS tier_fen",
    ),
    by_kind=False,
    given=_REASONS,
    own={"tier_fen": "paid.tier_fen"},
)
_INSURANCE: Final = owed(
    "insurance", _AIDED, _paid("medical.contribution_aid", "insured_year"), by_kind=False, given=_REASONS
)


def _pension_years(lookup: Lookup, today: date) -> Mapping[str, Any]:
    def amounts(ask: Lookup, on: date) -> Mapping[str, int]:
        tier: int = ask(PENSION_TIER, on)
        return {str(kind): tier for kind in ask(PENSION_CLASSES, on)}

    return years(lookup, today, amounts, {"severe": SEVERE_LEVEL, "from": PENSION_FROM, "until": PENSION_AGE})


def _insurance_years(lookup: Lookup, today: date) -> Mapping[str, Any]:
    def amounts(ask: Lookup, on: date) -> Mapping[str, int]:
        contribution = ask(INSURANCE_CONTRIBUTION, on)
        due = {str(kind): contribution_aid(contribution, ask(insurance_aid_key(kind), on)) for kind in INSURANCE_AID}
        return due | {str(AidedClass.DESTITUTE): contribution_aid(contribution, None)}

    return years(lookup, today, amounts, {"severe": SEVERE_LEVEL})


_DATASETS: Final = (*CLASS_DATASETS, "disability.certificates")
_FOR: Final = Message("资助对象类别", "Class")

PENSIONS: Final = Register(
    code="pension_contribution",
    title=Message("养老保险代缴台账", "Register of pension contributions paid by government"),
    clause="条款 L-13（岚发〔2021〕7号）养老保险代缴，S-19（四川有效衔接实施意见）保留最低缴费档次",
    grain=FactGrain.PERSON,
    table=PensionContribution,
    fields=owed_fields(
        _FOR,
        AidedClass,
        FactField(name="tier_fen", label=Message("缴费档次", "Tier"), kind=ExportType.MONEY, unit="元"),
    ),
    feed=Feed(
        datasets=(*_DATASETS, "work.pension_contributions"),
        select=_PENSIONS,
        source="computed",
        scope=STILL_ADDED_UP,
        binds=_pension_years,
        daily=True,
    ),
    findings=(
        gap(
            "pension_gap", Message("养老保险应代缴未代缴", "A contribution was not paid"), "labour", PENSION_GRACE_DAYS
        ),
        FindingRule(
            code="tier_not_kept",
            label=Message("未保留最低缴费档次", "The lowest tier was not kept"),
            duty="labour",
            condition="f.tier_fen > f.due_fen AND f.due_fen > 0",
        ),
    ),
    tells_health=True,
)

INSURANCE: Final = Register(
    code="insurance_aid",
    title=Message("医保参保资助台账", "Register of aid to contributions of medical insurance"),
    clause="条款 S-10（四川有效衔接实施意见）参保资助: 特困人员全额，低保对象定额",
    grain=FactGrain.PERSON,
    table=InsuranceAid,
    fields=owed_fields(_FOR, AidedClass),
    feed=Feed(
        datasets=(*_DATASETS, "medical.contribution_aid"),
        select=_INSURANCE,
        source="computed",
        scope=STILL_ADDED_UP,
        binds=_insurance_years,
        daily=True,
    ),
    findings=(gap("insurance_gap", Message("参保应资助未资助或不足", "Aid is missing or short"), "medical",
                  INSURANCE_GRACE_DAYS),),
    tells_health=True,
)  # fmt: skip
