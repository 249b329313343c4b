"""雨露计划: grants paid for a school year, as facts that doubts and policies may ask for (clause B9, L-29)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.registers.described import FactField, FactGrain, Feed, Lookup, Register
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import cast_of, facts_of
from services.monitoring.registers.thresholds import SCHOOL_YEAR_MONTH


class YuluGrant(Fact, table=True):
    """雨露计划补助: a payment, which holds from its day to the end of its school year."""

    __tablename__: ClassVar[Any] = "register_yulu"
    __table_args__ = fact_rules("register_yulu", FactGrain.PERSON, CheckConstraint("paid_fen >= 0", "not_negative"))

    school_year: int = Field(sa_type=SmallInteger)
    paid_fen: int = Field(sa_type=BigInteger)


_GRANTS: Final = facts_of(
    "agriculture.yulu",
    FactGrain.PERSON,
    {"school_year": cast_of("school_year", "smallint"), "paid_fen": cast_of("paid_fen", "bigint")},
    name="yulu",
    keys=("payment_no",),
    holds_to=f"""greatest(
        r.event_date, make_date({cast_of("school_year", "integer")} + 1, CAST(:first_month AS integer), 1) - 1)""",
)


def _first_month(lookup: Lookup, today: date) -> Mapping[str, Any]:
    return {"first_month": lookup(SCHOOL_YEAR_MONTH, today)}


YULU: Final = Register(
    code="yulu",
    title=Message("雨露计划台账", "Register of Yulu grants"),
    clause="条款 B9：雨露计划",
    grain=FactGrain.PERSON,
    table=YuluGrant,
    fields=(
        FactField(
            name="school_year", label=Message("学年", "School year"), kind=ExportType.INTEGER, unit="年", required=True
        ),
        FactField(name="paid_fen", label=Message("补助金额", "Paid"), kind=ExportType.MONEY, unit="元", required=True),
    ),
    feed=Feed(datasets=("agriculture.yulu",), select=_GRANTS, binds=_first_month),
)
