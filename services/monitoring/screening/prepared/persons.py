"""The parts keyed by person: the registry's facts and the latest rows of departments."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.prepared.part import Part
from services.monitoring.screening.prepared.work import WORK

BASE: Final = Part(
    "person_base",
    "person_id",
    ("persons",),
    ("person_is_lifted", "age_years", "age_months", "age_days", "school_age_years", "is_student", "is_soldier",
     "labour_skill", "has_labour"),
    """
SELECT person_id, household_id, is_member, is_lifted AS person_is_lifted, is_student, is_soldier, labour_skill,
       age_years, age_months, age_days, school_age_years,
       COALESCE(labour_skill IN ('skilled', 'ordinary', 'weak') AND NOT is_student
                AND birth_date > DATE '$labour_born_after' AND birth_date <= DATE '$labour_born_upto',
                FALSE) AS has_labour
  FROM (SELECT *,
               $year - year(birth_date)
                 - CASE WHEN month(birth_date) * 100 + day(birth_date) > $month_day THEN 1 ELSE 0 END AS age_years,
               $month_index - (year(birth_date) * 12 + month(birth_date))
                 - CASE WHEN day(birth_date) > $day THEN 1 ELSE 0 END AS age_months,
               date_diff('day', birth_date, DATE '$as_of') AS age_days,
               $school_year - year(birth_date)
                 - CASE WHEN month(birth_date) >= 9 THEN 1 ELSE 0 END AS school_age_years
          FROM persons) AS aged
""",
)  # fmt: skip

_SELF_PAY_THIS_YEAR: Final = "event_date BETWEEN DATE '$year-01-01' AND DATE '$as_of'"

SELF_PAY: Final = Part(
    "person_self_pay",
    "person_id",
    ("record_self_pay",),
    ("year_self_pay_fen",),
    f"""
SELECT person_id, record_id AS self_pay_record, self_pay_fen AS year_self_pay_fen
  FROM (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) AS newest
          FROM record_self_pay WHERE {_SELF_PAY_THIS_YEAR} $among) AS ranked
 WHERE newest = 1
""",  # noqa: S608 - SQL from here
    {"year_self_pay_fen": "self_pay_record"},
    drafts=f"""
SELECT person_id, self_pay_fen AS year_self_pay_fen FROM record_self_pay WHERE {_SELF_PAY_THIS_YEAR}
""",  # noqa: S608 - SQL from here
)

INSURANCE: Final = Part(
    "person_insurance",
    "person_id",
    ("record_insurance",),
    ("insurance_status",),
    """
SELECT person_id, record_id AS insurance_record, insurance_status
  FROM (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) AS newest
          FROM record_insurance
         WHERE insured_year = $year AND event_date <= DATE '$as_of') AS ranked
 WHERE newest = 1
""",
    {"insurance_status": "insurance_record"},
    {"insurance_status": "CASE WHEN $insurance_is_complete THEN 'not_insured' END"},
)

SCHOOL: Final = Part(
    "person_school",
    "person_id",
    ("record_school",),
    ("school_status",),
    """
SELECT person_id, record_id AS school_record, school_status
  FROM (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) AS newest
          FROM record_school
         WHERE event_date BETWEEN DATE '$school_year_start' AND DATE '$as_of') AS ranked
 WHERE newest = 1
""",
    {"school_status": "school_record"},
    {"school_status": "CASE WHEN $school_is_complete THEN 'not_found' END"},
)

_BY_MONTH: Final = "year(event_date) * 12 + month(event_date) AS month_index"

# The year before is looked for first and ranked then: only rows of the same month have to be put in order.
WAGE: Final = Part(
    "person_wage",
    "person_id",
    ("record_wage",),
    ("wage_12m_fen", "wage_previous_12m_fen", "wage_months_ago"),
    f"""
SELECT person_id, wage_record, wage_12m_fen, wage_previous_record, wage_previous_12m_fen, wage_months_ago
  FROM (SELECT recent.person_id, recent.record_id AS wage_record, recent.wage_12m_fen,
               prior.record_id AS wage_previous_record, prior.wage_12m_fen AS wage_previous_12m_fen,
               $month_index - recent.month_index AS wage_months_ago,
               row_number() OVER (PARTITION BY recent.person_id
                                  ORDER BY prior.event_date DESC, prior.record_id DESC) AS newest_prior
          FROM (SELECT person_id, record_id, wage_12m_fen, {_BY_MONTH},
                       row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) AS newest
                  FROM record_wage WHERE event_date <= DATE '$as_of' $among) AS recent
          LEFT JOIN (SELECT person_id, record_id, wage_12m_fen, event_date, {_BY_MONTH} FROM record_wage) AS prior
                 ON prior.person_id = recent.person_id AND prior.month_index = recent.month_index - 12
         WHERE recent.newest = 1) AS compared
 WHERE newest_prior = 1
""",  # noqa: S608 - SQL from here
    {"wage_12m_fen": "wage_record", "wage_months_ago": "wage_record", "wage_previous_12m_fen": "wage_previous_record"},
    drafts=f"""
SELECT recent.person_id, recent.wage_12m_fen, prior.wage_12m_fen AS wage_previous_12m_fen,
       $month_index - recent.month_index AS wage_months_ago
  FROM (SELECT *, {_BY_MONTH} FROM record_wage WHERE event_date <= DATE '$as_of') AS recent
  LEFT JOIN (SELECT *, {_BY_MONTH} FROM record_wage) AS prior
         ON prior.person_id = recent.person_id AND prior.month_index = recent.month_index - 12
""",  # noqa: S608 - SQL from here
)

MAIN_WORKER: Final = Part(
    "person_main_worker",
    "person_id",
    ("person_base", "person_wage"),
    ("is_main_worker",),
    """
SELECT b.person_id,
       b.has_labour AND COALESCE(w.wage_12m_fen, 0) = top.wage_fen AS is_main_worker
  FROM person_base AS b
  LEFT JOIN person_wage AS w ON w.person_id = b.person_id
  LEFT JOIN (SELECT f.household_id, max(COALESCE(fw.wage_12m_fen, 0)) AS wage_fen
               FROM person_base AS f LEFT JOIN person_wage AS fw ON fw.person_id = f.person_id
              WHERE f.has_labour GROUP BY f.household_id) AS top ON top.household_id = b.household_id
""",
)

DISABILITY: Final = Part(
    "person_disability",
    "person_id",
    ("record_disability",),
    ("person_disability_level",),
    """
SELECT person_id, record_id AS certificate_record, disability_level AS person_disability_level
  FROM (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) AS newest
          FROM record_disability WHERE event_date <= DATE '$as_of') AS ranked
 WHERE newest = 1
""",
    {"person_disability_level": "certificate_record"},
)

_HOLDS: Final = "holds_from <= DATE '$as_of' AND COALESCE(holds_to, DATE '$as_of') >= DATE '$as_of'"

LOW_INCOME: Final = Part(
    "person_low_income",
    "person_id",
    ("low_income_spells",),
    ("low_income_class", "is_destitute"),
    f"""
SELECT person_id,
       CASE min(rank) WHEN 1 THEN 'destitute' WHEN 2 THEN 'subsistence' WHEN 3 THEN 'marginal'
                      WHEN 4 THEN 'expenditure' ELSE 'emergency' END AS low_income_class,
       min(rank) = 1 AS is_destitute
  FROM (SELECT person_id,
               CASE low_income_class WHEN 'destitute' THEN 1 WHEN 'subsistence' THEN 2 WHEN 'marginal' THEN 3
                                     WHEN 'expenditure' THEN 4 ELSE 5 END AS rank
          FROM low_income_spells WHERE {_HOLDS}) AS held
 GROUP BY person_id
""",  # noqa: S608 - SQL from here
    absent={"low_income_class": "'none'", "is_destitute": "FALSE"},
)

YULU: Final = Part(
    "person_yulu",
    "person_id",
    ("yulu_grants",),
    ("gets_yulu",),
    f"SELECT DISTINCT person_id, TRUE AS gets_yulu FROM yulu_grants WHERE {_HOLDS}",  # noqa: S608 - SQL from here
    absent={"gets_yulu": "FALSE"},
)

PARTS: Final = (BASE, SELF_PAY, INSURANCE, SCHOOL, WAGE, WORK, MAIN_WORKER, DISABILITY, LOW_INCOME, YULU)
