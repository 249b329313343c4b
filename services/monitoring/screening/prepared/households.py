"""The parts keyed by household: the registry's facts, aggregates over members, and income statements."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.prepared.part import Part

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

LABOUR: Final = Part(
    "household_labour",
    "household_id",
    ("person_base", "person_work"),
    ("labour_members", "employed_members", "labour_idle_months_min"),
    """
SELECT household_id, labour_members,
       CASE WHEN employed > 0 OR unknown_work = 0 THEN employed END AS employed_members,
       CASE WHEN unknown_idle = 0 THEN idle_min END AS labour_idle_months_min
  FROM (SELECT b.household_id,
               sum(CASE WHEN b.has_labour THEN 1 ELSE 0 END) AS labour_members,
               sum(CASE WHEN b.has_labour AND w.is_working THEN 1 ELSE 0 END) AS employed,
               sum(CASE WHEN b.has_labour AND w.is_working IS NULL THEN 1 ELSE 0 END) AS unknown_work,
               sum(CASE WHEN b.has_labour AND w.idle_months IS NULL THEN 1 ELSE 0 END) AS unknown_idle,
               min(CASE WHEN b.has_labour THEN w.idle_months END) AS idle_min
          FROM person_base AS b JOIN person_work AS w ON w.person_id = b.person_id
         WHERE b.is_member GROUP BY b.household_id) AS counted
""",
)

INSURANCE: Final = Part(
    "household_insurance",
    "household_id",
    ("person_base", "person_insurance"),
    ("not_insured_members", "not_insured_soldiers", "not_insured_newborns"),
    """
SELECT b.household_id,
       sum(CASE WHEN i.insurance_status = 'not_insured' THEN 1 ELSE 0 END) AS not_insured_members,
       sum(CASE WHEN i.insurance_status = 'not_insured' AND b.is_soldier THEN 1 ELSE 0 END) AS not_insured_soldiers,
       sum(CASE WHEN i.insurance_status = 'not_insured' AND NOT b.is_soldier
                     AND b.age_days <= $newborn_grace_days THEN 1 ELSE 0 END) AS not_insured_newborns
  FROM person_base AS b JOIN person_insurance AS i ON i.person_id = b.person_id
 WHERE b.is_member GROUP BY b.household_id
""",
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
               CASE WHEN s.window_end = l.last_end THEN s."window"
                    WHEN year(s.window_end) = year(l.last_end) - 1 AND s."window" = 'annual'
                    THEN 'previous' END AS kind
          FROM income_statements AS s
          JOIN (SELECT household_id, "window", max(window_end) AS last_end FROM income_statements
                 WHERE window_end <= DATE '$as_of' GROUP BY household_id, "window") AS l
            ON l.household_id = s.household_id AND l."window" = s."window") AS told
 GROUP BY household_id
""",
)  # fmt: skip

PARTS: Final = (BASE, MEMBERS, LABOUR, INSURANCE, RESETTLEMENT, INCOME)
