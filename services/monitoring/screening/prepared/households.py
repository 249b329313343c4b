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

_AMOUNTS: Final = ("net_fen", "ref_fen", "members")
_IS_ROLLING: Final = "\"window\" = 'rolling'"
_IS_ANNUAL: Final = "\"window\" = 'annual'"


def _last(condition: str, name: str) -> str:
    """The columns of the last statement that meets a condition, ``name`` before them; a window has one statement."""
    until = f"CASE WHEN {condition} THEN window_end END"
    return ", ".join(f"max_by({column}, {until}) AS {name}_{column}" for column in _AMOUNTS)


def _annual(parity: str) -> str:
    condition = f"{_IS_ANNUAL} AND year(window_end) % 2 = {int(parity == 'odd')}"
    return f"{_last(condition, parity)}, max(CASE WHEN {condition} THEN window_end END) AS {parity}_end"


def _chosen(column: str) -> str:
    return (
        f"CASE WHEN even_is_last THEN even_{column} ELSE odd_{column} END AS annual_{column}, "
        f"CASE WHEN has_both THEN CASE WHEN even_is_last THEN odd_{column} ELSE even_{column} END END "
        f"AS annual_previous_{column}"
    )


# Of two years in a row one is even, so the last statement of the even years and that of the odd ones are the last and
# the one before it, if any: one pass finds them, without looking first for everybody's last.
INCOME: Final = Part(
    "household_income",
    "household_id",
    ("income_statements",),
    ("rolling_net_fen", "rolling_ref_fen", "rolling_members", "annual_net_fen", "annual_ref_fen", "annual_members",
     "annual_previous_net_fen", "annual_previous_ref_fen", "annual_previous_members"),
    f"""
SELECT household_id, rolling_net_fen, rolling_ref_fen, rolling_members,
       {", ".join(map(_chosen, _AMOUNTS))}
  FROM (SELECT *, COALESCE(even_end > odd_end, odd_end IS NULL) AS even_is_last,
               abs(year(even_end) - year(odd_end)) = 1 AS has_both
          FROM (SELECT household_id, {_last(_IS_ROLLING, "rolling")},
                       {_annual("even")}, {_annual("odd")}
                  FROM income_statements WHERE window_end <= DATE '$as_of' GROUP BY household_id) AS found) AS ordered
""",  # noqa: S608 - SQL from here
)  # fmt: skip

PARTS: Final = (BASE, MEMBERS, LABOUR, INSURANCE, RESETTLEMENT, INCOME)
