"""Open an XLSX workbook: its visible sheets, its shared texts, its date formats; each part only when it is needed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple
from xml.parsers import expat

from chassis.tabular.dates import is_date_style
from chassis.tabular.guard import XML_DEPTH_MAX, Archive, Limits, damaged, feed_xml, read_elements
from chassis.tabular.model import SourceRow
from chassis.tabular.texts import TextStore
from chassis.tabular.xlsx_rows import SheetReader, plain

_SMALL_PART_BYTES_MAX: Final = 16 << 20


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
        reader = SheetReader(done, self._texts, self._date_styles, self._limits, date_1904=self.date_1904)
        for _ in feed_xml(reader.parser, self._archive.chunks(part)):
            yield from done
            done.clear()


def _load_texts(chunks: Iterator[bytes], characters_max: int) -> TextStore:
    """The part ``sharedStrings``; readings of signs (phonetic runs) are left out."""
    texts = TextStore()
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
        # What is kept of an endless text is long enough to be refused where a cell uses it.
        if collecting and characters <= characters_max:
            characters += len(text)
            pieces.append(text)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    for _ in feed_xml(parser, chunks):
        pass
    return texts


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
