"""Read the numbers of screening for a county and day: the rules' thresholds, silence, dues, diseases, rhythm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import Fault, Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from chassis.parameters.queries import rows_around
from chassis.parameters.reader import ParameterMissing
from chassis.parameters.rules import ParameterRow, resolve
from chassis.security.scope import Level, level_of
from services.monitoring.clues.rules import DUE_KEYS, Dues
from services.monitoring.entitlements.seeding import policy_numbers
from services.monitoring.income.thresholds import FIRST_MONTH
from services.monitoring.screening.catalogue import SILENCE_NUMBERS, load_catalogue

PREFIX: Final = "screening."
LISTED_DISEASES: Final = "screening.listed_diseases"
SCHEDULE_DAYS: Final = "screening.schedule_days"
RULES: Final = load_catalogue()
_FROM: Final = date(2021, 1, 1)
# ICD-10 categories of diseases on lists of special treatment; general practice, each area confirms its own.
_DISEASES: Final = (
    "A15", "B20", "C15", "C16", "C18", "C20", "C22", "C34", "C40", "C41", "C50", "C53", "C81", "C82", "C83", "C85",
    "C91", "C92", "D56", "D66", "D67", "H25", "I21", "I63", "J60", "J61", "J62", "J64", "N18", "Q20", "Q21", "Q22",
    "Q35", "Q36", "Q37", "Q54",
)  # fmt: skip


def _own_silence() -> tuple[Definition, ...]:
    """``screening.silence_months.r05``: a rule's own number, without a first value; else the general one counts."""
    ids = dict.fromkeys(rule.id.lower() for rule in RULES.rules)
    return tuple(
        Definition(
            f"{PREFIX}{key}.{rule_id}",
            ParameterType.INTEGER,
            "%" if key.endswith("percent") else "月",
            Message(f"规则 {rule_id.upper()} 自己的 {key}", f"{key} of rule {rule_id.upper()} alone"),
            minimum=0,
        )
        for key in SILENCE_NUMBERS
        for rule_id in ids
    )


DEFINITIONS: Final = (
    *_own_silence(),
    *policy_numbers(PREFIX),
    Definition(
        LISTED_DISEASES,
        ParameterType.LIST,
        "",
        Message("本地大病目录（ICD-10 前三位）", "The area's serious diseases (ICD-10, three characters)"),
        defaults=(
            Default(list(_DISEASES), "通行做法，请本地确认 / general practice, to be confirmed by the area", _FROM),
        ),
    ),
    Definition(
        SCHEDULE_DAYS,
        ParameterType.INTEGER,
        "天",
        Message("定期筛查间隔", "Days between scheduled screenings"),
        minimum=1,
        maximum=366,
        defaults=(Default(10, "某县每十天推送一次的做法 / practice of a county that is told every ten days", _FROM),),
    ),
)
"""What screening knows beside the rules' thresholds."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The values in force for one county on one day.

    :param values: by the key that rules and preparation use; amounts in 分. A number without a value is absent, and a
        rule that needs it is refused.
    :param annual_first_month: 1 to 12, the month with which the yearly update begins (clause B3).
    """

    values: Mapping[str, int]
    listed_diseases: Sequence[str]
    schedule_days: int
    dues: Dues
    annual_first_month: int

    def silence(self, number: str, rule_id: str) -> int:
        """A number of silence for a rule: its own if the area has one, else the general one."""
        return self.values.get(f"{number}.{rule_id.lower()}", self.values[number])


async def numbers_for(connection: AsyncConnection, region: int, on: date) -> Numbers:
    """Every number of screening for a county and day.

    :raises ParameterMissing: if silence, dues, the list of diseases, the rhythm or the yearly update have no
        value in force.
    """
    rows = await rows_around(connection, region, within=level_of(region) >= Level.COUNTY)
    keys = [PREFIX + key for key in dict.fromkeys(row.key for row in RULES.rows)]
    keys += [definition.key for definition in DEFINITIONS if definition.type is ParameterType.INTEGER]
    found = {key.removeprefix(PREFIX): resolve(rows, key, region=region, on=on) for key in keys}
    for number in SILENCE_NUMBERS:
        _required(rows, PREFIX + number, region, on)
    high, medium, low = (_required(rows, key, region, on) for key in DUE_KEYS)
    return Numbers(
        values={key: row.value for key, row in found.items() if row is not None},
        listed_diseases=tuple(_required(rows, LISTED_DISEASES, region, on)),
        schedule_days=_required(rows, SCHEDULE_DAYS, region, on),
        dues=Dues(high_hours=high, medium_days=medium, low_days=low),
        annual_first_month=_required(rows, FIRST_MONTH, region, on),
    )


def _required(rows: Sequence[ParameterRow], key: str, region: int, on: date) -> Any:
    row = resolve(rows, key, region=region, on=on)
    if row is None:
        message = Message(f"参数 {key} 在 {on} 没有生效的值。", f"Parameter {key} has no value in force on {on}.")
        raise ParameterMissing(faults=[Fault("", key, message)])
    return row.value
