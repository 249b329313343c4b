"""参数目录: the policy numbers that monitoring knows, gathered from its nouns; their values are dated rows by area."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import partial
from typing import Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message
from chassis.files.parameters import KEEP_IMPORTS_DAYS
from chassis.parameters.catalogue import Catalogue, Default, Definition, ParameterType
from chassis.parameters.reader import ParameterBook, ParameterReader
from services.monitoring.attention.parameters import DEFINITIONS as ATTENTION
from services.monitoring.cases.parameters import DEFINITIONS as CASES
from services.monitoring.classification.parameters import DEFINITIONS as CLASSIFICATION
from services.monitoring.clues.rules import DUE_KEYS, DUES, PER_ADDRESS, PER_PHONE, Dues
from services.monitoring.comparisons.thresholds import DEFINITIONS as COMPARISONS
from services.monitoring.consents.thresholds import DEFINITIONS as CONSENTS
from services.monitoring.entitlements.parameters import DEFINITIONS as ENTITLEMENTS
from services.monitoring.households import thresholds as households
from services.monitoring.income import thresholds as income
from services.monitoring.measures.thresholds import DEFINITIONS as MEASURES
from services.monitoring.paper.parameters import DEFINITIONS as PAPER
from services.monitoring.registers.thresholds import DEFINITIONS as REGISTERS
from services.monitoring.screening.catalogue import CatalogueInvalid, bind, load_catalogue
from services.monitoring.screening.parameters import DEFINITIONS as SCREENING
from services.monitoring.screening.terms import VOCABULARY
from services.monitoring.todo.parameters import DEFINITIONS as TODO
from services.monitoring.visits.duties import DEFINITIONS as VISITS

KEEP_IMPORTS: Final = KEEP_IMPORTS_DAYS.key
RULE_PREFIX: Final = "screening."
_FIRST_DAY: Final = date(2013, 1, 1)
_UNITS: Final = {
    "year": "年",
    "years": "年",
    "month": "月",
    "months": "月",
    "days": "天",
    "mu": "亩",
    "person": "人",
    "persons": "人",
    "count": "项",
    "percent": "%",
    "fen": "元",
    "": "",
}
_CHOSEN: Final = "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it"


def _of_nouns() -> Iterator[Definition]:
    for row in (*households.DEFAULTS, *income.DEFAULTS):
        meaning = Message(f"登记与收入规则参数 {row.key}", f"Number of the registry's and income's rules: {row.key}")
        yield Definition(
            row.key,
            ParameterType.INTEGER,
            _UNITS[row.unit],
            meaning,
            minimum=0,
            defaults=(Default(row.value, row.source, _FIRST_DAY),),
        )


def _of_rules() -> Iterator[Definition]:
    """The rules' thresholds; a key with several rows keeps them all, each with its area and dates."""
    rows = load_catalogue().rows
    for key in sorted({row.key for row in rows}):
        own = [row for row in rows if row.key == key]
        yield Definition(
            RULE_PREFIX + key,
            ParameterType.MONEY if own[0].unit == "fen" else ParameterType.INTEGER,
            _UNITS[own[0].unit],
            Message(f"线索规则阈值 {key}", f"Threshold of the clue rules: {key}"),
            minimum=0,
            check=partial(_keeps_the_rules, key, {row.value for row in own}),
            defaults=tuple(
                Default(row.value, row.source, row.effective_from, row.effective_to, row.scope_code) for row in own
            ),
        )


def _keeps_the_rules(key: str, published: Collection[int], value: int) -> Message | None:
    """Why the published rules could not run with this value: a screening that one rule stops stops for the county."""
    if value in published:  # asked of each at every start, when no rule is to be parsed
        return None
    catalogue = load_catalogue()
    values = {row.key: row.value for row in catalogue.rows} | {key: value}
    try:
        bind([rule for rule in catalogue.rules if key in rule.parameters], VOCABULARY, values)
    except CatalogueInvalid as invalid:
        named = "、".join(dict.fromkeys(fault.pointer.removeprefix("/rules/") for fault in invalid.faults))
        reasons = list(dict.fromkeys(fault.message for fault in invalid.faults))
        return Message(
            f"按此值，规则 {named} 无法运行：{''.join(reason.zh for reason in reasons)}",
            f"With this value {named} cannot run: {' '.join(reason.en for reason in reasons)}",
        )
    return None


def _of_clues() -> Iterator[Definition]:
    for key, (value, unit, zh, en) in zip(
        (*DUE_KEYS, *PER_ADDRESS, *PER_PHONE),
        (
            (DUES.high_hours, "小时", "高等级线索首次研判时限", "First judgement of an H clue"),
            (DUES.medium_days, "天", "中等级线索首次研判时限", "First judgement of an M clue"),
            (DUES.low_days, "天", "低等级线索首次研判时限", "First judgement of an L clue"),
            # A village may share one address.
            (60, "次", "同一网络地址申报次数上限", "Uses of the self-report form by one network address"),
            (1, "小时", "网络地址计次周期", "Hours in which an address's uses are counted"),
            (5, "次", "同一电话申报次数上限", "Self-reports by one phone"),
            (24, "小时", "电话计次周期", "Hours in which a phone's self-reports are counted"),
        ),
        strict=True,
    ):
        default = Default(value, _CHOSEN, _FIRST_DAY)
        yield Definition(key, ParameterType.INTEGER, unit, Message(zh, en), minimum=1, defaults=(default,))


CATALOGUE: Final = Catalogue(
    (
        *_of_nouns(),
        *_of_rules(),
        *_of_clues(),
        KEEP_IMPORTS_DAYS,
        *SCREENING,
        *MEASURES,
        *CONSENTS,
        *COMPARISONS,
        *CASES,
        *PAPER,
        *VISITS,
        *ATTENTION,
        *ENTITLEMENTS,
        *REGISTERS,
        *TODO,
        *CLASSIFICATION,
    )
)


async def book_of(unit: UnitOfWork, region: int) -> ParameterBook:
    """The values in force for ``region``, from the program's reader."""
    reader: ParameterReader = unit.extras[ParameterReader]
    return await reader.book(unit.connection, region)


def book_kept(unit: UnitOfWork, region: int) -> ParameterBook | None:
    """The book that was read last for ``region``; it holds if its revision is still the one of ``REVISION``."""
    reader: ParameterReader = unit.extras[ParameterReader]
    return reader.kept(region)


async def keep_days(unit: UnitOfWork, region: int) -> int:
    """How long a division's file that nobody holds is kept."""
    book = await book_of(unit, region)
    return book.integer(KEEP_IMPORTS, region=region, on=unit.clock.today())


async def dues_of(unit: UnitOfWork, region: int) -> Dues:
    """How long the first judgement of a clue may take in ``region`` today."""
    book, today = await book_of(unit, region), unit.clock.today()
    return Dues(*(book.integer(key, region=region, on=today) for key in DUE_KEYS))
