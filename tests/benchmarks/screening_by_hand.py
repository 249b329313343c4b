"""The baseline of `screening`: the rules that the files feed, written by hand in DuckDB's SQL, hits to Parquet.

Written as one would for this one day: thresholds, dates and windows are constants, each rule reads just the files that
it needs and begins with the fewest rows, nothing is checked, explained or stored.
"""

from __future__ import annotations

from pathlib import Path

import duckdb


def _latest(columns: str, table: str, where: str) -> str:
    """The latest row of each person; of two on a day the one with the greater id, as the rules say."""
    return f"""(SELECT {columns} FROM {table} WHERE {where}
        QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) = 1)"""


_R01_R02 = f"""
SELECT CASE WHEN h.is_lifted OR p.is_lifted OR h.is_monitored THEN 'R01' ELSE 'R02' END AS rule_id,
       h.region, h.household_id, p.person_id, s.record_id, s.self_pay_fen AS value
FROM {_latest("*", "record_self_pay", "event_date BETWEEN DATE '2024-01-01' AND DATE '2024-06-03'")} AS s
JOIN persons AS p USING (person_id) JOIN households AS h USING (household_id)
WHERE p.is_member AND s.self_pay_fen >= 500000
  AND (h.is_lifted OR p.is_lifted OR h.is_monitored OR s.self_pay_fen >= 2000000)"""

_R03 = """
SELECT 'R03', h.region, h.household_id, p.person_id, r.record_id, r.stay_self_pay_fen
FROM record_stay AS r JOIN persons AS p USING (person_id) JOIN households AS h USING (household_id)
WHERE r.event_date BETWEEN DATE '2023-06-01' AND DATE '2024-06-03' AND r.stay_self_pay_fen >= 600000
  AND (h.is_monitored OR r.stay_self_pay_fen >= 1000000)"""

_INSURED = _latest("*", "record_insurance", "insured_year = 2024 AND event_date <= DATE '2024-06-03'")
_R05 = f"""
SELECT 'R05', h.region, h.household_id, NULL, NULL, NULL
FROM (SELECT DISTINCT p.household_id
      FROM persons AS p ANTI JOIN (FROM {_INSURED} WHERE insurance_status <> 'not_insured') AS i USING (person_id)
      WHERE p.is_member AND NOT p.is_soldier AND COALESCE(p.birth_date < DATE '2024-03-05', TRUE)) AS missing
JOIN households AS h USING (household_id)"""

_R08 = f"""
SELECT 'R08', h.region, h.household_id, p.person_id, s.record_id, NULL
FROM persons AS p JOIN households AS h USING (household_id)
LEFT JOIN {_latest("*", "record_school", "event_date BETWEEN DATE '2023-09-01' AND DATE '2024-06-03'")} AS s
  USING (person_id)
WHERE p.is_member AND p.birth_date > DATE '2008-06-03' AND p.birth_date < DATE '2017-09-01'
  AND COALESCE(s.school_status, 'not_found') IN ('dropped_out', 'not_found')"""

_R10 = """
SELECT 'R10', h.region, h.household_id, p.person_id, d.record_id, NULL
FROM (SELECT *, lag(disability_level) OVER told AS previous, lead(record_id) OVER told AS later
      FROM record_disability WHERE event_date <= DATE '2024-06-03'
      WINDOW told AS (PARTITION BY person_id ORDER BY event_date, record_id)) AS d
JOIN persons AS p USING (person_id) JOIN households AS h USING (household_id)
WHERE d.later IS NULL AND d.disability_level <= 2 AND (d.previous IS NULL OR d.previous > 2)
  AND d.event_date >= DATE '2023-06-01'"""

_LABOUR = f"""
SELECT p.household_id, count(*) FILTER (is_working) AS employed, count(*) FILTER (is_working IS NULL) AS unknown,
       min(idle) AS idle, count(*) FILTER (idle IS NULL) AS unknown_idle
FROM (SELECT p.household_id, p.is_soldier OR w.is_working AS is_working,
             CASE WHEN p.is_soldier OR w.is_working THEN 0
                  WHEN w.last_work_month IS NOT NULL
                  THEN greatest(date_diff('month', w.last_work_month, DATE '2024-06-01') - 1, 0)
                  WHEN w.person_id IS NOT NULL
                  THEN greatest(datesub('month', p.birth_date, DATE '2024-06-03') - 16 * 12, 0) END AS idle
      FROM persons AS p
      LEFT JOIN {_latest("*", "record_work", "event_date <= DATE '2024-06-03'")} AS w USING (person_id)
      WHERE p.is_member AND p.labour_skill IN ('skilled', 'ordinary', 'weak') AND NOT p.is_student
        AND p.birth_date > DATE '1964-06-03' AND p.birth_date <= DATE '2008-06-03') AS p
GROUP BY p.household_id"""
_R15_R25 = f"""
SELECT r.rule_id, h.region, h.household_id, NULL, NULL, CASE r.rule_id WHEN 'R15' THEN l.idle END
FROM ({_LABOUR}) AS l JOIN households AS h USING (household_id)
JOIN (VALUES ('R15'), ('R25')) AS r(rule_id)
  ON CASE r.rule_id WHEN 'R15' THEN l.unknown_idle = 0 AND l.idle >= 3
          ELSE h.is_resettled AND l.employed = 0 AND l.unknown = 0 END"""

_R16 = f"""
SELECT 'R16', h.region, h.household_id, p.person_id, n.record_id, NULL
FROM {_latest("*, date_trunc('month', event_date) AS month", "record_wage", "event_date <= DATE '2024-06-03'")} AS n
JOIN record_wage AS b
  ON b.person_id = n.person_id AND date_trunc('month', b.event_date) = n.month - INTERVAL 12 MONTH
JOIN persons AS p ON p.person_id = n.person_id JOIN households AS h USING (household_id)
WHERE p.is_member AND n.month >= DATE '2024-03-01' AND b.wage_12m_fen > 0
  AND n.wage_12m_fen * 100 <= b.wage_12m_fen * 70"""

_YEAR = "\"window\" = 'annual' AND window_end = DATE '2023-09-30'"
_YEAR_BEFORE = "\"window\" = 'annual' AND window_end = DATE '2022-09-30'"
_ROLLING = "\"window\" = 'rolling' AND window_end = DATE '2024-05-31'"
_R21_R22_R23 = f"""
SELECT r.rule_id, h.region, h.household_id, NULL, NULL, NULL
FROM (SELECT household_id,
             max(net_fen) FILTER ({_YEAR}) AS net, max(members) FILTER ({_YEAR}) AS members,
             max(net_fen) FILTER ({_YEAR_BEFORE}) AS net_before, max(members) FILTER ({_YEAR_BEFORE}) AS members_before,
             max(net_fen) FILTER ({_ROLLING}) AS rolling, max(ref_fen) FILTER ({_ROLLING}) AS rolling_ref,
             max(members) FILTER ({_ROLLING}) AS rolling_members
      FROM income_statements GROUP BY household_id) AS s
JOIN households AS h USING (household_id)
JOIN (VALUES ('R21'), ('R22'), ('R23')) AS r(rule_id)
  ON CASE r.rule_id
     WHEN 'R21' THEN s.net < h.line_fen * s.members
     WHEN 'R22' THEN s.rolling >= h.line_fen * s.rolling_members AND s.rolling_ref < h.line_fen * s.rolling_members
     ELSE s.net_before > 0 AND s.net * s.members_before * 100 <= s.net_before * s.members * 70
          AND s.net * 100 < h.line_fen * s.members * 120 END"""

RULES = (_R01_R02, _R03, _R05, _R08, _R10, _R15_R25, _R16, _R21_R22_R23)


def write_hits(folder: Path, hits: Path) -> None:
    """Find the hits in the files of ``folder`` and write them to the Parquet file ``hits``."""
    with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
        for file in folder.glob("*.parquet"):
            connection.execute(f"CREATE VIEW {file.stem} AS FROM read_parquet('{file}')")
        connection.execute(f"COPY ({' UNION ALL '.join(RULES)}) TO '{hits}' (FORMAT parquet)")
