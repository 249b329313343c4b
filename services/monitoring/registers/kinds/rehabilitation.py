"""残疾儿童康复救助: what is due for a disabled child's rehabilitation in a year, and what was paid (S-18, L-14)."""

# ruff: noqa: S608  # every name put into a query is a constant of a register's module
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint

from chassis.errors import Message
from services.monitoring.codes.registers import RehabilitationAid
from services.monitoring.registers.described import FactGrain, Feed, Lookup, Register
from services.monitoring.registers.facts import fact_rules
from services.monitoring.registers.kinds.disability import CERTIFIED, level_on
from services.monitoring.registers.kinds.owed import (
    STILL_ADDED_UP,
    Owed,
    gap,
    not_negative,
    number,
    owed,
    owed_fields,
    paid_of,
    years,
)
from services.monitoring.registers.kinds.records import HERE_IN, HERE_ONCE, rows_of
from services.monitoring.registers.thresholds import (
    REHABILITATION_AMOUNT,
    REHABILITATION_GRACE_DAYS,
    REHABILITATION_YEARS,
)


class RehabilitationPay(Owed, table=True):
    """残疾儿童康复救助: a year's aid for the training of a disabled child."""

    __tablename__: ClassVar[Any] = "register_rehabilitation_aid"
    __table_args__ = fact_rules(
        "register_rehabilitation_aid",
        FactGrain.PERSON,
        CheckConstraint("kind = 'training'", "known_kind"),
        not_negative(),
    )


_SERVICES: Final = f"""
    SELECT one.person_id, one.event_date, one.payload ->> 'ends_on' AS ends_on,
           jsonb_build_object('paid_fen', one.payload ->> 'subsidy_fen') AS payload
    FROM ({rows_of("disability.services", FactGrain.PERSON, "service_kind")}) AS one
    WHERE one.payload ->> 'service_kind' = 'rehabilitation'
"""
# Few have a certificate or were ever in rehabilitation: these are found once for all years, and looked at further.
_CONCERNED: Final = f"""
    concerned AS MATERIALIZED (
        SELECT p.* FROM person AS p
        WHERE p.region BETWEEN :lo AND :hi AND {HERE_ONCE} AND ({CERTIFIED} OR p.id IN (
            SELECT s.person_id FROM register_disability_service AS s
            WHERE s.region BETWEEN :lo AND :hi AND s.replaced_at IS NULL AND s.service = 'rehabilitation'))
    )
"""
# A child is in rehabilitation with a certificate, or by the diagnosis with which a provider took it in.
_AID: Final = owed(
    "rehabilitation",
    f"""
        SELECT p.household_id, p.region, p.id AS person_id, 'training' AS kind FROM concerned AS p
        WHERE {HERE_IN} AND p.birth_date <= y.ends_on
          AND p.birth_date > y.starts_on - make_interval(years => {number("years")} + 1)
          AND ({level_on("y.ends_on")} IS NOT NULL OR EXISTS (
              SELECT FROM register_disability_service AS s
              WHERE s.person_id = p.id AND s.replaced_at IS NULL AND s.service = 'rehabilitation'
                AND s.holds_from <= y.ends_on AND (s.holds_to IS NULL OR s.holds_to >= y.starts_on)))
    """,
    paid_of(
        f"SELECT * FROM ({_SERVICES}) AS told WHERE told.payload ->> 'paid_fen' IS NOT NULL",
        kind="'training'",
        starts_on="CAST(date_trunc('year', r.event_date) AS date)",
    ),
    by_kind=False,
    given=_CONCERNED,
)


def _periods(lookup: Lookup, today: date) -> Mapping[str, Any]:
    def amounts(ask: Lookup, on: date) -> Mapping[str, int]:
        return {RehabilitationAid.TRAINING.value: ask(REHABILITATION_AMOUNT, on)}

    return years(lookup, today, amounts, {"years": REHABILITATION_YEARS})


REHABILITATION: Final = Register(
    code="rehabilitation_aid",
    title=Message("残疾儿童康复救助台账", "Register of aid to the rehabilitation of children"),
    clause="条款 S-18（四川有效衔接实施意见）残疾儿童康复，S-20，L-14（岚发〔2021〕7号），国发〔2018〕20号",
    grain=FactGrain.PERSON,
    table=RehabilitationPay,
    fields=owed_fields(Message("救助项目", "Aid"), RehabilitationAid),
    feed=Feed(
        datasets=("disability.certificates", "disability.services"),
        select=_AID,
        source="computed",
        scope=STILL_ADDED_UP,
        binds=_periods,
        daily=True,
    ),
    findings=(
        gap(
            "rehabilitation_gap",
            Message("残疾儿童康复救助未发或不足", "Aid to a child's rehabilitation is missing or short"),
            "disability",
            REHABILITATION_GRACE_DAYS,
        ),
    ),
    tells_health=True,
    guards_children=True,
)
