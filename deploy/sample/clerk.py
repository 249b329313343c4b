"""A clerk at work: turns what a department knows into the lines of its file, and notes how each must end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple
from uuid import UUID

from chassis.tabular import Column, Kind
from deploy.sample.model import Row, Spoil
from deploy.sample.names import other_name
from deploy.sample.places import OTHER_COUNTY
from deploy.sample.plans import Plan, Shape
from deploy.sample.sheets import open_sheet

_FULL_WIDTH: Final = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_DOTS: Final = "•・‧"
_EPOCH: Final = date(1899, 12, 30)
_ODD_SHARE, _REPEATED_SHARE, _BLANK_SHARE = 0.15, 0.03, 0.02
_SPREADSHEETS: Final = frozenset({Shape.XLSX, Shape.XLS})


class Fate(NamedTuple):
    """How one line of a file must end.

    :param row: its number as a person sees it. ``code``: of the reason, None for a row that reached its person.
    """

    row: int
    fate: str
    code: str | None
    person_id: UUID | None
    household_id: UUID | None


class Clerk:
    """Writes one file. ``fates`` counts what was written."""

    def __init__(self, plan: Plan, folder: Path, rng: Random) -> None:
        self.plan, self._rng = plan, rng
        first = [column for name in plan.habit.order for column in plan.contract.columns if column.name == name]
        self._columns = [*first, *(column for column in plan.contract.columns if column not in first)]
        labels = [self._heading(column) for column in self._columns]
        self._extra = (None,) if plan.habit.extra else ()
        if plan.habit.extra:
            labels.insert(0, plan.habit.extra)
        self.counts: Counter[str] = Counter()
        self._labels_of = {
            c.name: {v: k for k, v in reversed(list(c.choices.items()))} for c in self._columns if c.choices
        }
        self._sheet = open_sheet(folder / plan.file_name, plan.habit.shape, labels)
        if plan.habit.shape is not Shape.NDJSON:
            if plan.habit.title:
                self._sheet.write([plan.habit.title])
            self._sheet.write(labels)

    def write(self, row: Row, household_id: UUID) -> Iterator[Fate]:
        """Write a row, now and then twice, now and then after a blank line."""
        if self._rng.random() < _BLANK_SHARE:
            self._sheet.write([])
        cells = [*self._extra, *(self._cell(column, row) for column in self._columns)]
        self._sheet.write(cells)
        reaches = row.spoil is None
        ids = (row.person.id, household_id) if reaches else (None, None)
        fate = row.spoil.fate if row.spoil else "matched"
        if self.plan.closes_on is not None and fate != "rejected":
            fate = "late"
        yield self._noted(Fate(self._sheet.line, fate, row.spoil.value if row.spoil else None, *ids))
        if reaches and self._rng.random() < _REPEATED_SHARE:
            self._sheet.write(cells)
            yield self._noted(Fate(self._sheet.line, "duplicate", "repeated_in_batch", None, None))

    def close(self) -> None:
        """Complete the file."""
        self._sheet.close()

    def _noted(self, fate: Fate) -> Fate:
        self.counts[fate.fate] += 1
        return fate

    def _heading(self, column: Column) -> str:
        return self.plan.habit.headings.get(column.name, column.label)

    def _cell(self, column: Column, row: Row) -> Any:
        if column.name == "id_no":
            return self._number(row)
        if column.name == "name":
            return self._name(row)
        if column.name == "region_code":
            return OTHER_COUNTY if row.spoil is Spoil.OTHER_COUNTY else None
        value = row.values.get(column.name)
        return None if value is None else self._value(column, value)

    def _number(self, row: Row) -> Any:
        number = row.number
        if row.spoil is Spoil.DIGITS_LOST:
            return float(number[:15] + "000") if self.plan.habit.shape in _SPREADSHEETS else "6.10999E+17"
        if row.spoil is Spoil.CHECK_DIGIT:
            return number[:17] + ("1" if number[17] != "1" else "2")
        if self._rng.random() > _ODD_SHARE:
            return number
        return self._rng.choice(
            (
                number.lower(),
                number.translate(_FULL_WIDTH),
                f"{number[:6]} {number[6:14]} {number[14:]}",
                f" {number}\t",
            )
        )

    def _name(self, row: Row) -> str | None:
        name = row.person.name
        if row.spoil is Spoil.NO_NAME:
            return None
        if row.spoil is Spoil.NAME_DIFFERS:
            return other_name(name)
        if "·" in name:
            return name.replace("·", self._rng.choice(_DOTS))
        return f"{name}　" if self._rng.random() < _ODD_SHARE / 3 else name

    def _value(self, column: Column, value: Any) -> Any:
        match column.kind:
            case Kind.AMOUNT:
                return self._amount(value)
            case Kind.DAY:
                return self._day(value)
            case Kind.MONTH:
                return f"{value:%Y-%m}" if self._rng.random() < 0.8 else f"{value.year}年{value.month}月"
            case Kind.CHOICE:
                return self._labels_of[column.name][value]
            case Kind.YES_NO:
                return "是" if value else "否"
            case _:
                return value

    def _amount(self, fen: int) -> Any:
        amount = Decimal(fen) / (1_000_000 if self.plan.habit.in_wan else 100)
        return float(amount) if self.plan.habit.shape in _SPREADSHEETS else f"{amount:f}"

    def _day(self, day: date) -> Any:
        if self.plan.habit.serial_days:
            return (day - _EPOCH).days
        if self.plan.habit.shape in _SPREADSHEETS:
            return day
        forms: Mapping[int, str] = {
            0: f"{day.year}/{day.month}/{day.day}",
            1: f"{day:%Y%m%d}",
            2: f"{day.year}年{day.month}月{day.day}日",
        }
        return forms.get(self._rng.randrange(10), day.isoformat())
