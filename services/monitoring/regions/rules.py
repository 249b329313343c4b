"""Read division codes, and follow a division through renaming, re-coding, merging and splitting.

Ranges and levels of codes are the chassis's (:mod:`chassis.security.scope`); here is what the registry alone needs. A
past statistic keeps the code of its day, so nothing here rewrites history: successions say what a code became.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chassis.errors import Fault, Message
from chassis.security.scope import Area, Level, level_of
from services.monitoring.codes.regions import DivisionKind, SuccessionKind

_ABOVE: Final = (Level.TOWN, Level.COUNTY, Level.CITY, Level.PROVINCE)
_DIVISIONS: Final = (10**3, 10**6, 10**8, 10**10)
"""By what a code is divided to name its town, county, city and province."""
_UPPER_KINDS: Final = {
    Level.PROVINCE: DivisionKind.PROVINCE,
    Level.CITY: DivisionKind.CITY,
    Level.COUNTY: DivisionKind.COUNTY,
}


@dataclass(frozen=True, slots=True)
class Division:
    """区划: a code and its name between two days, both included; ``valid_to`` None while it holds.

    :param successor: the one division that it became, if it became one.
    """

    code: int
    name: str
    valid_from: date
    valid_to: date | None = None
    successor: int | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Succession:
    """What a division became: ``successor`` is the code from ``on`` on. A split has one row for each part."""

    predecessor: int
    successor: int
    kind: SuccessionKind
    on: date


@dataclass(frozen=True, slots=True)
class RecodePlan:
    """What one day's successions do to the codes in use.

    :param moved: old code to new code, for those that change; all households there can be re-coded at once.
    :param undecided: codes whose households must be told apart one by one, with the codes they may go to: of a split
        division, and (with none named) of a child of a merged or split division that has no row of its own.
    """

    moved: Mapping[int, int]
    undecided: Mapping[int, tuple[int, ...]]


def parent(code: int) -> int | None:
    """The next division above, or None for a province. A city without counties is its towns' parent."""
    for level in _ABOVE:
        above: int = code - code % 10 ** (12 - level)
        if level < level_of(code) and above != code:
            return above
    return None


def ancestors(code: int) -> tuple[int, ...]:
    """The divisions above ``code``, the nearest first, the province last."""
    above = parent(code)
    return () if above is None else (above, *ancestors(above))


def kind_of(code: int) -> DivisionKind:
    """The kind that a code's number range says (clause F2)."""
    level = level_of(code)
    if level is Level.TOWN:
        number = code // 1000 % 1000
        if number < 100:
            return DivisionKind.STREET
        if number < 200:
            return DivisionKind.TOWN
        return DivisionKind.TOWNSHIP if number < 400 else DivisionKind.LIKE_TOWN
    if level is Level.VILLAGE:
        number = code % 1000
        if number < 200:
            return DivisionKind.RESIDENTS_COMMITTEE
        return DivisionKind.VILLAGERS_COMMITTEE if number < 400 else DivisionKind.LIKE_VILLAGE
    return _UPPER_KINDS[level]


def division_on(divisions: Iterable[Division], code: int, day: date) -> Division | None:
    """The row that says what ``code`` was called on ``day``."""
    return next((row for row in divisions if row.code == code and row.holds_on(day)), None)


def successors(code: int, successions: Iterable[Succession], *, since: date, on: date) -> frozenset[int]:
    """What the division that bore ``code`` on ``since`` is called on ``on``: one code, or several after a split.

    Empty if a division above was merged or split and no row says where this one went.
    """
    by_day: dict[date, list[Succession]] = {}
    for row in successions:
        if since < row.on <= on:
            by_day.setdefault(row.on, []).append(row)
    codes = frozenset({code})
    for day in sorted(by_day):
        codes = frozenset(new for old in codes for new in _next_codes(old, by_day[day]))
    return codes


def recode_plan(codes: Iterable[int], successions: Sequence[Succession]) -> RecodePlan:
    """What the ``successions`` of one day do to ``codes``, the codes in use.

    A re-coded division takes everything below it along, digits kept (会理 changed from 513425 to 513402 in 2021); a
    child's own row goes before its parent's.
    """
    moved: dict[int, int] = {}
    undecided: dict[int, tuple[int, ...]] = {}
    for code in codes:
        new_codes = tuple(sorted(_next_codes(code, successions)))
        if len(new_codes) != 1:
            undecided[code] = new_codes
        elif new_codes[0] != code:
            moved[code] = new_codes[0]
    return RecodePlan(moved, undecided)


def recoded(moved: Mapping[int, int], successions: Sequence[Succession]) -> Mapping[int, int]:
    """Those of ``moved`` that are the same division under another code, and not part of another one now."""
    kinds = {row.predecessor: row.kind for row in successions}
    deciding = {code: next(kinds[near] for near in (code, *ancestors(code)) if near in kinds) for code in moved}
    return {code: new for code, new in moved.items() if deciding[code] is SuccessionKind.RECODED}


def was_followed(division: Division, recorded: Iterable[Succession]) -> bool:
    """Whether this row ended by one of the ``recorded`` successions: its own, or that of a division above it."""
    above = {division.code, *ancestors(division.code)}
    eves = {row.on - timedelta(days=1) for row in recorded if row.predecessor in above}
    return division.valid_to in eves


@dataclass(frozen=True, slots=True)
class Past:
    """What a division was called before: all that lay under ``code``, on the days before ``until``.

    :param is_shared: it was split, so that others go on from it too, each with what became its own.
    """

    code: int
    until: date
    is_shared: bool = False

    @property
    def area(self) -> Area:
        return Area.of(self.code)


def pasts(code: int, successions: Sequence[Succession]) -> tuple[Past, ...]:
    """Every division whose past is that of ``code`` or of what lies in it, as far back as ``successions`` tell.

    A re-coded division above took ``code`` along; what was merged into a place or split into it goes on there.
    """
    own = Area.of(code)
    found: dict[int, Past] = {}
    waiting = [Past(code, date.max)]
    while waiting:
        later = waiting.pop()
        for row in successions:
            before = _before(later.code, row)
            if before is None or own.contains(before) or row.on >= later.until:
                continue
            if before not in found or found[before].until < row.on:
                found[before] = Past(before, row.on, later.is_shared or row.kind is SuccessionKind.SPLIT)
                waiting.append(found[before])
    return tuple(past for _, past in sorted(found.items()))


def _before(code: int, row: Succession) -> int | None:
    if row.successor == row.predecessor:
        return None
    if Area.of(code).contains(row.successor):
        return row.predecessor
    if row.kind is SuccessionKind.RECODED and row.successor in ancestors(code):
        return code - row.successor + row.predecessor
    return None


def common_area(area: Area, region: int) -> Area:
    """The smallest division that holds both, the whole country if no province does."""
    for size in _DIVISIONS:
        if area.lo // size == area.hi // size == region // size:
            return Area(region // size * size, region // size * size + size - 1)
    return Area.everywhere()


def refusals_of_successions(
    successions: Sequence[Succession], divisions: Sequence[Division], recorded: Sequence[Succession] = ()
) -> tuple[Fault, ...]:
    """Every reason why these rows may not be entered; the pointer names the row by its place.

    ``divisions`` holds the old divisions and the new ones, ``recorded`` what was entered before of the old ones and
    of those above them.
    """
    rows_of = Counter((row.predecessor, row.on) for row in successions)
    faults: list[Fault] = []
    for place, row in enumerate(successions):
        eve = row.on - timedelta(days=1)
        later = [one for one in recorded if one.on >= row.on]
        failed = {
            "succession_recorded": any(one.predecessor == row.predecessor for one in later),
            "succession_taken_along": any(
                one.predecessor in ancestors(row.predecessor) and one.kind is SuccessionKind.RECODED for one in later
            ),
            "succession_predecessor_unknown": division_on(divisions, row.predecessor, eve) is None,
            "succession_successor_unknown": division_on(divisions, row.successor, row.on) is None,
            "succession_level_differs": level_of(row.predecessor) is not level_of(row.successor),
            "succession_code_kept": (row.kind is SuccessionKind.RENAMED) != (row.predecessor == row.successor)
            and row.kind is not SuccessionKind.SPLIT,
            "succession_not_single": row.kind is not SuccessionKind.SPLIT and rows_of[row.predecessor, row.on] > 1,
            "succession_split_alone": row.kind is SuccessionKind.SPLIT and rows_of[row.predecessor, row.on] < 2,
            "succession_code_taken": row.kind is SuccessionKind.RECODED
            and division_on(divisions, row.successor, eve) is not None
            and rows_of[row.successor, row.on] == 0,
        }
        faults += [Fault(f"/{place}", code, _REFUSALS[code]) for code, holds in failed.items() if holds]
    return tuple(faults)


def _next_codes(code: int, rows: Sequence[Succession]) -> frozenset[int]:
    """The codes of ``code`` after one day's rows, all of which happen at once."""
    own = frozenset(row.successor for row in rows if row.predecessor == code)
    if own:
        return own
    for above in ancestors(code):
        kinds = {row.kind for row in rows if row.predecessor == above}
        if kinds & {SuccessionKind.MERGED, SuccessionKind.SPLIT}:
            return frozenset()
        if kinds == {SuccessionKind.RECODED}:
            return frozenset(code - above + row.successor for row in rows if row.predecessor == above)
    return frozenset({code})


_REFUSALS: Final = {
    "succession_recorded": Message(
        "该区划在这一天或之后的变更已经录入，请先查看其沿革；此前的变更须按日期先后录入。",
        "What became of this division on that day or later is on record: read its history. Changes are entered in the "
        "order of their days.",
    ),
    "succession_taken_along": Message(
        "该区划已随上级区划换码，请按新代码录入。",
        "The division above was re-coded and took this one along; give its new code.",
    ),
    "succession_predecessor_unknown": Message(
        "变更前一日没有这个原区划，请核对代码和日期。",
        "The old division does not hold on the day before; check its code and the date.",
    ),
    "succession_successor_unknown": Message(
        "变更当日没有这个新区划，请先录入新区划。",
        "The new division does not hold on that day; enter it first.",
    ),
    "succession_level_differs": Message(
        "原区划和新区划层级不同，请核对代码。", "The two divisions are of different levels; check the codes."
    ),
    "succession_code_kept": Message(
        "更名须保留原代码，换码和并入须使用不同代码，请核对。",
        "Renaming keeps the code, re-coding and merging need another one; check the codes.",
    ),
    "succession_not_single": Message(
        "同一区划当日已有另一条变更，请只保留一条。",
        "This division has another row for the same day; keep one.",
    ),
    "succession_split_alone": Message(
        "拆分至少要有两个新区划，请补充。", "A split needs two new divisions at least; add the others."
    ),
    "succession_code_taken": Message(
        "新代码已被另一区划使用，如系合并请选择并入。",
        "Another division bears the new code already; if they were merged, say merged.",
    ),
}
