"""Stream the rows of an XLS workbook (BIFF8, Excel 97–2003; [MS-XLS]), each cell with its type.

Old department systems still export it. The records are walked in Python because native readers trust their figures: a
forged DIMENSIONS record aborts python-calamine together with our process, and two far cells in 6 KB cost it a gigabyte.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

from chassis.errors import TooLarge, UnsupportedMedia
from chassis.tabular.dates import cell_of_serial, is_date_style
from chassis.tabular.guard import PASSWORD, Limits, damaged, too_long_cell, too_many_columns
from chassis.tabular.model import Cell, ErrorCell, SourceRow
from chassis.tabular.texts import TextStore

_BOF, _EOF, _CONTINUE, _FILEPASS = 0x0809, 0x000A, 0x003C, 0x002F
_DATEMODE, _FORMAT, _XF, _BOUNDSHEET, _SST = 0x0022, 0x041E, 0x00E0, 0x0085, 0x00FC
_LABELSST, _LABEL, _RSTRING, _NUMBER, _RK, _MULRK = 0x00FD, 0x0204, 0x00D6, 0x0203, 0x027E, 0x00BD
_BOOLERR, _FORMULA, _STRING = 0x0205, 0x0006, 0x0207
_BIFF8: Final = 0x0600
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class XlsSheet(NamedTuple):
    """A visible worksheet: its name, and a function that starts reading its rows from the top."""

    name: str
    rows: Callable[[], Iterator[SourceRow]]


class XlsWorkbook:
    """A workbook's visible sheets in order, out of the bytes of its ``Workbook`` stream."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._content, self._limits = content, limits
        self.date_1904 = False
        self._texts = TextStore()
        self._date_styles: set[int] = set()
        self._sheets: list[tuple[str, int]] = []
        self._readers: dict[int, Callable[[bytes], list[Cell]]] = {
            _LABELSST: self._label_sst,
            _LABEL: self._label,
            _RSTRING: self._label,
            _NUMBER: self._real,
            _RK: self._rk,
            _MULRK: self._multiple_rk,
            _BOOLERR: self._truth_or_error,
            _FORMULA: self._formula,
        }
        try:
            self._read_globals()
        except (struct.error, IndexError) as fault:
            raise damaged() from fault

    @property
    def sheets(self) -> list[XlsSheet]:
        return [XlsSheet(name, partial(self._rows, at)) for name, at in self._sheets]

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """The records of one substream up to its own end, without those of charts nested in it."""
        content, size, depth = self._content, len(self._content), 0
        while at + 4 <= size:
            kind, length = struct.unpack_from("<HH", content, at)
            at += 4
            if at + length > size:
                raise damaged()
            if kind == _BOF:
                depth += 1
                if depth == 1 and struct.unpack_from("<H", content, at)[0] != _BIFF8:
                    raise damaged()
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            if depth == 1:
                yield kind, content[at : at + length]
            at += length
        raise damaged()

    def _read_globals(self) -> None:
        formats: dict[int, str] = {}
        styles: list[int] = []
        strings: list[bytes] = []
        previous = 0
        for kind, record in self._records(0):
            if kind == _FILEPASS:
                raise UnsupportedMedia(PASSWORD)
            if kind == _DATEMODE:
                self.date_1904 = record[0] == 1
            elif kind == _FORMAT:
                formats[struct.unpack_from("<H", record)[0]] = _text(record[2:])
            elif kind == _XF:
                styles.append(struct.unpack_from("<H", record, 2)[0])
            elif kind == _BOUNDSHEET:
                at, hidden, what = struct.unpack_from("<IBB", record)
                if what == 0 and hidden & 3 == 0:
                    self._sheets.append((_text(bytes((record[6], 0)) + record[7:]), at))
            elif kind == _SST or (kind == _CONTINUE and previous == _SST):
                strings.append(record)
                kind = _SST
            previous = kind
        if not self._sheets:
            raise damaged()
        if sum(map(len, strings)) > self._limits.shared_text_bytes_max:
            raise TooLarge()
        for text in _Strings(strings):
            self._texts.add(text)
        self._date_styles = {at for at, number in enumerate(styles) if is_date_style(number, formats.get(number))}

    def _rows(self, at: int) -> Iterator[SourceRow]:
        try:
            yield from self._walk(at)
        except (struct.error, IndexError) as fault:
            raise damaged() from fault

    def _walk(self, at: int) -> Iterator[SourceRow]:
        number, cells = -1, list[Cell]()
        awaits_text: int | None = None
        for kind, record in self._records(at):
            if kind == _STRING and awaits_text is not None:
                cells[awaits_text] = self._checked(_text(record), number) or None
                awaits_text = None
                continue
            found = self._cells(kind, record)
            if found is None:
                continue
            row, column, values = found
            if row != number:
                if cells:
                    yield SourceRow(number + 1, cells)
                if row < number:
                    raise damaged()
                number, cells = row, []
            if column + len(values) > self._limits.columns_max:
                raise too_many_columns(self._limits, row + 1)
            if column < len(cells):
                raise damaged()
            cells.extend([None] * (column - len(cells)))
            cells.extend(values)
            awaits_text = column if kind == _FORMULA and record[12:14] == b"\xff\xff" and record[6] == 0 else None
        if cells:
            yield SourceRow(number + 1, cells)

    def _cells(self, kind: int, record: bytes) -> tuple[int, int, list[Cell]] | None:
        """Row, first column and values of a cell record; ``None`` for every other record and for empty cells."""
        reader = self._readers.get(kind)
        if reader is None:
            return None
        row, column = struct.unpack_from("<HH", record)
        return row, column, reader(record)

    def _label_sst(self, record: bytes) -> list[Cell]:
        text = self._texts[struct.unpack_from("<I", record, 6)[0]]
        return [self._checked(text, struct.unpack_from("<H", record)[0]) or None]

    def _label(self, record: bytes) -> list[Cell]:
        return [self._checked(_text(record[6:]), struct.unpack_from("<H", record)[0]) or None]

    def _real(self, record: bytes) -> list[Cell]:
        style, value = struct.unpack_from("<Hd", record, 4)
        return [self._dated(value, style)]

    def _rk(self, record: bytes) -> list[Cell]:
        style, packed = struct.unpack_from("<HI", record, 4)
        return [self._dated(_unpack_rk(packed), style)]

    def _multiple_rk(self, record: bytes) -> list[Cell]:
        return [self._dated(_unpack_rk(packed), style) for style, packed in struct.iter_unpack("<HI", record[4:-2])]

    def _truth_or_error(self, record: bytes) -> list[Cell]:
        value, is_error = record[6], record[7]
        return [_error(value) if is_error else bool(value)]

    def _formula(self, record: bytes) -> list[Cell]:
        """A formula's stored result; the formula itself is never looked at. A text follows in a record of its own."""
        if record[12:14] != b"\xff\xff":
            return self._real(record)
        what, value = record[6], record[8]
        if what == 1:
            return [bool(value)]
        return [_error(value)] if what == 2 else [None]

    def _dated(self, value: float, style: int) -> Cell:
        if value - value != 0:
            raise damaged()
        if style in self._date_styles:
            return cell_of_serial(value, date_1904=self.date_1904)
        return int(value) if value.is_integer() and abs(value) < 1e15 else value

    def _checked(self, text: str, row: int) -> str:
        if len(text) > self._limits.cell_characters_max:
            raise too_long_cell(self._limits, row + 1)
        return text


def _error(code: int) -> ErrorCell:
    return ErrorCell(_ERRORS.get(code, "#ERR"))


def _unpack_rk(packed: int) -> float:
    """RK: 30 bits of an integer or of a double's top, with a flag for a value times 100."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30) if packed & 0x80000000 else packed >> 2)
    else:
        value = float(struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))[0])
    return value / 100 if packed & 1 else value


def _text(record: bytes) -> str:
    """A string with a length of 16 bits and a byte of flags, all in one record."""
    length, flags = struct.unpack_from("<HB", record)
    if flags & 1:
        return record[3 : 3 + 2 * length].decode("utf-16-le", errors="replace")
    return record[3 : 3 + length].decode("latin-1")


class _Strings:
    """The shared strings: one table cut into records wherever it happens to be full, with new flags after a cut."""

    def __init__(self, records: list[bytes]) -> None:
        self._records = records
        self._record, self._at = 0, 8

    def __iter__(self) -> Iterator[str]:
        if not self._records:
            return
        count = struct.unpack_from("<I", self._records[0], 4)[0]
        while count and not self._is_over():
            yield self._read_one()
            count -= 1

    def _is_over(self) -> bool:
        while self._at >= len(self._records[self._record]):
            if self._record + 1 == len(self._records):
                return True
            self._record, self._at = self._record + 1, 0
        return False

    def _read_one(self) -> str:
        length, flags = struct.unpack_from("<HB", self._records[self._record], self._at)
        self._at += 3
        runs = extension = 0
        if flags & 8:
            runs = struct.unpack_from("<H", self._records[self._record], self._at)[0]
            self._at += 2
        if flags & 4:
            extension = struct.unpack_from("<I", self._records[self._record], self._at)[0]
            self._at += 4
        pieces: list[str] = []
        while length:
            if self._is_over():
                raise damaged()
            if self._at == 0:  # the text goes on in a new record, which says anew how wide its signs are
                flags = self._records[self._record][0]
                self._at = 1
            record, width = self._records[self._record], 1 + (flags & 1)
            taken = min(length, (len(record) - self._at) // width)
            piece = record[self._at : self._at + taken * width]
            pieces.append(piece.decode("utf-16-le" if width == 2 else "latin-1", errors="replace"))
            self._at += taken * width
            length -= taken
            if not taken:
                raise damaged()
        self._skip(4 * runs + extension)
        return "".join(pieces)

    def _skip(self, count: int) -> None:
        while count:
            if self._is_over():
                raise damaged()
            step = min(count, len(self._records[self._record]) - self._at)
            self._at += step
            count -= step
