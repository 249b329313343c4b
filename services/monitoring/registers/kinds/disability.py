"""残疾人: certificates as dated facts, care and rehabilitation, and who of the young gets none (H-12, S-18)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.persons import DisabilityClass, DisabilityLevel
from services.monitoring.codes.registers import DisabilityService
from services.monitoring.registers.described import CURRENT, FactField, FactGrain, Feed, FindingRule, Register
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import cast_of, facts_of, text_of
from services.monitoring.registers.thresholds import REHABILITATION_YEARS


class Disability(Fact, table=True):
    """残疾人证: class and level of a person's disability from the day of the certificate on."""

    __tablename__: ClassVar[Any] = "register_disability"
    __table_args__ = fact_rules(
        "register_disability",
        FactGrain.PERSON,
        CheckConstraint("category IN ('1', '2', '3', '4', '5', '6', '7')", "known_category"),
        CheckConstraint("level IN ('1', '2', '3', '4')", "known_level"),
    )

    category: str | None = Field(None, sa_type=Text)
    level: str = Field(sa_type=Text)


class DisabilityCare(Fact, table=True):
    """托养和康复: a person gets a service of a provider; ``subsidy_fen`` is absent while nothing was paid."""

    __tablename__: ClassVar[Any] = "register_disability_service"
    __table_args__ = fact_rules(
        "register_disability_service",
        FactGrain.PERSON,
        CheckConstraint("service IN ('care', 'rehabilitation')", "known_service"),
        CheckConstraint("subsidy_fen >= 0", "subsidy_not_negative"),
    )

    service: str = Field(sa_type=Text)
    provider: str = Field(sa_type=Text)
    subsidy_fen: int | None = Field(None, sa_type=BigInteger)


# The published contract bounds no level: what is none of the four says nothing.
_CERTIFICATES: Final = facts_of(
    "disability.certificates",
    FactGrain.PERSON,
    {"category": text_of("disability_category"), "level": text_of("disability_level")},
    name="disability",
    where="r.payload ->> 'disability_level' IN ('1', '2', '3', '4')",
)
_SERVICES: Final = facts_of(
    "disability.services",
    FactGrain.PERSON,
    {
        "service": text_of("service_kind"),
        "provider": text_of("provider"),
        "subsidy_fen": cast_of("subsidy_fen", "bigint"),
    },
    name="disability_service",
    keys=("service_kind",),
    holds_to=f"""CASE WHEN {cast_of("ends_on", "date")} IS NOT NULL
                      THEN greatest(r.event_date, {cast_of("ends_on", "date")}) END""",
)


def level_on(day: str) -> str:
    """SQL: the level of person ``p``'s disability on ``day``: of the certificate, else as registered; a number."""
    return f"""CAST(coalesce((
        SELECT d.level FROM register_disability AS d
        WHERE d.person_id = p.id AND d.replaced_at IS NULL AND d.holds_from <= {day}
          AND (d.holds_to IS NULL OR d.holds_to >= {day}) ORDER BY d.holds_from DESC LIMIT 1
    ), p.disability_level) AS integer)"""  # noqa: S608


CERTIFIED: Final = """
    p.disability_level IS NOT NULL OR p.id IN (
        SELECT d.person_id FROM register_disability AS d
        WHERE d.region BETWEEN :lo AND :hi AND d.replaced_at IS NULL)
"""
"""SQL: person ``p`` has, or had, a level of disability at all; asked first, since few have."""

DISABILITY: Final = Register(
    code="disability",
    title=Message("残疾人台账", "Register of the disabled"),
    clause="条款 H-12（湖北2019年稳定脱贫意见），S-18（四川有效衔接实施意见）残疾儿童康复",
    grain=FactGrain.PERSON,
    table=Disability,
    fields=(
        FactField(name="category", label=Message("残疾类别", "Class"), codes=DisabilityClass),
        FactField(name="level", label=Message("残疾等级", "Level"), codes=DisabilityLevel, required=True),
    ),
    feed=Feed(datasets=("disability.certificates",), select=_CERTIFICATES),
    findings=(
        FindingRule(
            code="no_rehabilitation",
            label=Message("残疾儿童未接受康复服务", "A disabled child gets no rehabilitation"),
            duty="disability",
            condition=f"""{CURRENT} AND extract(year FROM age(CAST(:today AS date), p.birth_date)) <= :years
                AND NOT EXISTS (
                    SELECT FROM register_disability_service AS s
                    WHERE s.person_id = f.person_id AND s.replaced_at IS NULL AND s.service = 'rehabilitation'
                      AND s.holds_from <= :today AND (s.holds_to IS NULL OR s.holds_to >= :today))""",
            parameters={"years": REHABILITATION_YEARS},
        ),
    ),
    tells_health=True,
)

SERVICES: Final = Register(
    code="disability_service",
    title=Message("残疾人托养和康复台账", "Register of care and rehabilitation"),
    clause="条款 H-12（湖北2019年稳定脱贫意见）托养，S-18（四川有效衔接实施意见）残疾儿童康复",
    grain=FactGrain.PERSON,
    table=DisabilityCare,
    fields=(
        FactField(name="service", label=Message("服务类别", "Service"), codes=DisabilityService, required=True),
        FactField(name="provider", label=Message("服务机构", "Provider"), required=True),
        FactField(name="subsidy_fen", label=Message("补助金额", "Subsidy"), kind=ExportType.MONEY, unit="元"),
    ),
    feed=Feed(datasets=("disability.services",), select=_SERVICES),
    tells_health=True,
)
