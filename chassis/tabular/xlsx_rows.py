"""Stream the rows of an XLSX workbook in constant memory, each cell with its type.

Whole-workbook readers lose what we need or take what we cannot give: python-calamine hands a failed formula over as an
empty cell and lays a sheet out densely, so that two far cells in 5 KB take gigabytes; openpyxl keeps both in bounds but
reads some thousand rows a second. So the parts are walked with expat here, behind the guard.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final
from xml.parsers import expat

from chassis.tabular.dates import cell_of_serial
from chassis.tabular.guard import (
    XML_DEPTH_MAX,
    Limits,
    damaged,
    too_long_cell,
    too_many_columns,
)
from chassis.tabular.model import FORMULA_WITHOUT_RESULT, Cell, ErrorCell, SourceRow
from chassis.tabular.texts import TextStore

_COLUMN_SIGN_VALUES: Final = {chr(ord("A") + i): i + 1 for i in range(26)}
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class SheetReader:
    """Turns expat's events into rows. The handlers are closures over local names: they run for every cell."""

    def __init__(
        self,
        done: list[SourceRow],
        texts: TextStore,
        date_styles: frozenset[str],
        limits: Limits,
        *,
        date_1904: bool,
    ) -> None:
        self._texts, self._date_styles, self._limits, self._date_1904 = texts, date_styles, limits, date_1904
        self.parser = expat.ParserCreate()
        self._connect(done)

    def _connect(self, done: list[SourceRow]) -> None:  # noqa: C901 - one state machine, hot; split up it is slower
        columns_max, characters_max = self._limits.columns_max, self._limits.cell_characters_max
        column_of: dict[str, int] = {}
        row_tag, cell_tag, value_tag, text_tag, formula_tag, phonetic_tag = "row", "c", "v", "t", "f", "rPh"
        cells: list[Cell] = []
        pieces: list[str] = []
        number = column = depth = characters = phonetic = 0
        kind = style = ""
        collecting = has_formula = False
        in_cell = in_row = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth, number, column, cells, kind, style, collecting, has_formula, characters
            nonlocal phonetic, in_cell, in_row, row_tag, cell_tag, value_tag, text_tag, formula_tag, phonetic_tag
            depth += 1
            if tag == cell_tag and in_row:
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    letters = reference.rstrip("0123456789")
                    column = column_of.get(letters) or _remember_column(column_of, letters)
                kind, style = attributes.get("t", "n"), attributes.get("s", "")
                in_cell, has_formula, characters = True, False, 0
                pieces.clear()
            elif in_cell:
                if tag == formula_tag:
                    has_formula = True
                elif tag == phonetic_tag:
                    phonetic = depth
                collecting = not phonetic and tag in (value_tag, text_tag)
            elif tag == row_tag:
                named = attributes.get("r")
                if named is not None and not (named.isascii() and named.isdigit() and number < int(named) < 10_000_000):
                    raise damaged()
                number = number + 1 if named is None else int(named)
                cells, column, in_row = [], 0, True
            elif depth == 1:
                prefix = tag[: tag.find(":") + 1]
                row_tag, cell_tag, value_tag, text_tag, formula_tag, phonetic_tag = (
                    prefix + name for name in ("row", "c", "v", "t", "f", "rPh")
                )
            if depth > XML_DEPTH_MAX:
                raise damaged()

        def end(tag: str) -> None:
            nonlocal depth, collecting, in_cell, in_row, phonetic
            collecting = False
            if phonetic == depth:
                phonetic = 0
            depth -= 1
            if tag == cell_tag and in_cell:
                in_cell = False
                if not pieces and not has_formula:
                    return
                value = convert(kind, style, "".join(pieces) if pieces else "", has_formula)
                if value is None:
                    return
                if column > columns_max:
                    raise too_many_columns(self._limits, number)
                if type(value) is str and len(value) > characters_max:
                    raise too_long_cell(self._limits, number)
                while len(cells) < column - 1:
                    cells.append(None)
                if len(cells) >= column:
                    raise damaged()
                cells.append(value)
            elif tag == row_tag and in_row:
                in_row = False
                if cells:
                    done.append(SourceRow(number, cells))

        def data(text: str) -> None:
            nonlocal characters
            if collecting:
                characters += len(text)
                if characters > characters_max:
                    raise too_long_cell(self._limits, number)
                pieces.append(text)

        convert = self._convert
        parser = self.parser
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data

    def _convert(self, kind: str, style: str, text: str, has_formula: bool) -> Cell:  # noqa: FBT001
        if kind == "s":
            return self._shared(text)
        if kind == "inlineStr":
            return plain(text) or None
        if not text:
            return FORMULA_WITHOUT_RESULT if has_formula and kind != "str" else None
        if kind == "n":
            value = _numeric(text)
            if style in self._date_styles:
                return cell_of_serial(value, date_1904=self._date_1904)
            return value
        return _rare(kind, text)

    def _shared(self, text: str) -> str | None:
        if not (text.isascii() and text.strip().isdigit() and len(text) < 12):
            raise damaged()
        return self._texts[int(text)] or None


def _remember_column(known: dict[str, int], letters: str) -> int:
    """``AB`` → 28; nothing is wider than three letters."""
    if not 1 <= len(letters) <= 3 or not all("A" <= sign <= "Z" for sign in letters):
        raise damaged()
    column = 0
    for sign in letters:
        column = column * 26 + _COLUMN_SIGN_VALUES[sign]
    known[letters] = column
    return column


def _numeric(text: str) -> int | float:
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        value = float(text)
    except ValueError as fault:
        raise damaged() from fault
    if value - value != 0:  # infinities and NaN: no spreadsheet writes them
        raise damaged()
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _rare(kind: str, text: str) -> Cell:
    if kind == "str":
        return plain(text)
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind == "e":
        return ErrorCell(text.strip()[:16])
    if kind == "d":
        return _iso(text.strip())
    raise damaged()


def _iso(text: str) -> date | datetime | str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.date() if moment.time() == time() else moment.replace(tzinfo=None)


def plain(text: str) -> str:
    """Undo the escape ``_x000D_`` by which XLSX writes signs that XML cannot hold."""
    if "_x" not in text:
        return text
    from openpyxl.utils.escape import unescape  # only a workbook that is read pays for its import

    return unescape(text)
