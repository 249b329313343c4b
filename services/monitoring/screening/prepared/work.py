"""The parts about work: whether a person works and since when not, and the same of all in a household who could."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.prepared.part import Part

# Only those fit for work are looked at; a household without any has none of them at work either. Most work, and all
# that is told of them says so: their rows need not be put in order. That is kept for the few of whom anything else
# was ever told.
_IN_DOUBT: Final = """
SELECT person_id FROM record_work WHERE event_date <= DATE '$as_of' AND NOT is_working
 UNION SELECT person_id FROM work_spells WHERE started_on <= DATE '$as_of' AND ended_on < DATE '$as_of'
"""
_TOLD_OF: Final = """
SELECT person_id FROM record_work WHERE event_date <= DATE '$as_of'
 UNION ALL SELECT person_id FROM work_spells WHERE started_on <= DATE '$as_of'
"""


def _told(among: str = "") -> str:
    """Of each person of whom something is told: whether they work by it, and the last month in which they did.

    A department's row tells a state on a day; a spell that ended later overrules it, an open spell always.

    :param among: a condition on ``person_id``, with an AND in front.
    """
    return f"""
SELECT person_id, work_record,
       CASE WHEN open_spells > 0 THEN TRUE ELSE COALESCE(told, FALSE) AND NOT COALESCE(spell_end > told_on, FALSE) END
           AS at_work,
       CASE WHEN told_month IS NULL OR spell_month > told_month THEN spell_month ELSE told_month END AS last_month
  FROM (SELECT COALESCE(r.person_id, s.person_id) AS person_id, r.record_id AS work_record, r.is_working AS told,
               r.event_date AS told_on,
               CASE WHEN r.is_working THEN year(r.event_date) * 12 + month(r.event_date)
                    ELSE year(r.last_work_month) * 12 + month(r.last_work_month) END AS told_month,
               s.open_spells, s.spell_end, year(s.spell_end) * 12 + month(s.spell_end) AS spell_month
          FROM (SELECT person_id, record_id, event_date, is_working, last_work_month
                  FROM (SELECT *, row_number() OVER (PARTITION BY person_id
                                                     ORDER BY event_date DESC, record_id DESC) AS newest
                          FROM record_work WHERE event_date <= DATE '$as_of' {among}) AS ranked
                 WHERE newest = 1) AS r
          FULL JOIN (SELECT person_id,
                            sum(CASE WHEN COALESCE(ended_on >= DATE '$as_of', TRUE) THEN 1 ELSE 0 END) AS open_spells,
                            max(CASE WHEN ended_on < DATE '$as_of' THEN ended_on END) AS spell_end
                       FROM work_spells WHERE started_on <= DATE '$as_of' {among} GROUP BY person_id) AS s
                 ON s.person_id = r.person_id) AS known
"""  # noqa: S608 - SQL from here


# A member with no month of work behind them counts from when they were old enough.
_IDLE_MONTHS: Final = """
CASE WHEN is_working THEN 0
     WHEN is_working IS NULL THEN NULL
     WHEN last_month IS NOT NULL THEN CASE WHEN last_month < $month_index THEN $month_index - 1 - last_month ELSE 0 END
     WHEN age_months IS NULL THEN NULL
     WHEN age_months > $labour_age_min_years * 12 THEN age_months - $labour_age_min_years * 12
     ELSE 0 END
"""

WORK: Final = Part(
    "person_work",
    "person_id",
    ("person_base", "record_work", "work_spells"),
    ("is_working", "idle_months"),
    f"""
SELECT person_id, work_record, is_working, {_IDLE_MONTHS} AS idle_months
  FROM (SELECT b.person_id, b.age_months, t.work_record, t.last_month,
               CASE WHEN b.is_soldier THEN TRUE ELSE t.at_work END AS is_working
          FROM person_base AS b LEFT JOIN ({_told()}) AS t ON t.person_id = b.person_id) AS judged
""",  # noqa: S608 - SQL from here
    {"is_working": "work_record", "idle_months": "work_record"},
)

LABOUR: Final = Part(
    "household_labour",
    "household_id",
    ("person_base", "record_work", "work_spells"),
    ("labour_members", "employed_members", "labour_idle_months_min"),
    f"""
SELECT household_id, labour_members,
       CASE WHEN employed > 0 OR known_work = labour_members THEN employed END AS employed_members,
       CASE WHEN known_idle = labour_members THEN idle_min END AS labour_idle_months_min
  FROM (SELECT household_id, count(*) AS labour_members, sum(CASE WHEN is_working THEN 1 ELSE 0 END) AS employed,
               count(is_working) AS known_work, count(idle_months) AS known_idle, min(idle_months) AS idle_min
          FROM (SELECT household_id, is_working, {_IDLE_MONTHS} AS idle_months
                  FROM (SELECT b.household_id, b.age_months, d.last_month,
                               CASE WHEN b.is_soldier THEN TRUE
                                    WHEN d.person_id IS NOT NULL THEN d.at_work
                                    WHEN b.person_id IN ({_TOLD_OF}) THEN TRUE END AS is_working
                          FROM person_base AS b
                          LEFT JOIN ({_told(f"AND person_id IN ({_IN_DOUBT})")}) AS d ON d.person_id = b.person_id
                         WHERE b.is_member AND b.has_labour) AS judged) AS timed
         GROUP BY household_id) AS counted
""",  # noqa: S608 - SQL from here
    absent={"labour_members": "0", "employed_members": "0"},
)
