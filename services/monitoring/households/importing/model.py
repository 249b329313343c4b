"""What the steps of an import hand to each other: households as handed in, rows ready to be copied, refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from chassis.errors import Fault
from chassis.jobs.import_model import Fate
from services.monitoring.households.thresholds import Thresholds


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
    """

    today: date
    lo: int
    hi: int
    thresholds: Thresholds
    known_areas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ready:
    """A household that may be stored; ``ord`` is its place among the pieces.

    :param named: whether it carries an id or a national number by which it may be known already.
    """

    ord: int
    id: UUID
    persons: int
    named: bool


@dataclass(slots=True, repr=False)
class Prepared:
    """A chunk after judging, in the text form of COPY.

    :param again: places of households that share a person, id or number with an earlier one of this chunk.
    :param older: further blind indexes (place, member, index), while keys are being replaced.
    """

    ready: list[Ready] = field(default_factory=list)
    refused: list[tuple[int, list[Refusal]]] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    households: bytes = b""
    persons: bytes = b""
    findings: bytes = b""
    older: bytes = b""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one household of the file."""

    ord: int
    fate: Fate
    household: UUID | None = None
    refusals: Sequence[Refusal] = ()
    persons_created: int = 0
    persons_updated: int = 0


def refusal_of(piece: Piece, fault: Fault) -> Refusal:
    """A fault of a household's document where its sender finds it."""
    pointer = fault.pointer.lstrip("/")
    row = piece.row
    if piece.rows is not None and pointer.startswith("members/"):
        _, place, *rest = pointer.split("/")
        if place.isdigit() and int(place) < len(piece.rows):
            row, pointer = piece.rows[int(place)], "/".join(rest)
    return Refusal(row, pointer, fault.code, fault.message.zh, fault.message.en)
