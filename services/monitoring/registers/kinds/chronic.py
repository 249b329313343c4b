"""慢病签约: doctor contracts of the chronically ill, four kinds of illness (L-08)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.registers import ChronicKind
from services.monitoring.registers.described import CURRENT, FactField, FactGrain, Feed, FindingRule, Register
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import cast_of, facts_of, text_of


class ChronicContract(Fact, table=True):
    """慢病签约: a person has one of the four illnesses; ``signed_on`` is absent while no doctor has signed."""

    __tablename__: ClassVar[Any] = "register_chronic"
    __table_args__ = fact_rules(
        "register_chronic",
        FactGrain.PERSON,
        CheckConstraint("illness IN ('hypertension', 'diabetes', 'tuberculosis', 'mental')", "known_illness"),
    )

    illness: str = Field(sa_type=Text)
    signed_on: date | None = None
    ends_on: date | None = None


_CONTRACTS: Final = facts_of(
    "health.chronic_contract",
    FactGrain.PERSON,
    {
        "illness": text_of("chronic_kind"),
        "signed_on": cast_of("signed_on", "date"),
        "ends_on": cast_of("ends_on", "date"),
    },
    name="chronic",
    keys=("chronic_kind",),
    where="r.payload ->> 'chronic_kind' <> 'other'",
)

CHRONIC: Final = Register(
    code="chronic",
    title=Message("慢病签约台账", "Register of chronic-disease contracts"),
    clause="条款 L-08（岚发〔2021〕7号）慢病签约",
    grain=FactGrain.PERSON,
    table=ChronicContract,
    fields=(
        FactField(name="illness", label=Message("病种", "Illness"), codes=ChronicKind, required=True),
        FactField(name="signed_on", label=Message("签约日期", "Signed on"), kind=ExportType.DAY),
        FactField(name="ends_on", label=Message("签约到期日", "Ends on"), kind=ExportType.DAY),
    ),
    feed=Feed(datasets=("health.chronic_contract",), select=_CONTRACTS),
    findings=(
        FindingRule(
            code="no_contract",
            label=Message("慢病患者未签约或已到期", "No doctor's contract, or it has ended"),
            duty="health",
            condition=f"{CURRENT} AND (f.signed_on IS NULL OR f.signed_on > :today OR f.ends_on < :today)",
        ),
    ),
    tells_health=True,
)
