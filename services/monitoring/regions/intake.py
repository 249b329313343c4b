"""Judge the rows of a division file: good ones come out as divisions, each bad one with every reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from chassis.errors import Message
from chassis.security.scope import Area, Level, level_of
from chassis.tabular import CellFault, Column, Kind
from chassis.types import compact
from services.monitoring.regions.rules import Division, Succession, parent, was_followed

_LEVELS: Final = {
    "省": Level.PROVINCE,
    "市": Level.CITY,
    "县": Level.COUNTY,
    "乡镇": Level.TOWN,
    "村": Level.VILLAGE,
} | {level.name.lower(): level for level in Level if level is not Level.NATION}

COLUMNS: Final = (
    Column(name="code", label="区划代码", required=True, aliases=("统计用区划代码",), max_length=20),
    Column(name="name", label="名称", required=True, aliases=("区划名称",), max_length=100),
    Column(name="level", label="层级", kind=Kind.CHOICE, choices=_LEVELS),
    Column(name="valid_from", label="启用日期", kind=Kind.DAY, required=True),
    Column(name="valid_to", label="停用日期", kind=Kind.DAY),
    Column(name="successor", label="后续区划代码", max_length=20),
)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One fault of one row."""

    row: int
    fault: CellFault


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A division as a file's row says it."""

    row: int
    division: Division


def read_row(number: int, values: Mapping[str, Any], area: Area) -> tuple[NumberedRow | None, list[Rejection]]:
    """One parsed row as a division of ``area``, or every reason why it is none."""
    faults: list[CellFault] = []
    code, successor = _code(values["code"]), _code(values["successor"])
    if code is None:
        faults.append(_fault("code"))
    elif not area.covers(Area.of(code)):
        faults.append(_fault("outside_area", "code"))
    elif values["level"] is not None and values["level"] is not level_of(code):
        faults.append(_fault("level_differs", "level"))
    if values["successor"] is not None:
        if successor is None:
            faults.append(_fault("code", "successor"))
        elif code is not None and (successor == code or level_of(successor) is not level_of(code)):
            faults.append(_fault("successor_unfit", "successor"))
        if values["valid_to"] is None:
            faults.append(_fault("successor_without_end", "valid_to"))
    if values["valid_to"] is not None and values["valid_to"] < values["valid_from"]:
        faults.append(_fault("period_order", "valid_to"))
    if faults or code is None:
        return None, [Rejection(number, fault) for fault in faults]
    division = Division(code, values["name"], values["valid_from"], values["valid_to"], successor)
    return NumberedRow(number, division), []


def codes_to_know(rows: Iterable[NumberedRow]) -> frozenset[int]:
    """The codes that :func:`judge` must know of: the rows' own, their successors and their parents."""
    codes: set[int] = set()
    for row in rows:
        codes |= {row.division.code, row.division.successor or 0, parent(row.division.code) or 0}
    return frozenset(codes - {0})


def judge(
    rows: Sequence[NumberedRow], known: Sequence[Division], area: Area, recorded: Sequence[Succession] = ()
) -> tuple[list[NumberedRow], list[Rejection]]:
    """Which rows fit one another, what is on ``known`` record, and the successions ``recorded`` of their codes.

    A row may name a parent or a successor that stands in the same file. A parent outside ``area`` is others' to record.
    """
    rejected: list[Rejection] = []
    kept: list[NumberedRow] = []
    keys: set[tuple[int, date]] = set()
    ended = {(one.code, one.valid_from): one for one in known if was_followed(one, recorded)}
    for row in rows:
        key = (row.division.code, row.division.valid_from)
        if key in keys:
            rejected.append(Rejection(row.row, _fault("row_twice", "valid_from")))
        elif key in ended and _end(ended[key]) != _end(row.division):
            # Its households have moved: an older file, sent once more, must not open it again.
            rejected.append(Rejection(row.row, _fault("followed", "valid_to")))
        else:
            keys.add(key)
            kept.append(row)
    while True:
        codes = {row.division.code for row in kept} | {division.code for division in known}
        found = [*_strangers(kept, codes, area), *_overlapping(kept, known)]
        if not found:
            return kept, rejected
        rejected += found
        bad = {rejection.row for rejection in found}
        kept = [row for row in kept if row.row not in bad]


def _end(division: Division) -> tuple[date | None, int | None]:
    return division.valid_to, division.successor


def _strangers(rows: Iterable[NumberedRow], codes: set[int], area: Area) -> Iterable[Rejection]:
    for row in rows:
        above, successor = parent(row.division.code), row.division.successor
        if above is not None and area.contains(above) and above not in codes:
            yield Rejection(row.row, _fault("parent_unknown", "code"))
        if successor is not None and successor not in codes:
            yield Rejection(row.row, _fault("successor_unknown", "successor"))


def _overlapping(rows: Iterable[NumberedRow], known: Iterable[Division]) -> Iterable[Rejection]:
    """A row replaces the known one of the same code and first day; what remains may not share a day."""
    by_code: dict[int, dict[date, tuple[Division, int | None]]] = {}
    for division in known:
        by_code.setdefault(division.code, {})[division.valid_from] = (division, None)
    for row in rows:
        by_code.setdefault(row.division.code, {})[row.division.valid_from] = (row.division, row.row)
    for places in by_code.values():
        ordered = sorted(places.values(), key=lambda place: place[0].valid_from)
        for (earlier, earlier_row), (later, later_row) in pairwise(ordered):
            if later.valid_from <= (earlier.valid_to or date.max):
                row_at_fault = later_row if later_row is not None else earlier_row
                if row_at_fault is not None:
                    yield Rejection(row_at_fault, _fault("overlap", "valid_from"))


def _code(said: str | None) -> int | None:
    digits = compact(said) if said is not None else ""
    if len(digits) != 12 or not (digits.isascii() and digits.isdigit()) or digits[0] == "0":
        return None
    return int(digits)


def _fault(code: str, column: str = "code") -> CellFault:
    return CellFault(f"region_{code}", _MESSAGES[code], column)


_MESSAGES: Final = {
    "code": Message("请填写12位区划代码（文本格式）。", "Give a division code of 12 digits, as text."),
    "outside_area": Message("只能录入本辖区内的区划。", "Record divisions within your own area only."),
    "level_differs": Message("层级与代码不符，请核对。", "The level does not agree with the code; check both."),
    "successor_unfit": Message(
        "后续区划须为同一层级的另一个代码。", "The successor must be another code of the same level."
    ),
    "successor_without_end": Message("有后续区划时须填写停用日期。", "With a successor, give the last day."),
    "period_order": Message("停用日期不能早于启用日期。", "The last day must not precede the first."),
    "row_twice": Message("同一代码同一启用日期已有一行。", "Another row has the same code and first day."),
    "parent_unknown": Message(
        "没有上级区划，请先录入或放在同一文件中。",
        "The division above is not on record; record it first or in the same file.",
    ),
    "successor_unknown": Message(
        "没有该后续区划，请先录入或放在同一文件中。", "The successor is not on record; record it first or in this file."
    ),
    "followed": Message(
        "该区划已按区划变更停用，文件不能改动其停用日期和后续区划；请按变更填写或删去此行。",
        "A succession ended this division; a file cannot change its last day and successor. Give them as they are, or "
        "leave the row out.",
    ),
    "overlap": Message(
        "与同一代码的另一时期重叠，请先停用前一时期。",
        "Another row of this code holds on the same days; end that one first.",
    ),
}
