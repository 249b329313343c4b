"""The parts keyed by household: the registry's facts, aggregates over members, and income statements."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.prepared.part import Part
from services.monitoring.screening.prepared.work import LABOUR

BASE: Final = Part(
    "household_base",
    "household_id",
    ("households",),
    ("is_lifted", "is_monitored", "is_resettled", "line_fen"),
    "SELECT household_id, region, is_lifted, is_monitored, is_resettled, line_fen FROM households",
)

MEMBERS: Final = Part(
    "household_members",
    "household_id",
    ("persons",),
    ("members",),
    "SELECT household_id, count(*) AS members FROM persons WHERE is_member GROUP BY household_id",
)

_INSURED_THIS_YEAR: Final = "insured_year = $year AND event_date <= DATE '$as_of'"

# Who is not insured is either told so or missing from a list that is complete. Few are, so both ways begin with them:
# putting every person's rows in order to find them would cost most of a run.
INSURANCE: Final = Part(
    "household_insurance",
    "household_id",
    ("person_base", "record_insurance"),
    ("not_insured_members", "not_insured_soldiers", "not_insured_newborns"),
    f"""
SELECT household_id, count(*) AS not_insured_members,
       sum(CASE WHEN is_soldier THEN 1 ELSE 0 END) AS not_insured_soldiers,
       sum(CASE WHEN NOT is_soldier AND age_days <= $newborn_grace_days THEN 1 ELSE 0 END) AS not_insured_newborns
  FROM (SELECT b.household_id, b.is_soldier, b.age_days
          FROM (SELECT person_id, insurance_status,
                       row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) AS newest
                  FROM record_insurance
                 WHERE {_INSURED_THIS_YEAR}
                   AND person_id IN (SELECT person_id FROM record_insurance
                                      WHERE {_INSURED_THIS_YEAR} AND insurance_status = 'not_insured')) AS told
          JOIN person_base AS b ON b.person_id = told.person_id
         WHERE told.newest = 1 AND told.insurance_status = 'not_insured' AND b.is_member
         UNION ALL
        SELECT b.household_id, b.is_soldier, b.age_days
          FROM person_base AS b
          LEFT JOIN (SELECT person_id FROM record_insurance WHERE {_INSURED_THIS_YEAR}) AS told
                 ON told.person_id = b.person_id
         WHERE b.is_member AND told.person_id IS NULL AND $insurance_is_complete) AS missing
 GROUP BY household_id
""",  # noqa: S608 - SQL from here
    absent=dict.fromkeys(("not_insured_members", "not_insured_soldiers", "not_insured_newborns"), "0"),
)

RESETTLEMENT: Final = Part(
    "household_resettlement",
    "household_id",
    ("persons", "record_resettlement"),
    ("resettlement_employed_members",),
    """
SELECT household_id, record_id AS resettlement_record, employed_count AS resettlement_employed_members
  FROM (SELECT p.household_id, r.record_id, r.employed_count,
               row_number() OVER (PARTITION BY p.household_id ORDER BY r.event_date DESC, r.record_id DESC) AS newest
          FROM record_resettlement AS r JOIN persons AS p ON p.person_id = r.person_id
         WHERE r.event_date <= DATE '$as_of') AS ranked
 WHERE newest = 1
""",
    {"resettlement_employed_members": "resettlement_record"},
)

INCOME: Final = Part(
    "household_income",
    "household_id",
    ("income_statements",),
    ("rolling_net_fen", "rolling_ref_fen", "rolling_members", "annual_net_fen", "annual_ref_fen", "annual_members",
     "annual_previous_net_fen", "annual_previous_ref_fen", "annual_previous_members"),
    """
SELECT household_id,
       max(CASE WHEN kind = 'rolling' THEN net_fen END) AS rolling_net_fen,
       max(CASE WHEN kind = 'rolling' THEN ref_fen END) AS rolling_ref_fen,
       max(CASE WHEN kind = 'rolling' THEN members END) AS rolling_members,
       max(CASE WHEN kind = 'annual' THEN net_fen END) AS annual_net_fen,
       max(CASE WHEN kind = 'annual' THEN ref_fen END) AS annual_ref_fen,
       max(CASE WHEN kind = 'annual' THEN members END) AS annual_members,
       max(CASE WHEN kind = 'previous' THEN net_fen END) AS annual_previous_net_fen,
       max(CASE WHEN kind = 'previous' THEN ref_fen END) AS annual_previous_ref_fen,
       max(CASE WHEN kind = 'previous' THEN members END) AS annual_previous_members
  FROM (SELECT s.household_id, s.net_fen, s.ref_fen, s.members,
               CASE WHEN s."window" = 'rolling' THEN CASE WHEN s.window_end = l.last_rolling THEN 'rolling' END
                    WHEN s.window_end = l.last_annual THEN 'annual'
                    WHEN year(s.window_end) = year(l.last_annual) - 1 THEN 'previous' END AS kind
          FROM income_statements AS s
          JOIN (SELECT household_id, max(CASE WHEN "window" = 'rolling' THEN window_end END) AS last_rolling,
                       max(CASE WHEN "window" = 'annual' THEN window_end END) AS last_annual
                  FROM income_statements WHERE window_end <= DATE '$as_of' GROUP BY household_id) AS l
            ON l.household_id = s.household_id) AS told
 GROUP BY household_id
""",
)  # fmt: skip

PARTS: Final = (BASE, MEMBERS, LABOUR, INSURANCE, RESETTLEMENT, INCOME)
