"""What departments' files and the registers say of whom to look after, as SQL that the marks are made and ended by.

A list names people month by month; a certificate, a row of the register of children or a diagnosis holds until its fact
ends. What only some months show, such as self-pay or a benefit, holds for as long as a month speaks, and goes on while
the next month comes in time: each such run of months is a fact of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import orjson

from services.monitoring.attention.parameters import OLD_YEARS
from services.monitoring.registers.described import Lookup
from services.monitoring.registers.thresholds import BENEFIT_GRACE_DAYS, SEVERE_LEVEL
from services.monitoring.screening.parameters import LISTED_DISEASES, PREFIX

LISTS: Final = {"civil.left_behind_visits": "民政：三留守名单", "women.left_behind_visits": "妇联：三留守名单"}
"""What is a mark's source, by the contract of the list."""
ILLNESSES: Final = "health.serious_disease"
ILLNESS_SOURCE: Final = "卫健：新发大病"
OUTPATIENT: Final = "medical.outpatient"
BURDEN_SOURCE: Final = "卫健、医保：慢病及门诊自付"
NURSING_SOURCE: Final = "民政：重度残疾人护理补贴"
IN_RUNS: Final = ("chronic_burden", "disabled_elder")
"""Kinds that months show."""
_BURDEN: Final = f"{PREFIX}outpatient_self_pay_min_fen"
_RECENT: Final = f"{PREFIX}event_recent_months"

_LISTED_ILLNESS: Final = """one.dataset = :illnesses AND one.region BETWEEN :lo AND :hi AND one.person_id IS NOT NULL
              AND upper(left(one.payload ->> 'disease_code', 3)) = ANY(CAST(:diseases AS text[]))"""
# 负担较重的慢性病患者: who is on the register of the chronically ill and paid more for a month's outpatient care than
# rule R04 asks after. 失能老年人: an old person who is paid the nursing benefit, which is for who needs lasting care
# (国发〔2015〕52号); no file tells of self-care itself, and a certificate of disability alone does not.
_HEAVY: Final = """
    FROM register_chronic AS ill CROSS JOIN LATERAL (
        SELECT CAST(date_trunc('month', one.event_date) AS date) AS first, one.state FROM department_record AS one
        WHERE one.person_id = ill.person_id AND one.dataset = :outpatient AND one.event_date <= :as_of
          AND CAST(one.payload ->> 'outpatient_self_pay_fen' AS bigint) >= :burden
    ) AS paid
    WHERE ill.region BETWEEN :lo AND :hi
"""
_NURSED: Final = """
    FROM register_disability_benefit AS got JOIN person AS p ON p.id = got.person_id
    WHERE got.region BETWEEN :lo AND :hi AND got.kind = 'nursing' AND got.received_fen > 0
      AND p.birth_date + make_interval(years => CAST(:old AS integer)) <= got.holds_to
"""
_OLD_FROM: Final = (
    """greatest(got.holds_from, CAST(p.birth_date + make_interval(years => CAST(:old AS integer)) AS date))"""
)
_RUNS: Final = f"""
    spans AS MATERIALIZED (
        SELECT ill.person_id, 'chronic_burden' AS kind, CAST(:burden_source AS text) AS source,
               greatest(ill.holds_from, paid.first) AS first,
               least(ill.holds_to,
                     CAST(paid.first + make_interval(months => CAST(:recent AS integer) + 1) AS date) - 1) AS last
        {_HEAVY} AND ill.replaced_at IS NULL AND paid.state = 'in_force'
        UNION ALL
        SELECT got.person_id, 'disabled_elder', CAST(:nursing_source AS text), {_OLD_FROM},
               got.holds_to + CAST(:grace AS integer)
        {_NURSED} AND got.replaced_at IS NULL
    ), runs AS MATERIALIZED (
        SELECT person_id, kind, source, min(first) AS holds_from, max(last) AS holds_to
        FROM (
            SELECT begun.*, count(*) FILTER (WHERE is_new)
                   OVER (PARTITION BY person_id, kind ORDER BY first, last) AS run
            FROM (
                SELECT spans.*, first > coalesce(max(last) OVER (
                    PARTITION BY person_id, kind ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ), '-infinity') + 1 AS is_new
                FROM spans WHERE first <= last
            ) AS begun
        ) AS numbered
        GROUP BY person_id, kind, source, run
    )
"""  # noqa: S608  # constants only

# One day of a month's list for each person and kind of being left behind; what a certificate or a row of the register
# of children says holds until the register's fact ends. What was said and no longer is, was corrected or withdrawn.
SAID: Final = f"""
    {_RUNS}, list AS MATERIALIZED (
        SELECT * FROM jsonb_each_text(CAST(:lists AS jsonb)) AS l(dataset, source)
    ), on_list AS MATERIALIZED (
        SELECT one.person_id, 'left_behind_' || (one.payload ->> 'left_behind_kind') AS kind, list.source,
               CAST(one.payload ->> 'listed_on' AS date) AS since, one.event_date AS named_on
        FROM department_record AS one JOIN list ON list.dataset = one.dataset
        WHERE one.dataset = ANY(CAST(:datasets AS text[])) AND one.state = 'in_force'
          AND one.region BETWEEN :lo AND :hi AND one.person_id IS NOT NULL
    ), of_register AS MATERIALIZED (
        SELECT person_id, 'difficult_child' AS kind, '民政：困境儿童台账' AS source, holds_from, holds_to
        FROM register_child WHERE region BETWEEN :lo AND :hi AND replaced_at IS NULL
        UNION ALL
        SELECT person_id, 'severe_disability', '残联：残疾人证', holds_from, holds_to
        FROM register_disability
        WHERE region BETWEEN :lo AND :hi AND replaced_at IS NULL AND CAST(level AS integer) <= :severe
        UNION ALL
        SELECT one.person_id, 'serious_illness', CAST(:illness_source AS text), min(one.event_date), NULL
        FROM department_record AS one
        WHERE one.state = 'in_force' AND {_LISTED_ILLNESS}
          AND one.event_date > coalesce((
              SELECT max(over.ends_on) FROM attention AS over
              WHERE over.person_id = one.person_id AND over.kind = 'serious_illness' AND over.state = 'active'
          ), '-infinity')
        GROUP BY one.person_id
        UNION ALL
        SELECT person_id, kind, source, holds_from, holds_to FROM runs
    )
"""  # noqa: S608  # constants only
SAID_BEFORE: Final = f"""
    said_before AS MATERIALIZED (
        SELECT person_id, 'difficult_child' AS kind, holds_from FROM register_child
        WHERE region BETWEEN :lo AND :hi AND replaced_at IS NOT NULL
        UNION ALL
        SELECT person_id, 'severe_disability', holds_from FROM register_disability
        WHERE region BETWEEN :lo AND :hi AND replaced_at IS NOT NULL AND CAST(level AS integer) <= :severe
        UNION ALL
        SELECT one.person_id, 'serious_illness', one.event_date FROM department_record AS one
        WHERE one.state <> 'in_force' AND {_LISTED_ILLNESS}
        UNION ALL
        SELECT ill.person_id, 'chronic_burden', greatest(ill.holds_from, paid.first)
        {_HEAVY} AND (ill.replaced_at IS NOT NULL OR paid.state <> 'in_force')
        UNION ALL
        SELECT got.person_id, 'disabled_elder', {_OLD_FROM} {_NURSED} AND got.replaced_at IS NOT NULL
    )
"""  # noqa: S608  # constants only


def said_binds(lookup: Lookup, on: date) -> Mapping[str, Any]:
    """What the statements bind beside the area: the county's numbers and lists of a day."""
    return {
        "as_of": on,
        "severe": lookup(SEVERE_LEVEL, on),
        "illnesses": ILLNESSES,
        "illness_source": ILLNESS_SOURCE,
        "diseases": list(lookup(LISTED_DISEASES, on)),
        "outpatient": OUTPATIENT,
        "burden": lookup(_BURDEN, on),
        "burden_source": BURDEN_SOURCE,
        "recent": lookup(_RECENT, on),
        "old": lookup(OLD_YEARS, on),
        "grace": lookup(BENEFIT_GRACE_DAYS, on),
        "nursing_source": NURSING_SOURCE,
        "lists": orjson.dumps(LISTS).decode(),
        "datasets": list(LISTS),
    }
