"""The parts keyed by a department's row: what rules of the record grain read of it."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.prepared.part import Part

_PLAIN: Final = {
    "record_stay": ("stay_self_pay_fen",),
    "record_outpatient": ("outpatient_self_pay_fen",),
    "record_school_cost": ("study_stage", "school_net_cost_fen"),
    "record_disaster": ("house_damage", "disaster_loss_fen"),
    "record_accident": ("injury",),
    "record_farm_loss": ("farm_loss_fen",),
    "record_petition": ("petition_category",),
}

# Tables of a state: an older row about the same thing is no longer true. (subject columns, published columns)
_LATEST: Final = {
    "record_aid_change": ("person_id, aid_kind", ("aid_kind", "aid_change")),
    "record_credit": ("person_id, loan_ref", ("credit_days_overdue",)),
    "record_life_status": ("person_id", ("life_status",)),
}


def _plain(table: str, columns: tuple[str, ...]) -> Part:
    return Part(
        f"{table}_rows",
        "record_id",
        (table,),
        columns,
        f"SELECT record_id, person_id, event_date, {', '.join(columns)} FROM {table} "  # noqa: S608 - names from here
        "WHERE event_date <= DATE '$as_of'",
    )


def _latest(table: str, subject: str, columns: tuple[str, ...]) -> Part:
    return Part(
        f"{table}_rows",
        "record_id",
        (table,),
        columns,
        f"SELECT record_id, person_id, event_date, {', '.join(columns)} "  # noqa: S608 - names from here
        f"FROM (SELECT *, row_number() OVER (PARTITION BY {subject} ORDER BY event_date DESC, record_id DESC) "
        f"AS newest FROM {table} WHERE event_date <= DATE '$as_of') AS ranked WHERE newest = 1",
    )


DISEASE: Final = Part(
    "record_disease_rows",
    "record_id",
    ("record_disease", "listed_diseases"),
    ("disease_is_listed", "disease_is_new"),
    """
SELECT r.record_id, r.person_id, r.event_date, l.category IS NOT NULL AS disease_is_listed,
       row_number() OVER (PARTITION BY r.person_id, r.disease_category
                          ORDER BY r.event_date, r.record_id) = 1 AS disease_is_new
  FROM record_disease AS r
  LEFT JOIN (SELECT DISTINCT category FROM listed_diseases) AS l ON l.category = r.disease_category
 WHERE r.event_date <= DATE '$as_of'
""",
)

CHRONIC: Final = Part(
    "record_chronic_rows",
    "record_id",
    ("record_chronic",),
    ("chronic_kind", "has_doctor_contract"),
    """
SELECT record_id, person_id, event_date, chronic_kind,
       COALESCE(signed_on <= DATE '$as_of', FALSE) AND COALESCE(ends_on >= DATE '$as_of', TRUE) AS has_doctor_contract
  FROM (SELECT *, row_number() OVER (PARTITION BY person_id, chronic_kind
                                     ORDER BY event_date DESC, record_id DESC) AS newest
          FROM record_chronic WHERE event_date <= DATE '$as_of') AS ranked
 WHERE newest = 1
""",
)

DISABILITY: Final = Part(
    "record_disability_rows",
    "record_id",
    ("record_disability",),
    ("disability_level", "previous_disability_level"),
    """
SELECT record_id, person_id, event_date, disability_level, previous_disability_level
  FROM (SELECT *,
               lag(disability_level) OVER (PARTITION BY person_id
                                           ORDER BY event_date, record_id) AS previous_disability_level,
               row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) AS newest
          FROM record_disability WHERE event_date <= DATE '$as_of') AS ranked
 WHERE newest = 1
""",
)

HOUSE: Final = Part(
    "record_house_rows",
    "record_id",
    ("record_house",),
    ("house_grade", "is_only_house", "house_is_repaired"),
    """
SELECT record_id, person_id, event_date, house_grade, is_only_house,
       COALESCE(repaired_on <= DATE '$as_of', FALSE) AS house_is_repaired
  FROM (SELECT *, row_number() OVER (PARTITION BY person_id, house_ref
                                     ORDER BY event_date DESC, record_id DESC) AS newest
          FROM record_house WHERE event_date <= DATE '$as_of') AS ranked
 WHERE newest = 1
""",
)

WATER: Final = Part(
    "record_water_rows",
    "record_id",
    ("record_water",),
    ("water_days_off", "water_quality"),
    """
SELECT record_id, person_id, event_date, water_quality,
       CASE WHEN days_off IS NULL THEN NULL
            WHEN restored_on <= DATE '$as_of' THEN days_off
            WHEN days_off = 0 THEN 0
            WHEN date_diff('day', event_date, DATE '$as_of') > days_off
                 THEN date_diff('day', event_date, DATE '$as_of')
            ELSE days_off END AS water_days_off
  FROM record_water WHERE event_date <= DATE '$as_of'
""",
)

TEMPORARY_AID: Final = Part(
    "record_temporary_aid_rows",
    "record_id",
    ("record_temporary_aid", "persons", "support_measures"),
    ("temporary_aid_fen", "is_own_measure"),
    """
SELECT r.record_id, r.person_id, r.event_date, r.temporary_aid_fen,
       EXISTS (SELECT 1 FROM support_measures AS m
                WHERE m.household_id = p.household_id AND m.amount_fen = r.temporary_aid_fen
                  AND date_diff('day', m.paid_on, r.event_date)
                      BETWEEN -$own_measure_match_days AND $own_measure_match_days) AS is_own_measure
  FROM record_temporary_aid AS r JOIN persons AS p ON p.person_id = r.person_id
 WHERE r.event_date <= DATE '$as_of'
""",
)

LEFT_BEHIND: Final = Part(
    "record_left_behind_rows",
    "record_id",
    ("record_left_behind", "person_visits"),
    ("left_behind_kind", "days_since_visit"),
    """
SELECT record_id, person_id, event_date, left_behind_kind,
       CASE WHEN seen_on > DATE '$as_of' THEN 0
            ELSE date_diff('day', seen_on, DATE '$as_of') END AS days_since_visit
  FROM (SELECT r.record_id, r.person_id, r.event_date, r.left_behind_kind,
               CASE WHEN v.visited_on > COALESCE(r.last_visit_on, r.listed_on) THEN v.visited_on
                    ELSE COALESCE(r.last_visit_on, r.listed_on) END AS seen_on
          FROM (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, record_id DESC) AS newest
                  FROM record_left_behind WHERE event_date <= DATE '$as_of') AS r
          LEFT JOIN (SELECT person_id, max(visited_on) AS visited_on FROM person_visits
                      WHERE visited_on <= DATE '$as_of' GROUP BY person_id) AS v ON v.person_id = r.person_id
         WHERE r.newest = 1) AS seen
""",
)

PARTS: Final = (
    *(_plain(table, columns) for table, columns in _PLAIN.items()),
    *(_latest(table, subject, columns) for table, (subject, columns) in _LATEST.items()),
    DISEASE, CHRONIC, DISABILITY, HOUSE, WATER, TEMPORARY_AID, LEFT_BEHIND,
)  # fmt: skip
