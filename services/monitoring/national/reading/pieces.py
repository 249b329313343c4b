"""Take the households of an export one after the other, with everything that is wrong in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, BinaryIO, Final

from chassis.errors import Message
from chassis.tabular import CellFault, Header, Kind, RawRow, parse_row
from services.monitoring.datasets.reading.source import first_text, open_file, text_of
from services.monitoring.datasets.rules.fates import is_sum
from services.monitoring.households.importing.model import Refusal
from services.monitoring.households.schemas import MEMBERS_MAX
from services.monitoring.national.contract import CODES, COLUMNS
from services.monitoring.national.reading.household import HouseholdReader, decoded
from services.monitoring.national.reading.model import NationalPiece

KEY: Final = "household_no"
_READ_AS: Final = tuple(replace(one, kind=Kind.TEXT) if one.name in CODES else one for one in COLUMNS)
"""The columns with entries of code lists as text: they are looked up once, as code or as label."""

_APART: Final = Message(
    "同一户编号的行不相邻，请按户编号排序后重新提交。",
    "The rows of this household stand apart; sort the file by 户编号.",
)
_MANY: Final = Message(f"一户超过 {MEMBERS_MAX} 行，请核对户编号。", f"More than {MEMBERS_MAX} rows; check 户编号.")


class OpenedExport(AbstractContextManager["OpenedExport"]):
    """An export that is being read; use it in a ``with`` statement, in a thread."""

    def __init__(self, stream: BinaryIO, mapping: Mapping[str, str]) -> None:
        """:raises UnfitHeader: if neither the mapping nor the contract's own labels fit the heading."""
        self._table = open_file(stream, COLUMNS, [mapping, {}] if mapping else [{}])
        self.header: Header = self._table.header

    @property
    def columns(self) -> list[str]:
        """The contract's columns that the file has, in the file's order."""
        return sorted(self.header.columns, key=self.header.columns.__getitem__)

    def rows(self) -> Iterator[RawRow]:
        """Its rows, without lines that only add up others."""
        for row in self._table:
            if not is_sum(first_text(row), text_of(row.cells.get("identity_number"))):
                yield row

    def households(self) -> Iterator[list[RawRow]]:
        """Its rows, those of one household together; a row without a number stands alone."""
        group: list[RawRow] = []
        key = None
        for row in self.rows():
            own = text_of(row.cells.get(KEY))
            own = own and own.strip()
            if group and (own is None or own != key):
                yield group
                group = []
            group.append(row)
            key = own
        if group:
            yield group

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._table.close()


@dataclass(repr=False)
class NationalPieces:
    """The households of an opened export, to be taken chunk by chunk by a thread.

    :param after: rows up to this one were done by an earlier run; they are read again, for their numbers, and left out.
    """

    opened: OpenedExport
    reader: HouseholdReader
    after: int = -1
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        present = set(self.opened.columns)
        self._columns = [column for column in _READ_AS if column.name in present]
        self._blank: dict[str, Any] = dict.fromkeys(column.name for column in COLUMNS)
        self._households = self._read()

    def take(self, rows: int) -> list[NationalPiece]:
        """The next households with about ``rows`` rows; none at the end."""
        taken, count = [], 0
        for piece in self._households:
            taken.append(piece)
            count += len(piece.piece.rows or ())
            if count >= rows:
                break
        return taken

    def _read(self) -> Iterator[NationalPiece]:
        for group in self.opened.households():
            parsed = [(row.number, *self._parse(row)) for row in group]
            number = parsed[0][1][KEY]
            first, last = group[0].number, group[-1].number
            refusals = [_refusal(row, fault) for row, _, faults in parsed for fault in faults]
            if number is not None and number in self._seen:
                refusals.append(Refusal(first, KEY, "rows_apart", *_APART))
            if number is not None:
                self._seen.add(number)
            if last <= self.after:
                continue
            if len(group) > MEMBERS_MAX:
                refusals.append(Refusal(group[MEMBERS_MAX].number, KEY, "rows_many", *_MANY))
            yield self.reader.read([(row, values) for row, values, _ in parsed], refusals)

    def _parse(self, row: RawRow) -> tuple[dict[str, Any], Sequence[CellFault]]:
        values, faults = parse_row(self._columns, row)
        found, more = decoded(self._blank | values)
        return found, [*faults, *more]


def _refusal(row: int, fault: CellFault) -> Refusal:
    return Refusal(row, fault.column or "", fault.code, fault.message.zh, fault.message.en)
