"""学生资助: what a student of a lifted or monitored household is due in a school year, and got (H-03, L-29).

Due goes by the registry, wherever the student studies; received by the education office's file,
other counties' payments among it. So a student in another county is missed by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Final

import orjson
from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, Text
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.registers import STUDY_STAGES, StudyStage
from services.monitoring.registers.described import FactField, FactGrain, Feed, FindingRule, Lookup, Register
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import EVER_FAVOURED, HERE_IN, HERE_ONCE, monitored_in, rows_of
from services.monitoring.registers.thresholds import AID_GRACE_DAYS, SCHOOL_YEAR_MONTH, aid_key


class StudentAid(Fact, table=True):
    """学生资助: due and received of one student in one school year; amounts in 分."""

    __tablename__: ClassVar[Any] = "register_student_aid"
    __table_args__ = fact_rules(
        "register_student_aid",
        FactGrain.PERSON,
        CheckConstraint("due_fen >= 0 AND received_fen >= 0 AND payments >= 0", "not_negative"),
    )

    school_year: int = Field(sa_type=SmallInteger)
    stage: str = Field(sa_type=Text)
    is_cross_county: bool
    due_fen: int = Field(sa_type=BigInteger)
    received_fen: int = Field(sa_type=BigInteger)
    payments: int


_STAGE: Final = f"""CASE regexp_replace(p.school_stage, '_[0-9]$', '')
    {" ".join(f"WHEN '{group}' THEN '{stage}'" for group, stage in STUDY_STAGES.items())} END"""

# Who is at school, or was when a year that is still added up was asked about. Households and former stages are looked
# up by key, by OFFSET 0, whatever is known of the tables' sizes.
_PUPILS: Final = f"""
    SELECT p.id, p.household_id, p.region, p.school_stage, p.state, p.died_on, p.valid_from, h.is_lifted
    FROM person AS p
    CROSS JOIN LATERAL (
        SELECT h.is_lifted FROM household AS h
        WHERE h.id = p.household_id AND {EVER_FAVOURED} OFFSET 0) AS h
    WHERE p.region BETWEEN :lo AND :hi AND {HERE_ONCE} AND (p.school_stage IS NOT NULL OR p.id IN (
        SELECT f.person_id FROM register_student_aid AS f
        WHERE f.region BETWEEN :lo AND :hi AND f.replaced_at IS NULL))
"""  # noqa: S608
# Of a year that is over, the stage is the one that was known then: the registry's is of now.
_AID: Final = f"""
    SELECT s.household_id, s.region, s.person_id, s.fact_key, s.starts_on AS holds_from, s.ends_on AS holds_to,
           CAST(NULL AS uuid) AS source_record, CAST(NULL AS uuid) AS source_batch, s.school_year, s.stage,
           coalesce(paid.elsewhere, false) OR EXISTS (
               SELECT FROM register_dropout AS roll
               WHERE roll.person_id = s.person_id AND roll.replaced_at IS NULL AND roll.status = 'enrolled_elsewhere'
                 AND roll.holds_from <= s.ends_on AND (roll.holds_to IS NULL OR roll.holds_to >= s.starts_on))
               AS is_cross_county,
           s.due_fen, coalesce(paid.received_fen, 0) AS received_fen, coalesce(paid.payments, 0) AS payments
    FROM (
        SELECT t.*, CAST(t.amounts ->> t.stage AS bigint) AS due_fen FROM (
            SELECT p.household_id, p.region, p.id AS person_id, 'aid:' || p.id || ':' || y.school_year AS fact_key,
                   y.school_year, y.starts_on, y.ends_on, y.amounts, p.is_lifted,
                   CASE WHEN y.ends_on >= :today THEN {_STAGE} ELSE former.stage END AS stage
            FROM ({_PUPILS}) AS p
            CROSS JOIN jsonb_to_recordset(CAST(:years AS jsonb))
                AS y(school_year smallint, starts_on date, ends_on date, amounts jsonb)
            LEFT JOIN LATERAL (
                SELECT f.stage FROM register_student_aid AS f
                WHERE f.fact_key = 'aid:' || p.id || ':' || y.school_year AND f.replaced_at IS NULL OFFSET 0
            ) AS former ON true
            WHERE {HERE_IN}
        ) AS t
        WHERE t.stage IS NOT NULL AND (t.is_lifted OR {monitored_in("t.starts_on", "t.ends_on", "t.household_id")})
    ) AS s
    LEFT JOIN LATERAL (
        SELECT CAST(sum(CAST(r.payload ->> 'aid_paid_fen' AS bigint)) AS bigint) AS received_fen,
               CAST(count(*) AS integer) AS payments, bool_or(r.payload ->> 'paying_county' IS NOT NULL) AS elsewhere
        FROM ({rows_of("education.aid", FactGrain.PERSON, "payment_no", among="p.id = s.person_id")}) AS r
        WHERE CAST(r.payload ->> 'school_year' AS smallint) = s.school_year
    ) AS paid ON true
    WHERE s.due_fen > 0 OR paid.received_fen > 0
"""  # noqa: S608


def _years(lookup: Lookup, today: date) -> Mapping[str, Any]:
    """The school year of today and the one before, each with its days and what each stage was due when it began."""
    month = lookup(SCHOOL_YEAR_MONTH, today)
    present = today.year if today >= date(today.year, month, 1) else today.year - 1
    listed = []
    for year in (present - 1, present):
        starts_on = date(year, month, 1)
        amounts = {stage.value: lookup(aid_key(stage.value), starts_on) for stage in StudyStage}
        ends_on = date(year + 1, month, 1) - timedelta(days=1)
        listed.append({"school_year": year, "starts_on": starts_on, "ends_on": ends_on, "amounts": amounts})
    return {"years": orjson.dumps(listed).decode(), "year_list": [present - 1, present]}


STUDENT_AID: Final = Register(
    code="student_aid",
    title=Message("学生资助台账", "Register of student aid"),
    clause="条款 H-03（湖北2019年稳定脱贫意见）教育资助全覆盖，L-29（岚发〔2021〕7号）学生应助尽助",
    grain=FactGrain.PERSON,
    table=StudentAid,
    fields=(
        FactField(
            name="school_year", label=Message("学年", "School year"), kind=ExportType.INTEGER, unit="年", required=True
        ),
        FactField(name="stage", label=Message("学段", "Stage of study"), codes=StudyStage, required=True),
        FactField(
            name="is_cross_county",
            label=Message("县外就读", "Studies in another county"),
            kind=ExportType.BOOLEAN,
            required=True,
        ),
        FactField(name="due_fen", label=Message("应助金额", "Due"), kind=ExportType.MONEY, unit="元", required=True),
        FactField(
            name="received_fen", label=Message("已助金额", "Received"), kind=ExportType.MONEY, unit="元", required=True
        ),
        FactField(
            name="payments", label=Message("发放次数", "Payments"), kind=ExportType.INTEGER, unit="次", required=True
        ),
    ),
    feed=Feed(
        datasets=("education.aid", "education.status"),
        select=_AID,
        source="computed",
        scope="f.school_year = ANY(CAST(:year_list AS smallint[]))",
        binds=_years,
        daily=True,
    ),
    findings=(
        FindingRule(
            code="aid_gap",
            label=Message("应助未助或未足额", "Student aid is missing or short"),
            duty="education",
            condition="f.received_fen < f.due_fen AND f.holds_from + :grace_days < :today",
            parameters={"grace_days": AID_GRACE_DAYS},
        ),
    ),
)
