"""Find the header among title rows and tell which of the sender's columns is which of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from chassis.errors import Fault, InvalidInput, Message
from chassis.tabular.columns import Column, Kind, label_key, read_label, unit_stated
from chassis.tabular.model import Cell, Header, SourceRow, Unit, as_text, is_blank

RETURNED_LABELS: Final = (("原因", "行号"), ("退回原因", "退回行号"))
"""The two columns, side by side, that a sheet of rejected rows carries before the sender's own; the second wording
where a column of the sender's or of ours has one of the first names. Reading ignores both."""


_NO_SUCH_COLUMN: Final = Message("没有这一列。", "There is no such column.")


class UnfitHeader(InvalidInput):
    """The file can be read, but its header is not there or does not fit the columns."""


@dataclass(frozen=True)
class HeaderSpec:
    """What to look for. ``mapping`` translates a sender's label into the name of one of ``columns``, above all aliases.

    The header is the first of ``search_rows`` rows that names at least ``share`` of the required columns (of all, where
    none is required). ``sheet`` picks a worksheet by name; without it the first visible one with a header is read.
    """

    columns: Sequence[Column]
    mapping: Mapping[str, str] = field(default_factory=dict)
    share: float = 0.5
    search_rows: int = 20
    sheet: str | None = None

    def __post_init__(self) -> None:
        if not self.columns or not 0 < self.share <= 1 or self.search_rows < 1:
            raise ValueError("a header needs columns, a share above 0 and rows to search")
        self.index()

    def index(self) -> dict[str, Column]:
        """Every key under which a column may appear; the sender's mapping comes first, a label without its unit last.

        :raises ValueError: when two columns claim the same label.
        :raises InvalidInput: when the mapping names a column that is not there.
        """
        own: dict[str, Column] = {}
        bases: dict[str, Column] = {}
        for column in self.columns:
            for label in (column.name, column.label, *column.aliases):
                read = read_label(label)
                if own.setdefault(read.key, column) is not column:
                    raise ValueError(f"two columns claim the label {label}")
                if bases.setdefault(read.base, column) is not column:
                    raise ValueError(f"two columns claim the label {label} once its unit is left out")
        named = {column.name: column for column in self.columns}
        unheard_of = [name for name in self.mapping.values() if name not in named]
        if unheard_of:
            raise InvalidInput(
                Message(
                    "保存的列对应关系指向了不存在的列，请重新设置。",
                    "The saved mapping points to columns that do not exist; set it anew.",
                ),
                faults=[Fault(name, "unknown_column", _NO_SUCH_COLUMN) for name in unheard_of],
            )
        mapped = {label_key(label): named[name] for label, name in self.mapping.items()}
        taken = {column.name for column in mapped.values()}
        # A mapped column answers to its mapped label alone: its own label may mean something else in that file.
        return mapped | {
            key: column for key, column in (bases | own).items() if key not in mapped and column.name not in taken
        }


@dataclass
class _Match:
    """One row read as a header: positions by our names, and what stands in the way."""

    labels: tuple[str, ...]
    columns: dict[str, int] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    doubled: dict[str, list[str]] = field(default_factory=dict)
    returned: frozenset[int] = frozenset()


class HeaderFinder:
    """Tries rows against a :class:`HeaderSpec`."""

    def __init__(self, spec: HeaderSpec) -> None:
        self.spec = spec
        self._index = spec.index()
        self._expected = {c.name for c in spec.columns if c.required} or {c.name for c in spec.columns}
        self._amounts = {c.name for c in spec.columns if c.kind is Kind.AMOUNT}

    def score(self, cells: Sequence[Cell]) -> int:
        """How many of the wanted columns a row names."""
        return len(self._expected & self._match(cells).columns.keys())

    def place_of(self, rows: Sequence[SourceRow]) -> int | None:
        """Where among the first rows the header stands, faulty or not; None if none of them is one."""
        needed = self.spec.share * len(self._expected)
        return next((at for at, row in enumerate(rows) if self.score(row.cells) >= needed), None)

    def choose(self, rows: Sequence[SourceRow]) -> tuple[int, Header]:
        """Pick the header among the first rows; gives its place in ``rows`` and what it says.

        :raises UnfitHeader: when there is none, when a required column is missing (all of them are listed), or when two
            columns answer to one of ours.
        """
        place = self.place_of(rows)
        if place is None:
            scores = [self.score(row.cells) for row in rows]
            best = max(scores, default=0)
            raise self._no_header(rows[scores.index(best)] if best else None)
        match = self._match(rows[place].cells)
        faults = self._doubled(match) + self._missing(match)
        if faults:
            raise UnfitHeader(
                Message(
                    f"第 {rows[place].number} 行的表头有误，请按各项提示修改，或保存一个列对应关系。",
                    f"The header in row {rows[place].number} has faults; correct each, or save a mapping of columns.",
                ),
                faults=faults,
            )
        above = self._unit_above(rows[:place])
        units = dict.fromkeys(self._amounts & match.columns.keys(), above) if above else {}
        return place, Header(
            number=rows[place].number,
            labels=match.labels,
            columns=match.columns,
            units=units | match.units,
            unknown=tuple(match.unknown),
            returned=match.returned,
        )

    def of_keys(self, keys: Sequence[str]) -> Header:
        """The header of a format without a header row, from all keys that its lines use.

        :raises UnfitHeader: when no line has a required key, or two keys mean the same column.
        """
        match = self._match(list(keys))
        faults = self._doubled(match) + self._missing(match)
        if faults or not match.columns:
            raise UnfitHeader(
                Message(
                    "各行的字段名有误，请按各项提示修改，或保存一个列对应关系。",
                    "The keys of the lines have faults; correct each, or save a mapping of columns.",
                ),
                faults=faults,
            )
        return Header(0, match.labels, match.columns, match.units, tuple(match.unknown), match.returned)

    def _match(self, cells: Sequence[Cell]) -> _Match:
        labels = [as_text(cell).strip() for cell in cells]
        while labels and not labels[-1]:
            labels.pop()
        match = _Match(tuple(labels))
        match.returned = self._returned(labels)
        for at, label in enumerate(labels):
            if not label or at in match.returned:
                continue
            read = read_label(label)
            column = self._index.get(read.key) or self._index.get(read.base)
            if column is None:
                match.unknown.append(label)
                continue
            if column.name in match.columns:
                first = labels[match.columns[column.name]]
                match.doubled.setdefault(column.name, [first]).append(label)
                continue
            match.columns[column.name] = at
            if read.unit and column.kind is Kind.AMOUNT:
                match.units[column.name] = read.unit
        return match

    def _returned(self, labels: Sequence[str]) -> frozenset[int]:
        """The places of the two columns that we added when these rows came back before, if they did."""
        for at, pair in enumerate(pairwise(labels)):
            if pair in RETURNED_LABELS and not any(label in self._index for label in pair):
                return frozenset((at, at + 1))
        return frozenset()

    def _unit_above(self, rows: Sequence[SourceRow]) -> Unit | None:
        stated = [unit for row in rows for cell in row.cells if isinstance(cell, str) and (unit := unit_stated(cell))]
        return stated[-1] if stated else None

    def _doubled(self, match: _Match) -> list[Fault]:
        """Labels that mean the same column of ours; which one counts only the sender can say."""
        return [
            Fault(
                name,
                "doubled_column",
                Message(
                    f"这些列含义相同，只能保留一列：{'、'.join(_counted(labels))}。",
                    f"These columns mean the same; keep one: {', '.join(_counted(labels))}.",
                ),
            )
            for name, labels in match.doubled.items()
        ]

    def _missing(self, match: _Match | None) -> list[Fault]:
        present = match.columns if match else {}
        return [
            Fault(
                column.name,
                "missing_column",
                Message(f"缺少“{column.label}”列。", f"The column {column.label} ({column.name}) is missing."),
            )
            for column in self.spec.columns
            if column.required and column.name not in present
        ]

    def _no_header(self, nearest: SourceRow | None) -> UnfitHeader:
        wanted = [column.label for column in self.spec.columns if column.name in self._expected]
        zh = f"前 {self.spec.search_rows} 行中没有找到表头。表头须包含：{'、'.join(wanted)}。"
        en = f"No header among the first {self.spec.search_rows} rows. It must have: {', '.join(wanted)}."
        if nearest is not None:
            zh += f"最接近的是第 {nearest.number} 行。"
            en += f" The nearest is row {nearest.number}."
        zh += "可下载模板对照，或保存一个列对应关系。"
        en += " Compare with the template, or save a mapping of columns."
        return UnfitHeader(Message(zh, en), faults=self._missing(self._match(nearest.cells) if nearest else None))


def _counted(labels: Sequence[str]) -> list[str]:
    return [label if count == 1 else f"{label}（{count} 列）" for label, count in Counter(labels).items()]


def is_empty_row(cells: Sequence[Cell]) -> bool:
    return all(is_blank(cell) for cell in cells)
