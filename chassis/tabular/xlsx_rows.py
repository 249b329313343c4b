"""Stream the rows of an XLSX workbook in constant memory, each cell with its type.

Whole-workbook readers lose what we need or take what we cannot give: python-calamine hands a failed formula over as an
empty cell and lays a sheet out densely, so that two far cells in 5 KB take gigabytes; openpyxl keeps both in bounds but
reads some thousand rows a second. So the parts are walked with expat here, behind the guard.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Final, NamedTuple
from xml.parsers import expat

from openpyxl.utils.escape import unescape

from chassis.tabular.dates import cell_of_serial, is_date_style
from chassis.tabular.guard import (
    XML_DEPTH_MAX,
    Archive,
    Limits,
    damaged,
    feed_xml,
    read_elements,
    too_long_cell,
    too_many_columns,
)
from chassis.tabular.model import FORMULA_WITHOUT_RESULT, Cell, ErrorCell, SourceRow
from chassis.tabular.texts import TextStore

_SMALL_PART_BYTES_MAX: Final = 16 << 20
_COLUMN_SIGN_VALUES: Final = {chr(ord("A") + i): i + 1 for i in range(26)}
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class XlsxSheet(NamedTuple):
    """A visible worksheet: its name, and a function that starts reading its rows from the top."""

    name: str
    rows: Callable[[], Iterator[SourceRow]]


class XlsxWorkbook:
    """A workbook's visible sheets in order; nothing but the parts that are asked for is ever expanded."""

    def __init__(self, archive: Archive, limits: Limits) -> None:
        self._archive, self._limits = archive, limits
        self.date_1904 = False
        self._sheets: list[tuple[str, str]] = []
        workbook = next(iter(self._related("", "/officeDocument").values()), "xl/workbook.xml")
        parts = self._related(workbook, "/worksheet")
        self._read_workbook(workbook, parts)
        if not self._sheets:
            raise damaged()
        styles = next(iter(self._related(workbook, "/styles").values()), None)
        strings = next(iter(self._related(workbook, "/sharedStrings").values()), None)
        self._date_styles = _read_date_styles(self._small(styles)) if styles else frozenset[str]()
        chunks = archive.chunks(strings, part_bytes_max=limits.shared_text_bytes_max) if strings else iter((b"<sst/>",))
        self._texts = _load_texts(chunks, limits.cell_characters_max)

    @property
    def sheets(self) -> list[XlsxSheet]:
        return [XlsxSheet(name, partial(self._rows, part)) for name, part in self._sheets]

    def _small(self, part: str) -> Iterator[bytes]:
        return self._archive.chunks(part, part_bytes_max=_SMALL_PART_BYTES_MAX)

    def _related(self, source: str, kind: str) -> dict[str, str]:
        """The parts inside the file to which ``source`` relates by a type ending in ``kind``, by relation id."""
        folder, name = posixpath.split(source)
        found: dict[str, str] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("Type", "").endswith(kind):
                if attributes.get("TargetMode") == "External":
                    return
                target = attributes.get("Target", "")
                path = target if target.startswith("/") else posixpath.join("/", folder, target)
                found[attributes.get("Id", "")] = posixpath.normpath(path).lstrip("/")

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations.lower() in self._archive.names:
            read_elements(self._small(relations), start)
        return found

    def _read_workbook(self, workbook: str, parts: dict[str, str]) -> None:
        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "workbookPr":
                self.date_1904 = attributes.get("date1904") in ("1", "true")
            elif tag == "sheet" and attributes.get("state", "visible") == "visible":
                part = parts.get(attributes.get("id", ""))
                if part is not None:
                    self._sheets.append((attributes.get("name", ""), part))

        read_elements(self._small(workbook), start)

    def _rows(self, part: str) -> Iterator[SourceRow]:
        done: list[SourceRow] = []
        reader = _SheetReader(done, self._texts, self._date_styles, self._limits, date_1904=self.date_1904)
        for _ in feed_xml(reader.parser, self._archive.chunks(part)):
            yield from done
            done.clear()


def _load_texts(chunks: Iterator[bytes], characters_max: int) -> TextStore:
    """The part ``sharedStrings``; readings of signs (phonetic runs) are left out."""
    texts = TextStore(characters_max)
    pieces: list[str] = []
    depth = phonetic = characters = 0
    collecting = False

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, phonetic, collecting
        depth += 1
        if depth > XML_DEPTH_MAX:
            raise damaged()
        name = tag.rpartition(":")[2]
        if name == "rPh":
            phonetic = depth
        collecting = name == "t" and not phonetic

    def end(tag: str) -> None:
        nonlocal depth, phonetic, collecting, characters
        collecting = False
        if phonetic == depth:
            phonetic = 0
        depth -= 1
        if depth == 1 and tag.rpartition(":")[2] == "si":
            texts.add(plain("".join(pieces)))
            pieces.clear()
            characters = 0

    def data(text: str) -> None:
        nonlocal characters
        if collecting and characters <= characters_max:
            characters += len(text)
            pieces.append(text)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    for _ in feed_xml(parser, chunks):
        pass
    return texts


def plain(text: str) -> str:
    """Undo the escape ``_x000D_`` by which XLSX writes signs that XML cannot hold."""
    return unescape(text) if "_x" in text else text


def _read_date_styles(chunks: Iterator[bytes]) -> frozenset[str]:
    """The values of a cell's ``s`` attribute whose number format is a date."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            formats.append(_number(attributes.get("numFmtId")))
        elif tag == "numFmt":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[:256]

    def end(tag: str) -> None:
        nonlocal inside
        if tag == "cellXfs":
            inside = False

    read_elements(chunks, start, end)
    return frozenset(str(at) for at, number in enumerate(formats) if is_date_style(number, codes.get(number)))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


class _SheetReader:
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
                collecting = (tag == value_tag or tag == text_tag) and not phonetic  # noqa: PLR1714 - hot
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
    return moment.date() if moment.time() == datetime.min.time() and moment.tzinfo is None else moment
