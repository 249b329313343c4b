"""三重保障: what basic, serious-illness insurance and medical aid paid, by stay and by year (X-20, L-07, L-30).

Serious-illness insurance is tilted for lifted and monitored households, 低保 and 特困: some points more, from a lower
deductible. What that comes to is worked out for each year with the numbers of that year, and held against what was
paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

import orjson
from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, Text
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.registers.described import FactField, FactGrain, Feed, FindingRule, Lookup, Register
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.low_income import CLASS_DATASETS
from services.monitoring.registers.kinds.records import cast_of, facts_of, favoured_in, in_class, rows_of, text_of
from services.monitoring.registers.thresholds import (
    AID_CAP,
    FAVOUR_DEDUCTIBLE_PERCENT,
    FAVOUR_POINTS,
    SELF_PAY_PERCENT,
    SERIOUS_DEDUCTIBLE,
    SERIOUS_PERCENT,
)

_PAID: Final = (
    ("in_policy_fen", "in_policy_fen", Message("政策范围内费用", "Cost within policy")),
    ("basic_fen", "basic_paid_fen", Message("基本医保支付", "Paid by basic insurance")),
    ("serious_fen", "serious_paid_fen", Message("大病保险支付", "Paid by serious-illness insurance")),
    ("aid_fen", "aid_paid_fen", Message("医疗救助支付", "Paid by medical aid")),
)
"""Our column, the file's, and its label; amounts in 分."""

_YEARS_BACK: Final = 5  # how far back late settlements are still added up; older years stay as they were


class MedicalStay(Fact, table=True):
    """住院结算: one stay as it was settled; ``holds_from`` is the day of the settlement."""

    __tablename__: ClassVar[Any] = "register_medical_stay"
    __table_args__ = fact_rules(
        "register_medical_stay",
        FactGrain.PERSON,
        CheckConstraint("in_policy_fen >= 0 AND basic_fen >= 0 AND serious_fen >= 0 AND aid_fen >= 0", "not_negative"),
    )

    stay_no: str = Field(sa_type=Text)
    in_policy_fen: int = Field(sa_type=BigInteger)
    basic_fen: int = Field(sa_type=BigInteger)
    serious_fen: int = Field(sa_type=BigInteger)
    aid_fen: int = Field(sa_type=BigInteger)


class MedicalYear(Fact, table=True):
    """三重保障年度核算: a person's year. ``serious_due_fen`` is what the tilt comes to; 0 for who is not tilted to."""

    __tablename__: ClassVar[Any] = "register_medical_year"
    __table_args__ = fact_rules(
        "register_medical_year",
        FactGrain.PERSON,
        CheckConstraint("in_policy_fen >= 0 AND basic_fen >= 0 AND serious_fen >= 0 AND aid_fen >= 0", "not_negative"),
        CheckConstraint("self_pay_fen >= 0 AND serious_due_fen >= 0 AND aid_cap_fen >= 0", "sums_not_negative"),
    )

    year: int = Field(sa_type=SmallInteger)
    stays: int
    is_favoured: bool
    in_policy_fen: int = Field(sa_type=BigInteger)
    basic_fen: int = Field(sa_type=BigInteger)
    serious_fen: int = Field(sa_type=BigInteger)
    aid_fen: int = Field(sa_type=BigInteger)
    self_pay_fen: int = Field(sa_type=BigInteger)
    serious_due_fen: int = Field(sa_type=BigInteger)
    aid_cap_fen: int = Field(sa_type=BigInteger)


_ZERO: Final = "coalesce({0}, 0)"
_STAYS: Final = facts_of(
    "medical.settlements",
    FactGrain.PERSON,
    {"stay_no": text_of("stay_no")} | {ours: _ZERO.format(cast_of(theirs, "bigint")) for ours, theirs, _label in _PAID},
    name="stay",
    keys=("stay_no",),
    holds_to="r.event_date",
)
_SUMS: Final = ", ".join(
    f"CAST(coalesce(sum({cast_of(theirs, 'bigint')}), 0) AS bigint) AS {ours}" for ours, theirs, _label in _PAID
)
_THE_YEAR: Final = ("make_date(y.year, 1, 1)", "make_date(y.year, 12, 31)")
# Tilted to: who is lifted, and who was monitored, in 低保 or in 特困 on some day of the year.
_TILTED: Final = f"""({favoured_in(*_THE_YEAR)} OR {in_class(*_THE_YEAR, "'subsistence', 'destitute'")})"""
_YEAR: Final = f"""
    SELECT h.id AS household_id, h.region, t.person_id, 'medical:' || t.person_id || ':' || y.year AS fact_key,
           make_date(y.year, 1, 1) AS holds_from, make_date(y.year, 12, 31) AS holds_to,
           CAST(NULL AS uuid) AS source_record, CAST(NULL AS uuid) AS source_batch,
           y.year, t.stays, {_TILTED} AS is_favoured, t.in_policy_fen, t.basic_fen, t.serious_fen, t.aid_fen,
           greatest(t.in_policy_fen - t.basic_fen - t.serious_fen - t.aid_fen, 0) AS self_pay_fen,
           CASE WHEN {_TILTED} THEN greatest(
               t.in_policy_fen - t.basic_fen - y.deductible_fen * y.deductible_percent / 100, 0
           ) * (y.percent + y.points) / 100 ELSE 0 END AS serious_due_fen, y.aid_cap_fen
    FROM (
        SELECT r.person_id, r.household_id, CAST(extract(year FROM r.event_date) AS smallint) AS year,
               CAST(count(*) AS integer) AS stays, {_SUMS}
        FROM ({rows_of("medical.settlements", FactGrain.PERSON, "stay_no")}) AS r GROUP BY 1, 2, 3
    ) AS t
    JOIN jsonb_to_recordset(CAST(:years AS jsonb)) AS y(year smallint, deductible_fen bigint, deductible_percent bigint,
        percent bigint, points bigint, aid_cap_fen bigint) ON y.year = t.year
    JOIN household AS h ON h.id = t.household_id JOIN person AS p ON p.id = t.person_id
"""  # noqa: S608


def _years(lookup: Lookup, today: date) -> Mapping[str, Any]:
    """The years that are added up, each with the numbers in force at its end, or today."""
    listed = []
    for year in range(today.year - _YEARS_BACK, today.year + 1):
        on = min(today, date(year, 12, 31))
        listed.append(
            {
                "year": year,
                "deductible_fen": lookup(SERIOUS_DEDUCTIBLE, on),
                "deductible_percent": lookup(FAVOUR_DEDUCTIBLE_PERCENT, on),
                "percent": lookup(SERIOUS_PERCENT, on),
                "points": lookup(FAVOUR_POINTS, on),
                "aid_cap_fen": lookup(AID_CAP, on),
            }
        )
    return {"years": orjson.dumps(listed).decode(), "first_year": today.year - _YEARS_BACK}


def _money(name: str, label: Message) -> FactField:
    return FactField(name=name, label=label, kind=ExportType.MONEY, unit="元", required=True)


_PAID_FIELDS: Final = tuple(_money(ours, label) for ours, _theirs, label in _PAID)

STAYS: Final = Register(
    code="medical_stay",
    title=Message("住院三重保障结算", "Settled hospital stays"),
    clause="条款 X-20（西咸新区“一五六八”）基本医保、大病保险、医疗救助三重保障",
    grain=FactGrain.PERSON,
    table=MedicalStay,
    fields=(
        FactField(name="stay_no", label=Message("住院结算号", "Number of the stay"), required=True, maximum=64),
        *_PAID_FIELDS,
    ),
    feed=Feed(datasets=("medical.settlements",), select=_STAYS),
    tells_health=True,
)

YEARS: Final = Register(
    code="medical_year",
    title=Message("三重保障年度台账", "Three-tier medical settlement of a year"),
    clause="条款 X-20（西咸新区“一五六八”），L-07（岚发〔2021〕7号）大病保险倾斜，L-30 救助年度限额与自付比例控制",
    grain=FactGrain.PERSON,
    table=MedicalYear,
    fields=(
        FactField(name="year", label=Message("年度", "Year"), kind=ExportType.INTEGER, unit="年", required=True),
        FactField(name="stays", label=Message("住院次数", "Stays"), kind=ExportType.INTEGER, unit="次", required=True),
        FactField(name="is_favoured", label=Message("倾斜对象", "Tilted to"), kind=ExportType.BOOLEAN, required=True),
        *_PAID_FIELDS,
        _money("self_pay_fen", Message("政策范围内自付", "Self-pay within policy")),
        _money("serious_due_fen", Message("按倾斜政策应付大病保险", "Serious-illness insurance due with the tilt")),
        _money("aid_cap_fen", Message("医疗救助年度限额", "Yearly cap of medical aid")),
    ),
    feed=Feed(
        datasets=("medical.settlements", *CLASS_DATASETS),
        select=_YEAR,
        source="computed",
        scope="f.year >= :first_year",
        binds=_years,
        daily=True,
    ),
    findings=(
        FindingRule(
            code="tilt_not_applied",
            label=Message("大病保险倾斜未落实", "The tilt of serious-illness insurance was not applied"),
            duty="medical",
            condition="f.is_favoured AND f.serious_fen < f.serious_due_fen",
        ),
        FindingRule(
            code="self_pay_share",
            label=Message("自付比例过高且救助未达限额", "Too great a share of self-pay, and aid is below its cap"),
            duty="medical",
            condition="""f.is_favoured AND f.self_pay_fen * 100 > f.in_policy_fen * :share
                AND f.aid_fen < f.aid_cap_fen""",
            parameters={"share": SELF_PAY_PERCENT},
        ),
    ),
    tells_health=True,
)
