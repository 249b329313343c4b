"""Describe one piece of prepared data: its key, its columns, what it is made from and its SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from string import Template
from typing import Final

from services.monitoring.screening.language.sql import quoted

MONTHS_OF_YEAR: Final = 12
SCHOOL_YEAR_START: Final = (9, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """A view over the snapshot and other parts.

    :ivar key: the column that other parts join it by.
    :ivar needs: the tables and parts that its SQL reads.
    :ivar columns: the published names it holds.
    :ivar sources: for a published name, the column with the id of the department's row behind it.
    :ivar sql: a template over :func:`bindings`.
    :ivar absent: for a published name, what it is where the part has no row; unknown for the others. So a part holds
        no rows that say nothing, and joins stay small.
    :ivar drafts: a query of the key and the published names for every row of which the part keeps some, by what else is
        known of the same person. With it the SQL has a hole, ``$among``, for a condition on the key.
    """

    name: str
    key: str
    needs: tuple[str, ...]
    columns: tuple[str, ...]
    sql: str
    sources: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    drafts: str = ""

    def statement(self, values: Mapping[str, str], wanted: str = "") -> str:
        """The SQL with the run's date and numbers filled in.

        :param wanted: a condition on published names; persons of whom no draft meets it may be left out. So the rows of
            most need not be put in order.
        """
        among = ""
        if wanted and self.drafts:
            drafts = Template(self.drafts).substitute(values)
            among = f"AND {self.key} IN (SELECT {self.key} FROM ({drafts}) AS drafts WHERE {wanted})"  # noqa: S608
        return Template(self.sql).substitute(values, among=among)

    def value(self, column: str, alias: str, values: Mapping[str, str]) -> str:
        """A published name as an expression over this part, joined as ``alias`` by an outer join."""
        read = f"{alias}.{quoted(column)}"
        if column not in self.absent:
            return read
        absent = Template(self.absent[column]).substitute(values)
        return f"CASE WHEN {alias}.{self.key} IS NULL THEN {absent} ELSE {read} END"


def bindings(as_of: date, numbers: Mapping[str, int], complete: Collection[str]) -> dict[str, str]:
    """What the templates refer to: the run's date in the forms they need, the numbers of policy, the complete lists.

    :param numbers: the values of :data:`POLICY_NUMBERS` for the county and date.
    :param complete: the contracts whose list is complete on the day, so that it says something to be missing from it.
    :raises KeyError: if one of the numbers is missing.
    """
    school_year = as_of.year if (as_of.month, as_of.day) >= SCHOOL_YEAR_START else as_of.year - 1
    values = {
        "as_of": as_of.isoformat(),
        "year": str(as_of.year),
        "month_day": str(as_of.month * 100 + as_of.day),
        "month": str(as_of.month),
        "day": str(as_of.day),
        "month_index": str(as_of.year * MONTHS_OF_YEAR + as_of.month),
        "school_year": str(school_year),
        "school_year_start": date(school_year, *SCHOOL_YEAR_START).isoformat(),
    }
    # Of these ages on the day; days of birth can be compared without working out anybody's age.
    values["labour_born_after"] = _years_before(as_of, int(numbers["labour_age_max_years"]) + 1).isoformat()
    values["labour_born_upto"] = _years_before(as_of, int(numbers["labour_age_min_years"])).isoformat()
    values |= {name: str(contract in complete).upper() for name, contract in COMPLETE_LISTS.items()}
    return values | {name: str(int(numbers[name])) for name in POLICY_NUMBERS}


def _years_before(day: date, years: int) -> date:
    """The last day of birth of those who are ``years`` old on ``day``; who was born on 29 February is a year older
    from 1 March on."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


COMPLETE_LISTS: Final[Mapping[str, str]] = {
    "insurance_is_complete": "medical.insurance",
    "school_is_complete": "education.status",
}
"""Whether a contract's list is complete, by the name that the templates give it."""

POLICY_NUMBERS: Final[tuple[str, ...]] = (
    "labour_age_min_years",
    "labour_age_max_years",
    "newborn_grace_days",
    "own_measure_match_days",
)
"""Parameters that the prepared data itself depends on, beside the thresholds in the expressions."""
