"""Read the households of a file one after the other: a line of NDJSON, or the adjacent rows of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO, Final

import orjson

from chassis.errors import Message, TooLarge
from chassis.files.media import Media
from chassis.tabular import Limits, RawRow, open_table, parse_row
from chassis.types import compact, yuan_to_fen
from services.monitoring.households.importing.columns import COLUMNS, HEADER, HEALTH, HEALTHS, HOUSEHOLD, KEY, PERSON
from services.monitoring.households.importing.model import Batch, Piece, Refusal
from services.monitoring.households.schemas import MEMBERS_MAX

LINE_BYTES_MAX: Final = 256 * 1024
_BETWEEN: Final = re.compile(r"[、,，;；/ ]+")
_LAND: Final = Message("请填写面积，单位亩，至多两位小数。", "Give the area in 亩 with at most two decimals.")
_LAND_STORED: Final = "land_mu_hundredths"
_DIFFERS: Final = Message(
    "同一户序号各行的此列应一致，请核对；不是同一户的，请填不同的户序号。",
    "The rows of one key say different things here; check them, and give another household a key of its own.",
)
_HEALTH: Final = Message(
    f"请从以下选项中填写，多项以顿号隔开：{'、'.join(dict.fromkeys(HEALTHS))}。",
    f"Give one or more of: {', '.join(dict.fromkeys(HEALTHS.values()))}.",
)
_APART: Final = Message(
    "同一户的行不相邻，请按户序号排序后重新提交。",
    "Rows of one household stand apart; sort the file by the household's key and send it again.",
)
_MANY: Final = Message(
    f"一户超过 {MEMBERS_MAX} 行，请核对户序号。", f"A household has more than {MEMBERS_MAX} rows; check its key."
)


class Pieces:
    """The households of a file, to be taken batch by batch by a thread.

    :param after: the last row that an earlier run has done.
    """

    def __init__(self, stream: BinaryIO, media: Media, *, limits: Limits, after: int = 0) -> None:
        self._limits = limits
        self._after = after
        self._number = 0
        self._stream = stream
        self._groups = None if media is Media.NDJSON else self._read_groups(stream, after)

    def take(self, persons: int) -> Batch | None:
        """The next households with about ``persons`` persons; None at the end."""
        return self._take_lines(persons) if self._groups is None else self._take_groups(self._groups, persons)

    def _take_lines(self, persons: int) -> Batch | None:
        """Lines are only looked at for their ends and sizes; what they say is for those who prepare them."""
        while self._number < self._after and self._stream.readline():
            self._number += 1
        first, lines, count = self._number + 1, [], 0
        while count < persons and (line := self._stream.readline(LINE_BYTES_MAX + 1)):
            self._number += 1
            if len(line) > LINE_BYTES_MAX:
                raise TooLarge(
                    Message(
                        f"第 {self._number} 行过长，请确认每行只有一户。",
                        f"Line {self._number} is too long; put one household on each line.",
                    )
                )
            lines.append(line)
            count += line.count(b'"relation"') or 1  # in a line of NDJSON each member has one relation
        return Batch(self._number, first, b"".join(lines)) if lines else None

    @staticmethod
    def _take_groups(groups: Iterator[Piece], persons: int) -> Batch | None:
        pieces, count = [], 0
        for piece in groups:
            pieces.append(piece)
            count += len(piece.rows or ())
            if count >= persons:
                break
        return Batch.of(pieces) if pieces else None

    def _read_groups(self, stream: BinaryIO, after: int) -> Iterator[Piece]:
        """Households of adjacent rows. What an earlier run has done is read again, for its keys, and left out."""
        seen: set[str] = set()
        with open_table(stream, limits=self._limits, header=HEADER) as table:
            group: _Group | None = None
            for row in table:
                values, faults = parse_row(COLUMNS, row)
                refusals = [
                    Refusal(row.number, fault.column or "", fault.code, fault.message.zh, fault.message.en)
                    for fault in faults
                ]
                key = values[KEY]
                if group is None or key != group.key:
                    if group is not None and group.last > after:
                        yield group.piece()
                    group = _Group(key, key is not None and key in seen)
                    seen.add(key)
                group.add(row, values, refusals)
            if group is not None and group.last > after:
                yield group.piece()


@dataclass(repr=False)
class _Group:
    """The rows of one household so far."""

    key: str | None
    apart: bool
    rows: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return self.rows[-1]

    def add(self, row: RawRow, values: Mapping[str, Any], refusals: list[Refusal]) -> None:
        if not self.rows:
            self.document["members"] = []
            if self.apart:
                self.refusals.append(Refusal(row.number, KEY, "rows_apart", *_APART))
        for name, said in self._household(row.number, values).items():
            # Two families under one key show here: what a later row says otherwise is not dropped in silence.
            if self.document.setdefault(name, said) != said:
                column = "land_mu" if name == _LAND_STORED else name
                self.refusals.append(Refusal(row.number, column, "household_differs", *_DIFFERS))
        if len(self.rows) == MEMBERS_MAX:
            self.refusals.append(Refusal(row.number, KEY, "rows_many", *_MANY))
        self.rows.append(row.number)
        self.refusals += refusals
        if len(self.rows) <= MEMBERS_MAX:
            self.document["members"].append(self._person(row.number, values))

    def piece(self) -> Piece:
        rows = tuple(self.rows)
        return Piece(rows[0], orjson.dumps(self.document), rows, tuple(self.refusals))

    def _household(self, row: int, values: Mapping[str, Any]) -> dict[str, Any]:
        said = {column.name: _json(values[column.name]) for column in HOUSEHOLD if values[column.name] is not None}
        if (land := said.pop("land_mu", None)) is not None:
            try:
                said[_LAND_STORED] = yuan_to_fen(compact(land))  # the same form: two decimals at most
            except ValueError:
                self.refusals.append(Refusal(row, "land_mu", "area", *_LAND))
        return said

    def _person(self, row: int, values: Mapping[str, Any]) -> dict[str, Any]:
        said = {column.name: _json(values[column.name]) for column in PERSON if values[column.name] is not None}
        for ours, column in (("phone", "person_phone"), ("national_no", "person_national_no")):
            if column in said:
                said[ours] = said.pop(column)
        if HEALTH in said:
            given = [one for one in _BETWEEN.split(said[HEALTH]) if one]
            if all(one in HEALTHS for one in given):
                said[HEALTH] = list(dict.fromkeys(HEALTHS[one] for one in given))
            else:
                self.refusals.append(Refusal(row, HEALTH, "choice", *_HEALTH))
        return said


def count_lines(stream: BinaryIO) -> int:
    """How many lines a file has, for its progress; the stream is at its beginning again."""
    count = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))
    stream.seek(0)
    return count


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
