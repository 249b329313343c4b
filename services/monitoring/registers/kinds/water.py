"""饮水安全: cuts and tests of the supply, and how far and how reliable water is (H-10, S-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Fault, Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.registers import WaterQuality
from services.monitoring.registers.described import (
    CURRENT,
    LOCAL,
    FactField,
    FactGrain,
    Feed,
    FindingRule,
    Lookup,
    Register,
    is_latest,
)
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import cast_of, facts_of, text_of
from services.monitoring.registers.thresholds import WATER_DISTANCE, WATER_OFF_DAYS, WATER_RELIABILITY


class WaterSupply(Fact, table=True):
    """供水: a cut of the supply from ``holds_from`` until it came back, or a test of that day."""

    __tablename__: ClassVar[Any] = "register_water"
    __table_args__ = fact_rules(
        "register_water",
        FactGrain.HOUSEHOLD,
        CheckConstraint("days_off >= 0", "days_not_negative"),
        CheckConstraint("quality IN ('pass', 'fail')", "known_quality"),
    )

    days_off: int | None = None
    restored_on: date | None = None
    quality: str | None = Field(None, sa_type=Text)


class WaterAccess(Fact, table=True):
    """取水: how far a household's water is and how reliably it flows, from a survey on."""

    __tablename__: ClassVar[Any] = "register_water_access"
    __table_args__ = fact_rules(
        "register_water_access",
        FactGrain.HOUSEHOLD,
        CheckConstraint("distance_metres >= 0", "distance_not_negative"),
        CheckConstraint("reliability_percent BETWEEN 0 AND 100", "reliability_is_a_share"),
        CheckConstraint("distance_metres IS NOT NULL OR reliability_percent IS NOT NULL", "says_something"),
    )

    distance_metres: int | None = None
    reliability_percent: int | None = None


_SAME_HOME: Final = "later.household_id = f.household_id"
# A test is of its day; a cut lasts until the supply is restored.
_SUPPLY: Final = facts_of(
    "water.supply",
    FactGrain.HOUSEHOLD,
    {
        "days_off": cast_of("days_off", "integer"),
        "restored_on": cast_of("restored_on", "date"),
        "quality": text_of("water_quality"),
    },
    name="supply",
    # The published contract bounds no number: what cannot be a number of days says nothing.
    where="coalesce(CAST(r.payload ->> 'days_off' AS bigint), 0) BETWEEN 0 AND 36500",
    holds_to=f"""CASE WHEN coalesce({cast_of("days_off", "integer")}, 0) = 0 THEN r.event_date
                      WHEN {cast_of("restored_on", "date")} IS NOT NULL
                      THEN greatest(r.event_date, {cast_of("restored_on", "date")}) END""",
)
_ACCESS: Final = facts_of(
    "water.access",
    FactGrain.HOUSEHOLD,
    {
        "distance_metres": cast_of("distance_metres", "integer"),
        "reliability_percent": cast_of("reliability_percent", "integer"),
    },
    name="access",
    where="coalesce(r.payload ->> 'distance_metres', r.payload ->> 'reliability_percent') IS NOT NULL",
)

_EMPTY: Final = Message("距离和保证率至少填写一项。", "Give the distance, the reliability, or both.")


_NOTHING: Final = Message("停水天数和水质至少填写一项。", "Give the days without water, the quality, or both.")
_RESTORED_EARLY: Final = Message("恢复供水不能早于停水。", "The supply is not restored before it is cut.")


def _cut_or_tested(values: Mapping[str, Any], on: date, _lookup: Lookup) -> Sequence[Fault]:
    found = []
    if values["days_off"] is None and values["quality"] is None:
        found.append(Fault("/days_off", "missing", _NOTHING))
    if values["restored_on"] is not None and values["restored_on"] < on:
        found.append(Fault("/restored_on", "restored_early", _RESTORED_EARLY))
    return found


def _says_something(values: Mapping[str, Any], _on: date, _lookup: Lookup) -> Sequence[Fault]:
    said = values["distance_metres"] is not None or values["reliability_percent"] is not None
    return [] if said else [Fault("/distance_metres", "missing", _EMPTY)]


SUPPLY: Final = Register(
    code="water",
    title=Message("供水保障台账", "Register of water supply"),
    clause="条款 H-10（湖北2019年稳定脱贫意见）饮水安全，S-12（四川有效衔接实施意见）供水应急、水质监测",
    grain=FactGrain.HOUSEHOLD,
    table=WaterSupply,
    fields=(
        FactField(name="days_off", label=Message("停水天数", "Days without water"), kind=ExportType.INTEGER, unit="天"),
        FactField(name="restored_on", label=Message("恢复供水日期", "Restored on"), kind=ExportType.DAY),
        FactField(name="quality", label=Message("水质", "Quality"), codes=WaterQuality),
    ),
    recorders=LOCAL,
    checks=_cut_or_tested,
    feed=Feed(datasets=("water.supply",), select=_SUPPLY),
    findings=(
        FindingRule(
            code="supply_cut",
            label=Message("停水未恢复", "The supply is cut and not restored"),
            duty="water",
            condition="""f.days_off > 0 AND (f.restored_on IS NULL OR f.restored_on > :today)
                AND (f.holds_to IS NULL OR f.holds_to >= :today)
                AND greatest(f.days_off, CAST(:today AS date) - f.holds_from) > :off_days""",
            parameters={"off_days": WATER_OFF_DAYS},
        ),
        FindingRule(
            code="bad_water",
            label=Message("水质不达标", "Water failed its test"),
            duty="water",
            condition=f"""f.quality = 'fail'
                AND {is_latest("register_water", f"{_SAME_HOME} AND later.quality IS NOT NULL", is_event=True)}""",
        ),
    ),
)

ACCESS: Final = Register(
    code="water_access",
    title=Message("取水条件台账", "Register of access to water"),
    clause="条款 H-10（湖北2019年稳定脱贫意见），B7 饮水安全: 水量、水质、方便程度、保证率",
    grain=FactGrain.HOUSEHOLD,
    table=WaterAccess,
    fields=(
        FactField(
            name="distance_metres", label=Message("取水水平距离", "Distance"), kind=ExportType.INTEGER, unit="米"
        ),
        FactField(
            name="reliability_percent",
            label=Message("供水保证率", "Reliability of supply"),
            kind=ExportType.INTEGER,
            unit="%",
            maximum=100,
        ),
    ),
    recorders=LOCAL,
    checks=_says_something,
    feed=Feed(datasets=("water.access",), select=_ACCESS),
    findings=(
        FindingRule(
            code="too_far",
            label=Message("取水距离超过上限", "Water is too far"),
            duty="water",
            condition=f"""f.distance_metres > :distance AND {CURRENT}
                AND {is_latest("register_water_access", f"{_SAME_HOME} AND later.distance_metres IS NOT NULL")}""",
            parameters={"distance": WATER_DISTANCE},
        ),
        FindingRule(
            code="unreliable",
            label=Message("供水保证率不足", "Water does not flow reliably"),
            duty="water",
            condition=f"""f.reliability_percent < :reliability AND {CURRENT}
                AND {is_latest("register_water_access", f"{_SAME_HOME} AND later.reliability_percent IS NOT NULL")}""",
            parameters={"reliability": WATER_RELIABILITY},
        ),
    ),
)
