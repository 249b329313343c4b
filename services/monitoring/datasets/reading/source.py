"""Open a department's file as its contract's columns and take its rows in chunks, away from the event loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import BinaryIO, Final

from chassis.tabular import Cell, Column, Header, HeaderSpec, Limits, RawRow, Table, UnfitHeader, open_table, parse_row
from chassis.tabular.model import as_text, is_blank
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.errors import RowNumbersMissing
from services.monitoring.datasets.reading.layout import in_columns_of
from services.monitoring.datasets.rules.fates import Row, check_row, is_sum
from services.monitoring.datasets.rules.periods import Span

CHUNK_ROWS: Final = 1_000
LIMITS: Final = Limits(rows_max=400_000)


def open_file(stream: BinaryIO, columns: Sequence[Column], mappings: Sequence[Mapping[str, str]]) -> Table:
    """The table in a file, its heading read with the first of ``mappings`` that fits.

    :raises UnfitHeader: with what is wrong under the mapping that comes nearest (the first of equals), if none fits:
        who followed the template is not told of the columns of a saved mapping. Other errors as of ``open_table``.
    """
    refusals: list[UnfitHeader] = []
    for mapping in mappings:
        spec = HeaderSpec(columns, mapping=mapping)
        try:
            return open_table(stream, limits=LIMITS, header=spec)
        except UnfitHeader as fault:
            refusals.append(fault)
            stream.seek(0)
    raise min(refusals, key=lambda refusal: len(refusal.faults))


@dataclass
class Corrected:
    """Which rejected rows a corrected file may mend, and the columns of the file that they came in.

    ``ignored`` counts rows of the corrected file that name no such row.
    """

    first: Header
    waiting: set[int]
    ignored: int = 0


@dataclass
class RowSource:
    """The rows of an opened file, parsed and judged by form.

    :param after: rows up to this one were read by an earlier run; ``sums`` counts lines that only add up.
    """

    table: Table
    contract: Contract
    span: Span
    today: date
    after: int = -1
    corrected: Corrected | None = None
    sums: int = 0
    in_period: int = 0
    off_period: int = 0
    at: int = -1
    cells: dict[int, Sequence[Cell]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.corrected is not None and not self.table.header.returned:
            raise RowNumbersMissing
        self._rows = self._kept()

    @property
    def received(self) -> int:
        """Rows handed in, once the file is read through: without blank lines and sums."""
        return self.table.rows_read - self.sums

    def chunk(self) -> list[Row]:
        """The next rows; :attr:`cells` then holds their cells by row number."""
        self.cells = {}
        read = []
        for number, raw in islice(self._rows, CHUNK_ROWS):
            values, faults = parse_row(self.contract.columns, raw)
            row = check_row(self.contract, self.span, number, values, faults, today=self.today)
            self.in_period += row.in_period is True
            self.off_period += row.in_period is False
            self.cells[number] = raw.raw if self.corrected is None else in_columns_of(self.corrected.first, raw)
            self.at = raw.number
            read.append(row)
        return read

    def _kept(self) -> Iterator[tuple[int, RawRow]]:
        for raw in self.table:
            if is_sum(first_text(raw), text_of(raw.cells.get("id_no"))):
                self.sums += 1
                continue
            number = raw.number if self.corrected is None else self._origin(self.corrected, raw)
            if number is not None and raw.number > self.after:
                yield number, raw

    @staticmethod
    def _origin(corrected: Corrected, raw: RawRow) -> int | None:
        """The rejected row that a row of a corrected file mends, each once."""
        at = max(raw.header.returned)
        written = as_text(raw.raw[at]).strip() if at < len(raw.raw) else ""
        number = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1
        if number not in corrected.waiting:
            corrected.ignored += 1
            return None
        corrected.waiting.discard(number)
        return number


def first_text(raw: RawRow) -> str | None:
    """What the first filled cell of a row says, if that is text."""
    first = next((cell for cell in raw.raw if not is_blank(cell)), None)
    return first if isinstance(first, str) else None


def text_of(cell: Cell) -> str | None:
    """A cell as text; None if it is blank."""
    return None if is_blank(cell) else as_text(cell)
