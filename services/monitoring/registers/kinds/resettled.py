"""易地搬迁: resettled households, month by month: who can work, who works, who works steadily (H-09, L-18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.work_and_school import WORKING
from services.monitoring.households.rules.dates import months_after
from services.monitoring.registers.described import CURRENT, FactField, FactGrain, Feed, FindingRule, Lookup, Register
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import rows_of
from services.monitoring.registers.thresholds import STABLE_MONTHS


class ResettledWork(Fact, table=True):
    """搬迁户就业: one household in one month; work as the labour office's file and spells tell it."""

    __tablename__: ClassVar[Any] = "register_resettled"
    __table_args__ = fact_rules(
        "register_resettled",
        FactGrain.HOUSEHOLD,
        CheckConstraint("stable_count BETWEEN 0 AND labour_count", "stable_among_labour"),
        CheckConstraint("working_count BETWEEN 0 AND labour_count", "working_among_labour"),
    )

    labour_count: int
    working_count: int
    stable_count: int


_LABOUR: Final = ", ".join(f"'{skill.value}'" for skill in sorted(WORKING))

# Steady: at work in every month's file of the window, of which none is missing, whether the present month's has come or
# not; or in a spell of work, as the employment service tells it, that began before the window and goes on.
_WORK: Final = f"""
    SELECT h.id AS household_id, h.region, CAST(NULL AS uuid) AS person_id,
           'resettled:' || h.id || ':' || CAST(:month_from AS date) AS fact_key,
           CAST(:month_from AS date) AS holds_from, CAST(:month_to AS date) AS holds_to,
           CAST(NULL AS uuid) AS source_record, CAST(NULL AS uuid) AS source_batch,
           coalesce(m.labour_count, 0) AS labour_count, coalesce(m.working_count, 0) AS working_count,
           coalesce(m.stable_count, 0) AS stable_count
    FROM household AS h
    LEFT JOIN LATERAL (
        SELECT CAST(count(*) AS integer) AS labour_count,
               CAST(count(*) FILTER (WHERE w.is_working OR e.is_working) AS integer) AS working_count,
               CAST(count(*) FILTER (WHERE w.is_steady OR e.is_steady) AS integer) AS stable_count
        FROM person AS worker
        LEFT JOIN LATERAL (
            SELECT (array_agg(CAST(r.payload ->> 'is_working' AS boolean) ORDER BY r.event_date DESC))[1] AS is_working,
                   bool_and(CAST(r.payload ->> 'is_working' AS boolean)) AND greatest(
                       count(DISTINCT date_trunc('month', r.event_date)) FILTER (WHERE r.event_date > :with_present),
                       count(DISTINCT date_trunc('month', r.event_date)) FILTER (WHERE r.event_date < :month_from)
                   ) >= :months AS is_steady
            FROM ({rows_of("work.status", FactGrain.PERSON, among="p.id = worker.id")}) AS r
            WHERE r.event_date > :after AND r.event_date <= :today
        ) AS w ON true
        LEFT JOIN LATERAL (
            SELECT count(*) > 0 AS is_working, bool_or(s.started_on <= :steady_since) AS is_steady
            FROM work_spell AS s
            WHERE s.person_id = worker.id AND s.region BETWEEN :lo AND :hi AND s.started_on <= :today
              AND (s.ended_on IS NULL OR s.ended_on >= :today)
        ) AS e ON true
        WHERE worker.household_id = h.id AND worker.region BETWEEN :lo AND :hi AND worker.state = 'active'
          AND worker.labour_skill IN ({_LABOUR})
    ) AS m ON true
    WHERE h.region BETWEEN :lo AND :hi AND h.state = 'active' AND h.is_resettled
"""  # noqa: S608


def _month(lookup: Lookup, today: date) -> Mapping[str, Any]:
    months = lookup(STABLE_MONTHS, today)
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    # The present month's file may be to come: the window is the last whole months, and what came since.
    after = months_after(first, -months) - timedelta(days=1)
    with_present = months_after(first, 1 - months) - timedelta(days=1)
    return {
        "month_from": first,
        "month_to": last,
        "months": months,
        "after": after,
        "with_present": with_present,
        "steady_since": months_after(today, -months),
    }


RESETTLED: Final = Register(
    code="resettled",
    title=Message("易地搬迁就业台账", "Register of work of resettled households"),
    clause="条款 H-09（湖北2019年稳定脱贫意见）有劳力户稳定就业，L-18（岚发〔2021〕7号）每户至少一人稳定就业",
    grain=FactGrain.HOUSEHOLD,
    table=ResettledWork,
    fields=tuple(
        FactField(name=name, label=label, kind=ExportType.INTEGER, unit="人", required=True)
        for name, label in (
            ("labour_count", Message("劳动力人数", "Who can work")),
            ("working_count", Message("在岗人数", "At work")),
            ("stable_count", Message("稳定就业人数", "Steadily at work")),
        )
    ),
    feed=Feed(
        datasets=("work.status",),
        select=_WORK,
        source="computed",
        scope="f.holds_from = :month_from",
        binds=_month,
        daily=True,
    ),
    findings=(
        FindingRule(
            code="nobody_works",
            label=Message("有劳动力的搬迁户无人稳定就业", "Nobody of a resettled household with labour works steadily"),
            duty="labour",
            condition=f"f.labour_count > 0 AND f.stable_count = 0 AND {CURRENT}",
        ),
    ),
)
