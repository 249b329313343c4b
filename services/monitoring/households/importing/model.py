"""What the steps of an import hand to each other: households as handed in, rows ready to be copied, refusals."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from chassis.errors import Fault
from services.monitoring.households.rules.support import Support
from services.monitoring.households.thresholds import Thresholds

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """One household as a file holds it: a JSON document, and where it stands there.

    :param row: its line, or the row of its first member, as the sender counts.
    :param rows: the row of each member, if the file holds a person per row.
    :param faults: what made it unreadable; then ``document`` counts for nothing.
    """

    row: int
    document: bytes
    rows: tuple[int, ...] | None = None
    faults: tuple[Refusal, ...] = ()

    @property
    def last_row(self) -> int:
        return self.rows[-1] if self.rows else self.row


@dataclass(slots=True, repr=False)
class Batch:
    """Adjacent households of a file; lines of NDJSON become pieces only where somebody looks into them.

    :param last_row: the last row that it holds, as the sender counts.
    :param first_row: with ``lines``: the number of the first, and all of them.
    """

    last_row: int
    first_row: int
    lines: bytes
    _pieces: Sequence[Piece] | None = None

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Batch:
        return cls(pieces[-1].last_row, pieces[0].row, b"", pieces)

    @property
    def pieces(self) -> Sequence[Piece]:
        if self._pieces is None:
            lines = self.lines.removeprefix(_BOM) if self.first_row == 1 else self.lines
            self._pieces = [
                Piece(row, line) for row, line in enumerate(lines.split(b"\n"), self.first_row) if line.strip()
            ]
        return self._pieces


class Refusal(NamedTuple):
    """Why a household was refused: one entry of the list of errors. It never repeats an input."""

    row: int
    column: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What judging and making rows needs, beside keys.

    :param lo: with ``hi`` the range of the importing area.
    :param thresholds: those in force there. ``known_areas``: the counties on record, by their six digits.
    :param support: what people of the registry get, where that is known.
    """

    today: date
    lo: int
    hi: int
    thresholds: Thresholds
    known_areas: frozenset[str] = frozenset()
    support: Mapping[UUID, Support] = field(default_factory=dict)


class Ready(NamedTuple):
    """A household that may be stored; ``ord`` is its place among the pieces, ``id`` the bytes of its UUID.

    :param named: whether it carries an id or a national number by which it may be known already.
    """

    ord: int
    id: bytes
    region: int
    persons: int
    named: bool


@dataclass(slots=True, repr=False)
class Prepared:
    """A chunk after judging, its rows in the binary form of COPY.

    :param again: places of households that share a person, id or number with an earlier one of this chunk.
    :param marks: one of 64 bits for each of those persons' numbers, ids and national numbers: chunks that share none
        may be written at once.
    :param older: further blind indexes (place, member, index), while keys are being replaced.
    """

    ready: list[Ready] = field(default_factory=list)
    refused: list[tuple[int, list[Refusal]]] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    marks: array[int] = field(default_factory=lambda: array("Q"))
    households: bytes = b""
    persons: bytes = b""
    findings: bytes = b""
    older: bytes = b""


def refusal_of(piece: Piece, fault: Fault) -> Refusal:
    """A fault of a household's document where its sender finds it."""
    pointer = fault.pointer.lstrip("/")
    row = piece.row
    if piece.rows is not None and pointer.startswith("members/"):
        _, place, *rest = pointer.split("/")
        if place.isdigit() and int(place) < len(piece.rows):
            row, pointer = piece.rows[int(place)], "/".join(rest)
    return Refusal(row, pointer, fault.code, fault.message.zh, fault.message.en)
