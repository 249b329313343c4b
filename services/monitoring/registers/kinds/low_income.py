"""低收入人口: the five classes as dated facts, and who should be covered by 低保 or 特困 (X-07, S-17, L-11, S-07).

Civil affairs' roll says since when; a change of aid that was handed in anyway ends or begins a spell too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.registers import GuaranteeBasis, LowIncomeClass
from services.monitoring.codes.work_and_school import WORKING
from services.monitoring.registers.described import (
    CURRENT,
    TOWN,
    FactField,
    FactGrain,
    Feed,
    FindingRule,
    Lookup,
    Register,
)
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.disability import CERTIFIED, level_on
from services.monitoring.registers.kinds.records import FAVOURED, cast_of, in_class, rows_of
from services.monitoring.registers.thresholds import LABOUR_FROM, SEVERE_LEVEL

CLASS_DATASETS: Final = ("civil.low_income", "civil.aid_change")
"""The contracts that say who is of which class; registers that ask for a class are fed by them too."""


class LowIncome(Fact, table=True):
    """低收入类别: a person is of a class; ``is_single`` if they are in 低保 as a household of one."""

    __tablename__: ClassVar[Any] = "register_low_income"
    __table_args__ = fact_rules(
        "register_low_income",
        FactGrain.PERSON,
        CheckConstraint(
            "low_income_class IN ('subsistence', 'destitute', 'marginal', 'expenditure', 'emergency')", "known_class"
        ),
    )

    low_income_class: str = Field(sa_type=Text)
    is_single: bool | None = None


class GuaranteeNeed(Fact, table=True):
    """兜底对象: somebody whom 低保 or 特困 should cover, since that was seen; ``basis`` is the first that holds."""

    __tablename__: ClassVar[Any] = "register_guarantee_need"
    __table_args__ = fact_rules(
        "register_guarantee_need",
        FactGrain.PERSON,
        CheckConstraint("basis IN ('severely_disabled', 'seriously_ill', 'no_labour')", "known_basis"),
    )

    basis: str = Field(sa_type=Text)


# What begins a spell, and what ends it: the day after its last. A stop and a grant of one day are two spells. The end
# that a row of the roll names counts only until a later row about the class begins: from then on, that row says it.
_TOLD: Final = f"""
    WITH roll AS MATERIALIZED (
        SELECT r.person_id, r.household_id, r.region, r.payload ->> 'low_income_class' AS class, r.event_date AS day,
               {cast_of("is_single", "boolean")} AS is_single, {cast_of("ends_on", "date")} AS ends_on,
               lead(r.event_date) OVER (
                   PARTITION BY r.person_id, r.payload ->> 'low_income_class' ORDER BY r.event_date) AS next_day
        FROM ({rows_of("civil.low_income", FactGrain.PERSON, "low_income_class")}) AS r
    )
    SELECT person_id, household_id, region, class, day, true AS is_on, is_single FROM roll
    UNION ALL
    SELECT person_id, household_id, region, class, ends_on + 1, false, NULL FROM roll
    WHERE ends_on >= day AND (next_day IS NULL OR next_day > ends_on)
    UNION ALL
    SELECT r.person_id, r.household_id, r.region, r.payload ->> 'aid_kind', r.event_date,
           r.payload ->> 'aid_change' <> 'stopped', NULL
    FROM ({rows_of("civil.aid_change", FactGrain.PERSON, "aid_kind", "aid_change")}) AS r
"""  # noqa: S608
_CLASSES: Final = f"""
    SELECT s.household_id, s.region, s.person_id,
           'low_income:' || s.person_id || ':' || s.class || ':' || s.began_on AS fact_key, s.began_on AS holds_from,
           CAST(s.next_stop - 1 AS date) AS holds_to, CAST(NULL AS uuid) AS source_record,
           CAST(NULL AS uuid) AS source_batch, s.class AS low_income_class, s.is_single
    FROM (
        SELECT t.person_id, t.household_id, t.region, t.class, min(t.day) FILTER (WHERE t.is_on) AS began_on,
               lead(min(t.day) FILTER (WHERE NOT t.is_on)) OVER (PARTITION BY t.person_id, t.class ORDER BY t.stops)
                   AS next_stop,
               (array_agg(t.is_single ORDER BY t.day DESC) FILTER (WHERE t.is_single IS NOT NULL))[1] AS is_single
        FROM (
            SELECT e.*, count(*) FILTER (WHERE NOT e.is_on) OVER (
                PARTITION BY e.person_id, e.class ORDER BY e.day, e.is_on ROWS UNBOUNDED PRECEDING) AS stops
            FROM ({_TOLD}) AS e
        ) AS t GROUP BY t.person_id, t.household_id, t.region, t.class, t.stops
    ) AS s WHERE s.began_on IS NOT NULL
"""  # noqa: S608

LOW_INCOME: Final = Register(
    code="low_income",
    title=Message("低收入人口台账", "Register of low-income people"),
    clause="条款 X-07（西咸新区“一五六八”）分层分类救助，S-17（四川有效衔接实施意见）低收入人口监测、低保单人户",
    grain=FactGrain.PERSON,
    table=LowIncome,
    fields=(
        FactField(name="low_income_class", label=Message("低收入类别", "Class"), codes=LowIncomeClass, required=True),
        FactField(name="is_single", label=Message("单人户纳入", "Covered singly"), kind=ExportType.BOOLEAN),
    ),
    recorders=TOWN,
    feed=Feed(datasets=CLASS_DATASETS, select=_CLASSES, source="computed"),
)

_WORKING: Final = ", ".join(f"'{skill.value}'" for skill in sorted(WORKING))
# Of a grown-up of whom neither labour nor school is known, nobody can say that the household has no labour.
_NO_LABOUR: Final = f"""NOT EXISTS (
    SELECT FROM person AS m
    WHERE m.household_id = h.id AND m.region BETWEEN :lo AND :hi AND m.state = 'active' AND (
        m.labour_skill IN ({_WORKING})
        OR m.labour_skill IS NULL AND m.school_stage IS NULL
            AND extract(year FROM age(CAST(:today AS date), m.birth_date)) >= :labour_from))"""  # noqa: S608
# OFFSET 0: pulled up, the basis would be worked out for the condition and again for the result.
_STANDING: Final = f"""
    SELECT b.household_id, b.region, b.person_id, b.basis FROM (
        SELECT p.household_id, p.region, p.id AS person_id,
               CASE WHEN ({CERTIFIED}) AND {level_on(":today")} <= :severe THEN 'severely_disabled'
                    WHEN 'serious' = ANY (p.health) THEN 'seriously_ill'
                    WHEN {FAVOURED} AND {_NO_LABOUR} THEN 'no_labour' END AS basis
        FROM person AS p JOIN household AS h ON h.id = p.household_id AND h.state = 'active'
        WHERE p.region BETWEEN :lo AND :hi AND p.state = 'active'
          AND ({FAVOURED} OR {in_class(":today", ":today", "'marginal', 'expenditure'")})
        OFFSET 0
    ) AS b WHERE b.basis IS NOT NULL
"""  # noqa: S608
# A need that is there no longer ended yesterday; one that came back is another fact.
_NEEDS: Final = f"""
    WITH standing AS MATERIALIZED ({_STANDING}), former AS MATERIALIZED (
        SELECT f.person_id, p.household_id, p.region, f.basis, f.holds_from, f.fact_key
        FROM register_guarantee_need AS f JOIN person AS p ON p.id = f.person_id
        WHERE p.region BETWEEN :lo AND :hi AND f.replaced_at IS NULL AND f.holds_to IS NULL
    )
    SELECT s.household_id, s.region, s.person_id,
           coalesce(former.fact_key, 'need:' || s.person_id || ':' || s.basis || ':' || CAST(:today AS date))
               AS fact_key,
           coalesce(former.holds_from, CAST(:today AS date)) AS holds_from, CAST(NULL AS date) AS holds_to,
           CAST(NULL AS uuid) AS source_record, CAST(NULL AS uuid) AS source_batch, s.basis
    FROM standing AS s LEFT JOIN former ON former.person_id = s.person_id AND former.basis = s.basis
    UNION ALL
    SELECT former.household_id, former.region, former.person_id, former.fact_key, former.holds_from,
           greatest(former.holds_from, CAST(:today AS date) - 1), NULL, NULL, former.basis
    FROM former LEFT JOIN standing AS s ON s.person_id = former.person_id AND s.basis = former.basis
    WHERE s.person_id IS NULL
"""  # noqa: S608


def _numbers(lookup: Lookup, today: date) -> Mapping[str, Any]:
    return {"severe": lookup(SEVERE_LEVEL, today), "labour_from": lookup(LABOUR_FROM, today)}


def _uncovered(code: str, label: Message, basis: str) -> FindingRule:
    return FindingRule(
        code=code,
        label=label,
        duty="civil",
        condition=f"""{CURRENT} AND f.basis {basis} AND NOT EXISTS (
            SELECT FROM register_low_income AS c
            WHERE c.person_id = f.person_id AND c.replaced_at IS NULL
              AND c.low_income_class IN ('subsistence', 'destitute')
              AND c.holds_from <= :today AND (c.holds_to IS NULL OR c.holds_to >= :today))""",
    )


NEEDS: Final = Register(
    code="guarantee_need",
    title=Message("兜底保障对象台账", "Register of who is to be covered"),
    clause="条款 L-11（岚发〔2021〕7号）重残重病单人保、无劳动力家庭，S-07（四川有效衔接实施意见）兜底保障",
    grain=FactGrain.PERSON,
    table=GuaranteeNeed,
    fields=(FactField(name="basis", label=Message("兜底事由", "Basis"), codes=GuaranteeBasis, required=True),),
    feed=Feed(
        datasets=(*CLASS_DATASETS, "disability.certificates"),
        select=_NEEDS,
        source="computed",
        scope="f.holds_to IS NULL",
        binds=_numbers,
        daily=True,
    ),
    findings=(
        _uncovered("not_covered_singly", Message("重残重病人员未纳入低保或特困", "Severely disabled or ill"),
                   "IN ('severely_disabled', 'seriously_ill')"),
        _uncovered("no_labour_not_covered", Message("无劳动力家庭未纳入低保或特困", "Without labour, not covered"),
                   "= 'no_labour'"),
    ),
    tells_health=True,
)  # fmt: skip
