"""The numbers that the household rules compare with, as rows to load into the dated parameters of an area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Final, NamedTuple, Self

from services.monitoring.codes.work_and_school import SchoolStage

_PREFIX: Final = "households."
_SCHOOL: Final = "households.school_age."


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One number with its unit and where it comes from; area and dates are given when it is loaded.

    :param key: stable, dotted. ``unit``: of ``value``: ``year``, ``month``, ``mu``, ``person`` or ``count``.
    """

    key: str
    value: int
    unit: str
    source: str


class AgeSpan(NamedTuple):
    """Full years, both included."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What holds in one area on one day.

    :param newborn_months: how long a child may lack an identity number without a doubt.
    :param age_years_max: an age above it is doubtful.
    :param generation_years_min: by how much a parent is older than a child, at least.
    :param destitute_age_min: with ``destitute_age_max`` the ages at which a healthy 特困 person is doubtful.
    :param cultivated_land_mu_min: with ``cultivated_land_mu_max`` the range of a household's cultivated land.
    :param members_max: a larger household is doubtful.
    :param helped_elimination_months_min: an earlier 帮扶消除 is doubtful.
    :param risks_max: how many risks a household may have.
    :param school_ages: by group of :class:`SchoolStage`.
    """

    newborn_months: int
    age_years_max: int
    generation_years_min: int
    destitute_age_min: int
    destitute_age_max: int
    cultivated_land_mu_min: int
    cultivated_land_mu_max: int
    members_max: int
    helped_elimination_months_min: int
    risks_max: int
    school_ages: Mapping[str, AgeSpan]

    @classmethod
    def from_values(cls, values: Mapping[str, int]) -> Self:
        """Build from parameter values by key.

        :raises ValueError: naming every key that has no value.
        """
        names = [field.name for field in fields(cls) if field.name != "school_ages"]
        groups = dict.fromkeys(stage.group for stage in SchoolStage)
        wanted = [_PREFIX + name for name in names]
        wanted += [f"{_SCHOOL}{group}.{end}" for group in groups for end in AgeSpan._fields]
        missing = [key for key in wanted if key not in values]
        if missing:
            raise ValueError(f"no value for {', '.join(missing)}; load the parameters of this area first")
        ages = {group: AgeSpan(values[f"{_SCHOOL}{group}.min"], values[f"{_SCHOOL}{group}.max"]) for group in groups}
        return cls(**{name: values[_PREFIX + name] for name in names}, school_ages=ages)

    @classmethod
    def from_rows(cls, rows: Iterable[ParameterRow]) -> Self:
        return cls.from_values({row.key: row.value for row in rows})


_CHOSEN: Final = "平台暂定，与本地台账不符的请改 / chosen here; change it where the local registers differ"
_PRACTICE: Final = (
    "条款 B12；全国系统导出数据通行的核查规则 / clause B12; checks in use on the national system's exports"
)
_SCHOOL_SPANS: Final = {
    "before_school": (0, 6),
    "preschool": (2, 7),
    "primary": (5, 15),
    "junior_high": (10, 19),
    "senior_high": (13, 22),
    "vocational": (13, 30),
    "higher_vocational": (15, 40),
    "technician": (14, 40),
    "bachelor": (15, 40),
    "postgraduate": (20, 60),
}

DEFAULTS: Final = (
    ParameterRow("households.newborn_months", 3, "month", _CHOSEN),
    ParameterRow("households.age_years_max", 120, "year", _CHOSEN),
    ParameterRow("households.generation_years_min", 14, "year", _CHOSEN),
    ParameterRow("households.destitute_age_min", 18, "year", _PRACTICE),
    ParameterRow("households.destitute_age_max", 59, "year", _PRACTICE),
    ParameterRow("households.cultivated_land_mu_min", 0, "mu", _PRACTICE),
    ParameterRow("households.cultivated_land_mu_max", 100, "mu", _PRACTICE),
    ParameterRow("households.members_max", 15, "person", _CHOSEN),
    ParameterRow("households.helped_elimination_months_min", 2, "month", _PRACTICE),
    ParameterRow("households.risks_max", 5, "count", "条款 B6；全国系统采集表 / clause B6; the national form"),
    *(
        ParameterRow(f"{_SCHOOL}{group}.{end}", value, "year", _CHOSEN)
        for group, span in _SCHOOL_SPANS.items()
        for end, value in zip(AgeSpan._fields, span, strict=True)
    ),
)
"""First values for a new area; the area's own rows replace them."""
