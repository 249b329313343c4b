"""What a file is made of once it is read: cells keep their type, rows their number, and faults keep quiet.

Nothing here repeats a cell's content in a message or in a ``repr``: files are full of identity numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from chassis.errors import Fault, Message
from chassis.types import clean

_CLEAN: Final = re.compile(r"[ -~·\u4e00-\u9fff，。；：？！（）“”、]*")  # nothing but outer space for clean() to change

Unit = Literal["yuan", "wan"]
"""What one stands for in an amount column: 元 or 万元."""

FEN_PER: Final[Mapping[Unit, int]] = {"yuan": 100, "wan": 1_000_000}


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell whose formula failed, such as ``#N/A``, or that was saved without its result (``#FORMULA``)."""

    sign: str

    def __str__(self) -> str:
        return self.sign


FORMULA_WITHOUT_RESULT: Final = ErrorCell("#FORMULA")

Cell = str | int | float | bool | date | datetime | ErrorCell | None
"""One cell as its file holds it: text, number, truth value, date, failed formula or nothing."""


class CellFault(Exception):
    """Why a cell, or a whole row when ``column`` is ``None``, cannot be taken; ``message`` says how to mend it."""

    def __init__(self, code: str, message: Message, column: str | None = None) -> None:
        super().__init__(code if column is None else f"{column}: {code}")
        self.code = code
        self.message = message
        self.column = column

    def in_column(self, column: str) -> CellFault:
        return CellFault(self.code, self.message, column)

    def as_fault(self) -> Fault:
        """The same as one entry of a problem answer's ``errors``; the pointer is the column's name."""
        return Fault(self.column or "", self.code, self.message)


class SourceRow(NamedTuple):
    """One row as a format's reader hands it over, before anybody knows what its columns mean."""

    number: int
    cells: list[Cell]
    fault: CellFault | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """How the sender's columns lie: ``columns`` gives the position of each of ours, from 0.

    ``number`` is the header's row as a person sees it (0 for NDJSON, which has none). ``units`` holds the unit that the
    sender stated for an amount column, in its label or above the table, and nothing where the contract's own applies.
    ``unknown`` lists the labels that mean nothing to us, without those in ``returned``, which we added when the rows
    came back before; ``other_sheets`` the visible sheets that were not read.
    """

    number: int
    labels: tuple[str, ...]
    columns: Mapping[str, int]
    units: Mapping[str, Unit] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    returned: frozenset[int] = frozenset()
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    date_1904: bool = False


class RawRow(NamedTuple):
    """One data row: ``cells`` by our column names, ``raw`` in the sender's own order, nothing converted yet.

    ``number`` is the row that a person sees in the spreadsheet, from 1; in a CSV file it is also the file's line as
    long as no cell holds a line break, in NDJSON always. ``faults`` are those of the row as a whole.
    """

    number: int
    cells: Mapping[str, Cell]
    raw: tuple[Cell, ...]
    header: Header
    faults: tuple[CellFault, ...] = ()

    def __repr__(self) -> str:
        return f"RawRow(number={self.number}, {len(self.raw)} cells, {len(self.faults)} faults)"


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Cell) -> str:
    """A cell as a person would read it: whole numbers without ``.0``, dates as ISO 8601, nothing as ``""``."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def tidy(text: str) -> str:
    """:func:`chassis.types.clean` for text out of files, where a line break may be ``\\r\\n`` or ``\\r``.

    :raises ValueError: for signs that cannot be stored.
    """
    if _CLEAN.fullmatch(text):
        return text.strip()
    return clean(text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)
