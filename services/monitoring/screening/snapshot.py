"""Say exactly what a snapshot holds: ids and facts, never a name, an ID number, a phone, an account or free text.

A snapshot maps table names to Arrow tables or Parquet files with these columns. Rows are those in force: what a later
file replaced or withdrew is not in it, and a contract's own key is unique. ``region`` is where a household is managed.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from services.monitoring.screening.vocabulary import AMOUNT_MAX_FEN

COUNT_MAX: Final = 1_000_000


def _schema(*columns: tuple[str, pa.DataType, bool]) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=nullable) for name, kind, nullable in columns])


def _must(name: str, kind: pa.DataType) -> tuple[str, pa.DataType, bool]:
    return name, kind, False


def _may(name: str, kind: pa.DataType) -> tuple[str, pa.DataType, bool]:
    return name, kind, True


_ID, _INT, _DAY, _YES, _CODE = pa.uuid(), pa.int64(), pa.date32(), pa.bool_(), pa.string()


def _record(*columns: tuple[str, pa.DataType, bool]) -> pa.Schema:
    """A department's row about one registered person; ``event_date`` is when it happened or up to when it counts."""
    return _schema(_must("record_id", _ID), _must("person_id", _ID), _must("event_date", _DAY), *columns)


REGISTRY_TABLES: Final[dict[str, pa.Schema]] = {
    # Members, and for twelve months those who died or left (is_member false): a rule may be about them.
    "persons": _schema(
        _must("person_id", _ID), _must("household_id", _ID), _must("is_member", _YES), _may("birth_date", _DAY),
        _may("labour_skill", _CODE), _must("is_lifted", _YES), _must("is_student", _YES), _must("is_soldier", _YES),
    ),
    # line_fen: the line in force on the day of screening, with the county line where rule_60 is watch or register.
    "households": _schema(
        _must("household_id", _ID), _must("region", _INT), _must("is_lifted", _YES), _must("is_monitored", _YES),
        _must("is_resettled", _YES), _may("line_fen", _INT),
    ),
    # window: rolling (twelve whole months) or annual (1 October to 30 September); window_end is its last day.
    "income_statements": _schema(
        _must("household_id", _ID), _must("window", _CODE), _must("window_end", _DAY), _must("net_fen", _INT),
        _must("ref_fen", _INT), _must("members", _INT),
    ),
    # From employment.spell.started and .ended.
    "work_spells": _schema(_must("person_id", _ID), _must("started_on", _DAY), _may("ended_on", _DAY)),
    # Measures of kind 综合保障 that pay money, our own or imported.
    "support_measures": _schema(_must("household_id", _ID), _must("paid_on", _DAY), _must("amount_fen", _INT)),
    # Classes of low income and grants of Yulu as dated facts, by departments' files or recorded here.
    "low_income_spells": _schema(
        _must("person_id", _ID), _must("low_income_class", _CODE), _must("holds_from", _DAY), _may("holds_to", _DAY)
    ),
    "yulu_grants": _schema(_must("person_id", _ID), _must("holds_from", _DAY), _may("holds_to", _DAY)),
    "person_visits": _schema(_must("person_id", _ID), _must("visited_on", _DAY)),
    # Three-character ICD-10 categories of the area's list of serious diseases in force.
    "listed_diseases": _schema(_must("category", _CODE)),
    # Contracts whose list of a period was handed in complete, so that absence means something.
    "coverage": _schema(_must("contract", _CODE), _must("period_start", _DAY), _must("period_end", _DAY)),
}  # fmt: skip

RECORD_TABLES: Final[dict[str, pa.Schema]] = {
    "record_self_pay": _record(_must("self_pay_fen", _INT)),
    "record_insurance": _record(_must("insured_year", _INT), _must("insurance_status", _CODE)),
    "record_outpatient": _record(_must("outpatient_self_pay_fen", _INT)),
    "record_stay": _record(_must("stay_self_pay_fen", _INT)),
    "record_disease": _record(_must("disease_category", _CODE)),
    "record_chronic": _record(_must("chronic_kind", _CODE), _may("signed_on", _DAY), _may("ends_on", _DAY)),
    "record_school": _record(_must("school_status", _CODE)),
    "record_school_cost": _record(_must("study_stage", _CODE), _must("school_net_cost_fen", _INT)),
    "record_disability": _record(_must("disability_level", _INT)),
    # house_ref and loan_ref are ours, told apart within the person; they carry no number of a department.
    "record_house": _record(
        _must("house_ref", _INT), _must("house_grade", _CODE), _must("is_only_house", _YES), _may("repaired_on", _DAY)
    ),
    "record_water": _record(_may("days_off", _INT), _may("restored_on", _DAY), _may("water_quality", _CODE)),
    "record_disaster": _record(_may("house_damage", _CODE), _may("disaster_loss_fen", _INT)),
    "record_accident": _record(_must("injury", _CODE)),
    # last_work_month is any day of that month.
    "record_work": _record(_must("is_working", _YES), _may("last_work_month", _DAY)),
    # event_date is any day of the month up to which the twelve months are summed.
    "record_wage": _record(_must("wage_12m_fen", _INT)),
    "record_aid_change": _record(_must("aid_kind", _CODE), _must("aid_change", _CODE)),
    "record_temporary_aid": _record(_must("temporary_aid_fen", _INT)),
    "record_farm_loss": _record(_must("farm_loss_fen", _INT)),
    "record_credit": _record(_must("loan_ref", _INT), _must("credit_days_overdue", _INT)),
    "record_life_status": _record(_must("life_status", _CODE)),
    "record_resettlement": _record(_must("employed_count", _INT)),
    "record_petition": _record(_must("petition_category", _CODE)),
    "record_left_behind": _record(
        _must("left_behind_kind", _CODE), _must("listed_on", _DAY), _may("last_visit_on", _DAY)
    ),
}

TABLES: Final[dict[str, pa.Schema]] = REGISTRY_TABLES | RECORD_TABLES
"""Every table of a snapshot; one that is not given counts as empty."""


def number_bounds(column: str) -> tuple[int, int] | None:
    """The bounds within which an integer column must lie, None for region codes."""
    if column == "region":
        return None
    return (-AMOUNT_MAX_FEN, AMOUNT_MAX_FEN) if column.endswith("_fen") else (0, COUNT_MAX)


def empty(name: str) -> pa.Table:
    """A table of the snapshot without rows."""
    return TABLES[name].empty_table()
