"""Bring the numbers of the rule catalogue into the dated parameters of an area, and read them for a county and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import Message
from chassis.parameters.catalogue import Catalogue, Default, Definition, ParameterType
from chassis.parameters.queries import current_revision, rows_around
from chassis.parameters.reader import ParameterBook, ParameterMissing
from chassis.security.scope import Level, level_of
from services.monitoring.income.thresholds import DEFAULTS as INCOME_DEFAULTS
from services.monitoring.screening.catalogue import SILENCE_NUMBERS, load_catalogue
from services.monitoring.screening.catalogue import Catalogue as RuleCatalogue
from services.monitoring.screening.thresholds import ThresholdRow

PREFIX: Final = "screening."
LISTED_DISEASES: Final = "screening.listed_diseases"
SCHEDULE_DAYS: Final = "screening.schedule_days"
ANNUAL_FIRST_MONTH: Final = "income.annual_window.first_month"
_UNITS: Final = {
    "fen": "分", "days": "天", "months": "个月", "years": "岁", "percent": "百分之一", "persons": "人", "month": "月",
}  # fmt: skip
_FROM: Final = date(2021, 1, 1)
# ICD-10 categories of the diseases that special treatment programmes list; general practice, each area confirms its own.
_DISEASES: Final = (
    "A15", "B20", "C15", "C16", "C18", "C20", "C22", "C34", "C40", "C41", "C50", "C53", "C81", "C82", "C83", "C85",
    "C91", "C92", "D56", "D66", "D67", "H25", "I21", "I63", "J60", "J61", "J62", "J64", "N18", "Q20", "Q21", "Q22",
    "Q35", "Q36", "Q37", "Q54",
)  # fmt: skip


def definitions(rules: RuleCatalogue) -> tuple[Definition, ...]:
    """Every parameter that screening knows, with the catalogue's rows as first values.

    A rule's own silence (``screening.silence_months.r05``) has no first value; without one the general number counts.
    """
    by_key: dict[str, list[ThresholdRow]] = {}
    for row in rules.rows:
        by_key.setdefault(row.key, []).append(row)
    found = [_number(key, rows) for key, rows in by_key.items()]
    ids = dict.fromkeys(rule.id.lower() for rule in rules.rules)
    found += [_own_silence(key, by_key[key][0].unit, rule_id) for key in SILENCE_NUMBERS for rule_id in ids]
    return (*found, _LISTED, _SCHEDULE)


def _number(key: str, rows: list[ThresholdRow]) -> Definition:
    return Definition(
        PREFIX + key,
        ParameterType.INTEGER,
        _UNITS.get(rows[0].unit, ""),
        Message(f"预警规则参数 {key}", f"number of the clue rules: {key}"),
        minimum=0,
        defaults=tuple(
            Default(row.value, row.source, row.effective_from, row.effective_to, row.scope_code) for row in rows
        ),
    )


def _own_silence(key: str, unit: str, rule_id: str) -> Definition:
    return Definition(
        f"{PREFIX}{key}.{rule_id}",
        ParameterType.INTEGER,
        _UNITS.get(unit, ""),
        Message(f"规则 {rule_id.upper()} 自己的 {key}", f"{key} of rule {rule_id.upper()} alone"),
        minimum=0,
    )


_LISTED: Final = Definition(
    LISTED_DISEASES,
    ParameterType.LIST,
    "",
    Message("本地大病目录（ICD-10 前三位）", "the area's serious diseases (ICD-10, three characters)"),
    defaults=(Default(list(_DISEASES), "general practice, to be confirmed by the area", _FROM),),
)
_SCHEDULE: Final = Definition(
    SCHEDULE_DAYS,
    ParameterType.INTEGER,
    "天",
    Message("定期筛查间隔", "days between scheduled screenings"),
    minimum=1,
    maximum=366,
    defaults=(Default(10, "practice of a county that pushes every ten days", _FROM),),
)

RULES: Final = load_catalogue()
CATALOGUE: Final = Catalogue(definitions(RULES))


class Numbers:
    """The values in force for one county on one day."""

    def __init__(self, values: Mapping[str, int], *, listed_diseases: tuple[str, ...], schedule_days: int) -> None:
        self.values = dict(values)
        self.listed_diseases = listed_diseases
        self.schedule_days = schedule_days

    def silence(self, number: str, rule_id: str) -> int:
        """A number of silence for a rule: its own if the area has one, else the general one."""
        return self.values.get(f"{number}.{rule_id.lower()}", self.values[number])


async def numbers_for(connection: AsyncConnection, region: int, on: date) -> Numbers:
    """Every number of screening for a county and day.

    :raises ParameterMissing: if a list or the schedule has no value in force; a rule's number that has none is absent,
        and a rule that needs it is refused.
    """
    within = level_of(region) >= Level.COUNTY
    rows = await rows_around(connection, region, within=within)
    book = ParameterBook(CATALOGUE, [row for row in rows if row.key in CATALOGUE],
                         revision=await current_revision(connection))  # fmt: skip
    values = {}
    for definition in CATALOGUE:
        if definition.type is ParameterType.INTEGER:
            try:
                values[definition.key.removeprefix(PREFIX)] = book.integer(definition.key, region=region, on=on)
            except ParameterMissing:
                continue
    return Numbers(
        values,
        listed_diseases=book.items(LISTED_DISEASES, region=region, on=on),
        schedule_days=book.integer(SCHEDULE_DAYS, region=region, on=on),
    )


def annual_first_month() -> int:
    """The month with which the yearly update begins."""
    return next(row.value for row in INCOME_DEFAULTS if row.key == ANNUAL_FIRST_MONTH)
