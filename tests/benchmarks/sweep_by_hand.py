"""The SQL by hand of `sweep`: one INSERT … SELECT for each table, over copies with the same indexes and foreign keys.

It answers the questions that a night answers of the benchmark's county, as one would who knows what lies in it: visits
due; carers missing; what is due to people by the registers that are added up at night (参保资助, 养老保险代缴,
学生资助, 兜底对象; nobody here was in a hospital or resettled, or is due 低保增发, 残疾人补贴, 儿童生活费); and what is
amiss in registers, by the first values of the parameters. It asks for payments and classes too, since there might be.
Without policy, audit, change feed, a look for what changed, or for what is over.
"""

from __future__ import annotations

from typing import Final

COPIED: Final = {
    "visit_due": ("household",),
    "finding": ("household",),
    "register_finding": ("household",),
    "register_insurance_aid": ("household", "person"),
    "register_pension_contribution": ("household", "person"),
    "register_student_aid": ("household", "person"),
    "register_guarantee_need": ("household", "person"),
}
"""Tables that the SQL by hand writes copies of, named ``hand_…``, and what their rows refer to."""

_DUES: Final = """
    INSERT INTO hand_visit_due (household_id, reason, subject_id, region, person_id, begins_on, last_visited_on, due_on,
                                form, rhythm)
    SELECT d.household_id, d.reason, coalesce(d.person_id, d.household_id), d.region, d.person_id, d.begins_on, m.day,
           CASE d.rhythm WHEN 'days' THEN coalesce(m.day, d.begins_on) + 30
                ELSE (date_trunc('month', coalesce(m.day, d.begins_on)) + interval '2 months' - interval '1 day')::date
           END, d.form, d.rhythm
    FROM (
        SELECT id AS household_id, region, NULL::uuid AS person_id, 'monitored' AS reason, registered_on AS begins_on,
               'general' AS form, 'month' AS rhythm
        FROM household WHERE state = 'active' AND monitoring_type IS NOT NULL
        UNION ALL
        SELECT a.household_id, a.region, a.person_id, a.kind, a.starts_on, 'guardianship', 'days'
        FROM attention AS a JOIN person AS p ON p.id = a.person_id AND p.state = 'active'
        JOIN household AS h ON h.id = a.household_id AND h.state = 'active' WHERE a.state = 'active'
        UNION ALL
        SELECT h.id, h.region, NULL, 'low_income', %(today)s, 'general', 'month'
        FROM register_low_income AS c JOIN household AS h ON h.id = c.household_id AND h.state = 'active'
        WHERE c.replaced_at IS NULL GROUP BY h.id, h.region
    ) AS d
    LEFT JOIN LATERAL (
        SELECT max(visited_on) AS day FROM visit_met
        WHERE subject_id = coalesce(d.person_id, d.household_id) AND reason = d.reason
    ) AS m ON true
    """
_CARERS: Final = """
    INSERT INTO hand_finding (id, region, household_id, person_id, code, field, message_zh, message_en, state, found_on,
                              version)
    SELECT uuidv7(), a.region, a.household_id, a.person_id, k.code, '/carers', '', '', 'open', %(today)s, 1
    FROM attention AS a JOIN person AS p ON p.id = a.person_id AND p.state = 'active'
    JOIN household AS h ON h.id = a.household_id AND h.state = 'active'
    CROSS JOIN unnest(ARRAY['neighbour', 'teacher', 'cadre', 'volunteer_team']) AS k(code)
    WHERE a.state = 'active' AND NOT EXISTS (
        SELECT FROM carer AS c WHERE c.person_id = a.person_id AND c.kind = k.code AND c.ends_on IS NULL)
    """
_FACT: Final = (
    "id, version, region, household_id, person_id, fact_key, holds_from, holds_to, source, county, recorded_by"
)
_FAVOURED: Final = "(h.is_lifted OR h.monitoring_type IS NOT NULL AND h.eliminated_on IS NULL)"
_YEARS: Final = """(
    SELECT make_date(n, 1, 1) AS first, make_date(n, 12, 31) AS last
    FROM generate_series(extract(year FROM %(today)s::date)::int - 2, extract(year FROM %(today)s::date)::int) AS n
)"""
_LEVEL: Final = """
    coalesce((SELECT d.level FROM register_disability AS d WHERE d.person_id = p.id AND d.replaced_at IS NULL
              AND d.holds_from <= least(y.last, %(today)s) AND (d.holds_to IS NULL OR d.holds_to >= y.last)
              ORDER BY d.holds_from DESC LIMIT 1), p.disability_level)::int"""
# Which classes a person is of in a year, and what each is due.
_AIDED: Final = f"""
    SELECT DISTINCT ON (p.id, y.first) p.id, p.region, p.household_id, p.birth_date, p.school_stage, y.first, y.last,
           k.kind, {{due}} AS due_fen
    FROM {_YEARS} AS y CROSS JOIN person AS p JOIN household AS h ON h.id = p.household_id AND h.state = 'active'
    CROSS JOIN LATERAL (
        SELECT 'monitored' AS kind
        WHERE h.registered_on <= y.last AND (h.eliminated_on IS NULL OR h.eliminated_on > y.first)
        UNION ALL SELECT 'severely_disabled' WHERE {_LEVEL} <= 2
        UNION ALL SELECT c.low_income_class FROM register_low_income AS c
        WHERE c.person_id = p.id AND c.replaced_at IS NULL AND c.holds_from <= y.last
          AND (c.holds_to IS NULL OR c.holds_to >= y.first)
    ) AS k
    WHERE p.state = 'active' AND p.region BETWEEN 610999000000 AND 610999999999 {{who}}
    ORDER BY p.id, y.first, {{due}} DESC, k.kind
"""
_PAID: Final = """
    SELECT person_id, make_date((payload ->> '{year}')::int, 1, 1) AS first, sum((payload ->> 'paid_fen')::bigint)
           AS received_fen, count(*) AS payments
    FROM department_record
    WHERE county = 610999000000 AND dataset = '{dataset}' AND state = 'in_force' AND event_date IS NOT NULL
    GROUP BY 1, 2
"""


def _owed(table: str, name: str, due: str, who: str, paid: str) -> str:
    return f"""
        INSERT INTO hand_{table} ({_FACT}, kind, due_fen, received_fen, payments)
        SELECT uuidv7(), 1, a.region, a.household_id, a.id, '{name}:' || a.id || ':' || a.first, a.first, a.last,
               'computed', 610999000000, 'x', a.kind, a.due_fen, coalesce(paid.received_fen, 0),
               coalesce(paid.payments, 0)
        FROM ({_AIDED.format(due=due, who=who)}) AS a
        LEFT JOIN ({paid}) AS paid ON paid.person_id = a.id AND paid.first = a.first
        WHERE a.due_fen > 0 OR paid.received_fen > 0
    """


_INSURANCE: Final = _owed(
    "register_insurance_aid",
    "insurance",
    """CASE k.kind WHEN 'destitute' THEN 38000 WHEN 'subsistence' THEN 19000 WHEN 'marginal' THEN 10000
                   WHEN 'monitored' THEN 10000 ELSE 0 END""",
    "",
    _PAID.format(dataset="medical.contribution_aid", year="insured_year"),
)
_PENSIONS: Final = _owed(
    "register_pension_contribution",
    "pension",
    "10000::bigint",
    """AND k.kind IN ('destitute', 'subsistence', 'monitored', 'severely_disabled') AND p.school_stage IS NULL
       AND extract(year FROM age(y.last, p.birth_date)) BETWEEN 16 AND 59""",
    _PAID.format(dataset="work.pension_contributions", year="pension_year"),
)
_STUDENT_AID: Final = f"""
    INSERT INTO hand_register_student_aid ({_FACT}, school_year, stage, is_cross_county, due_fen, received_fen,
                                           payments)
    SELECT uuidv7(), 1, p.region, p.household_id, p.id, 'aid:' || p.id || ':' || y.year, y.first, y.last, 'computed',
           610999000000, 'x', y.year, s.stage, coalesce(paid.elsewhere, false) OR EXISTS (
               SELECT FROM register_dropout AS r WHERE r.person_id = p.id AND r.replaced_at IS NULL
                 AND r.status = 'enrolled_elsewhere' AND r.holds_from <= y.last
                 AND (r.holds_to IS NULL OR r.holds_to >= y.first)), s.due_fen, coalesce(paid.received_fen, 0),
           coalesce(paid.payments, 0)
    FROM (
        SELECT n::smallint AS year, make_date(n, 9, 1) AS first, make_date(n + 1, 8, 31) AS last
        FROM (SELECT extract(year FROM %(today)s::date - interval '8 months')::int) AS y(n)
    ) AS y
    CROSS JOIN person AS p JOIN household AS h ON h.id = p.household_id AND h.state = 'active' AND {_FAVOURED}
    JOIN (VALUES ('preschool', 'preschool', 75000), ('primary', 'primary', 50000), ('junior_high', 'junior', 62500),
                 ('senior_high', 'senior', 200000), ('vocational', 'secondary_vocational', 200000),
                 ('technician', 'secondary_vocational', 200000)) AS s(known, stage, due_fen)
      ON s.known = regexp_replace(p.school_stage, '_[0-9]$', '')
    LEFT JOIN (
        SELECT person_id, (payload ->> 'school_year')::int AS year, sum((payload ->> 'aid_paid_fen')::bigint)
               AS received_fen, count(*) AS payments, bool_or(payload ->> 'paying_county' IS NOT NULL) AS elsewhere
        FROM department_record
        WHERE county = 610999000000 AND dataset = 'education.aid' AND state = 'in_force' AND event_date IS NOT NULL
        GROUP BY 1, 2
    ) AS paid ON paid.person_id = p.id AND paid.year = y.year
    WHERE p.state = 'active' AND p.region BETWEEN 610999000000 AND 610999999999
"""
_NEEDS: Final = f"""
    INSERT INTO hand_register_guarantee_need ({_FACT}, basis)
    SELECT uuidv7(), 1, b.region, b.household_id, b.id, 'need:' || b.id || ':' || b.basis || ':' || %(today)s::date,
           %(today)s, NULL, 'computed', 610999000000, 'x', b.basis
    FROM (
        SELECT p.id, p.region, p.household_id, CASE WHEN {_LEVEL} <= 2 THEN 'severely_disabled'
               WHEN 'serious' = ANY (p.health) THEN 'seriously_ill'
               WHEN {_FAVOURED} AND NOT EXISTS (
                   SELECT FROM person AS m WHERE m.household_id = h.id AND m.state = 'active'
                     AND (m.labour_skill IN ('skilled', 'ordinary', 'weak') OR m.labour_skill IS NULL
                          AND m.school_stage IS NULL
                          AND extract(year FROM age(%(today)s::date, m.birth_date)) >= 16)) THEN 'no_labour' END
               AS basis
        FROM (SELECT %(today)s::date AS last) AS y CROSS JOIN person AS p
        JOIN household AS h ON h.id = p.household_id AND h.state = 'active'
        WHERE p.state = 'active' AND p.region BETWEEN 610999000000 AND 610999999999 AND ({_FAVOURED} OR EXISTS (
            SELECT FROM register_low_income AS c WHERE c.person_id = p.id AND c.replaced_at IS NULL
              AND c.low_income_class IN ('marginal', 'expenditure') AND c.holds_from <= %(today)s
              AND (c.holds_to IS NULL OR c.holds_to >= %(today)s)))
    ) AS b WHERE b.basis IS NOT NULL
"""


def _amiss(table: str, register: str, code: str, duty: str, condition: str) -> str:
    return f"""
        INSERT INTO hand_register_finding (id, region, register_code, code, duty, household_id, person_id, fact_id,
                                           state, found_on, version)
        SELECT uuidv7(), f.region, '{register}', '{code}', '{duty}', f.household_id, f.person_id, f.id, 'open',
               %(today)s, 1
        FROM {table} AS f JOIN household AS h ON h.id = f.household_id AND h.state = 'active'
        LEFT JOIN person AS p ON p.id = f.person_id
        WHERE f.replaced_at IS NULL AND f.region BETWEEN 610999000000 AND 610999999999
          AND (f.person_id IS NULL OR p.state = 'active') AND {condition}
    """


_TODAY: Final = "f.holds_from <= %(today)s AND (f.holds_to IS NULL OR f.holds_to >= %(today)s)"
_GAP: Final = "f.received_fen < f.due_fen AND f.holds_from + {0} < %(today)s::date"
_FINDINGS: Final = (
    _amiss("register_water_access", "water_access", "too_far", "water", f"f.distance_metres > 800 AND {_TODAY}"),
    _amiss("register_chronic", "chronic", "no_contract", "health",
           f"(f.signed_on IS NULL OR f.signed_on > %(today)s OR f.ends_on < %(today)s) AND {_TODAY}"),
    _amiss("hand_register_insurance_aid", "insurance_aid", "insurance_gap", "medical", _GAP.format(60)),
    _amiss("hand_register_pension_contribution", "pension_contribution", "pension_gap", "labour", _GAP.format(330)),
    _amiss("hand_register_student_aid", "student_aid", "aid_gap", "education", _GAP.format(180)),
    _amiss("hand_register_guarantee_need", "guarantee_need", "no_labour_not_covered", "civil",
           f"""f.basis = 'no_labour' AND {_TODAY} AND NOT EXISTS (
               SELECT FROM register_low_income AS c WHERE c.person_id = f.person_id AND c.replaced_at IS NULL
                 AND c.low_income_class IN ('subsistence', 'destitute') AND c.holds_from <= %(today)s
                 AND (c.holds_to IS NULL OR c.holds_to >= %(today)s))"""),
)  # fmt: skip

BY_HAND: Final = {
    "visits.dues": (_DUES,),
    "attention.carers": (_CARERS,),
    "registers.assess": (_INSURANCE, _PENSIONS, _STUDENT_AID, _NEEDS, *_FINDINGS),
}
"""What each sweep is by hand."""
