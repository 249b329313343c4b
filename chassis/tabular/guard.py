"""Refuse what would eat memory or time before it does: every byte is counted while it is read, none is believed.

A zip's own figures are checked first and never trusted afterwards; XML with a document type is refused unread.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NoReturn
from xml.parsers import expat

from chassis.errors import InvalidInput, Message, TooLarge, UnsupportedMedia

CHUNK_BYTES: Final = 1 << 16
EXPANSION_FLOOR_BYTES: Final = 32 << 20  # below this no ratio is suspicious: styles and themes shrink very well
DIRECTORY_BYTES_MAX: Final = 1 << 20  # some 15,000 entries; a workbook has a few dozen
XML_PENDING_BYTES_MAX: Final = 1 << 20  # one unfinished tag or comment
XML_NAMES_MAX: Final = 4096
XML_DEPTH_MAX: Final = 64
_CSV_FIELD_MAX: Final = 131_072  # what the csv module takes in one field unless told otherwise

Source = Path | bytes | BinaryIO
"""A file to read: its path, its bytes, or a seekable binary stream that stays the caller's to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a file may ask of us. The defaults fit 400,000 rows of a department's file.

    ``expanded_bytes_max`` counts what comes out of a zip, ``shared_text_bytes_max`` the part of it that must stay in
    memory (the shared strings of a workbook), ``line_bytes_max`` one line of a text file or one record with line
    breaks.
    """

    file_bytes_max: int = 256 << 20
    expanded_bytes_max: int = 2 << 30
    expansion_ratio_max: int = 200
    shared_text_bytes_max: int = 256 << 20
    rows_max: int = 1_000_000
    columns_max: int = 256
    cell_characters_max: int = 8_192
    line_bytes_max: int = 1 << 20

    def __post_init__(self) -> None:
        if min(getattr(self, name) for name in self.__slots__) < 1:
            raise ValueError("every limit must be positive")
        if self.cell_characters_max >= _CSV_FIELD_MAX:
            raise ValueError(f"cell_characters_max must stay below {_CSV_FIELD_MAX}")


def open_source(source: Source, limits: Limits) -> tuple[BinaryIO, bool]:
    """Open what is to be read; the second value says whether the stream is ours to close.

    :raises TooLarge: when the file has more than ``file_bytes_max`` bytes.
    """
    stream: BinaryIO
    ours = True
    if isinstance(source, Path):
        stream = source.open("rb")
    elif isinstance(source, bytes):
        stream = io.BytesIO(source)
    else:
        stream, ours = source, False
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size > limits.file_bytes_max:
        if ours:
            stream.close()
        mib = limits.file_bytes_max >> 20
        raise TooLarge(
            Message(
                f"文件超过 {mib} MB，请按乡镇或月份拆成几个文件后分别上传。",
                f"The file exceeds {mib} MB; split it, for example by town or month, and send the parts.",
            )
        )
    return stream, ours


def too_many_rows(limits: Limits) -> TooLarge:
    return TooLarge(
        Message(
            f"数据超过 {limits.rows_max} 行，请拆成几个文件后分别上传。",
            f"The file has more than {limits.rows_max} rows; split it and send the parts.",
        )
    )


def too_many_columns(limits: Limits, number: int) -> TooLarge:
    return TooLarge(
        Message(
            f"第 {number} 行超过 {limits.columns_max} 列，请删除多余的列后重新上传。",
            f"Row {number} has more than {limits.columns_max} columns; delete those that are not needed.",
        )
    )


def too_long_cell(limits: Limits, number: int) -> TooLarge:
    return TooLarge(
        Message(
            f"第 {number} 行有单元格超过 {limits.cell_characters_max} 个字，请缩短后重新上传。",
            f"Row {number} has a cell of more than {limits.cell_characters_max} signs; shorten it and send again.",
        )
    )


def damaged(what: str = "") -> InvalidInput:
    """The file is of the right kind but broken; ``what`` tells a technician the place."""
    return InvalidInput(
        Message(
            f"文件已损坏，无法读取。请用 Excel 或 WPS 打开后另存为 xlsx，再重新上传。{what}",
            f"The file is damaged. Open it in a spreadsheet, save it as xlsx and send it again. {what}".rstrip(),
        )
    )


class Archive:
    """A zip whose parts are read in order of need, each byte counted against the limits."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        size = stream.seek(0, io.SEEK_END)
        self._budget = min(limits.expanded_bytes_max, max(EXPANSION_FLOOR_BYTES, size * limits.expansion_ratio_max))
        self._expanded = 0
        if _directory_bytes(stream, size) > DIRECTORY_BYTES_MAX:
            self._refuse()
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as fault:
            raise damaged() from fault
        entries = self._zip.infolist()
        if sum(entry.file_size for entry in entries) > self._budget:
            self._refuse()
        if not all(0 <= entry.header_offset < size for entry in entries):
            raise damaged()
        self._parts = {entry.filename.lstrip("/").lower(): entry for entry in entries}

    @property
    def names(self) -> frozenset[str]:
        """The parts' names in lower case, without a leading slash."""
        return frozenset(self._parts)

    def chunks(self, name: str, *, part_bytes_max: int | None = None) -> Iterator[bytes]:
        """Expand one part chunk by chunk.

        :raises TooLarge: as soon as the part, or all parts together, give more than they may.
        :raises InvalidInput: for a part that is missing, encrypted or broken.
        """
        entry = self._parts.get(name.lstrip("/").lower())
        if entry is None:
            raise damaged()
        if entry.flag_bits & 0x1:
            raise UnsupportedMedia(PASSWORD)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        read = 0
        try:
            with self._zip.open(entry) as part:
                while chunk := part.read(CHUNK_BYTES):
                    read += len(chunk)
                    self._expanded += len(chunk)
                    if self._expanded > self._budget or (part_bytes_max is not None and read > part_bytes_max):
                        self._refuse()
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError) as fault:
            raise damaged() from fault

    def _refuse(self) -> NoReturn:
        raise TooLarge(
            Message(
                "文件解压后过大。请新建一个工作簿，只粘贴需要上报的数据（选择性粘贴为数值），保存后重新上传。",
                "The file expands too far. Paste only the needed data, as values, into a new workbook and send it.",
            )
        )


PASSWORD: Final = Message(
    "文件设有密码，无法读取。请打开文件、取消密码后重新上传。",
    "The file is protected by a password; open it, remove the password and send it again.",
)


def _directory_bytes(stream: BinaryIO, size: int) -> int:
    """How long the central directory claims to be: :mod:`zipfile` would load all of it at once.

    Looks where :mod:`zipfile` looks: at the very end, else for the last signature before a comment; ZIP64 before that.
    """
    stream.seek(max(0, size - (1 << 16) - 22 - 76))
    tail = stream.read()
    stream.seek(0)
    at = len(tail) - 22
    if not (at >= 0 and tail.startswith(b"PK\x05\x06", at) and tail.endswith(b"\x00\x00")):
        at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise damaged()
    claimed = int(struct.unpack_from("<I", tail, at + 12)[0])
    if at >= 76 and tail.startswith(b"PK\x06\x07", at - 20) and tail.startswith(b"PK\x06\x06", at - 76):
        return int(struct.unpack_from("<Q", tail, at - 76 + 40)[0])
    return claimed


def feed_xml(parser: expat.XMLParserType, chunks: Iterator[bytes]) -> Iterator[None]:
    """Feed a part to an expat parser and yield after each chunk, with all that makes XML dangerous refused.

    No document type (so no entity expands and nothing external is asked for), no tag without end, no flood of names.
    Depth is the handlers' business: see :data:`XML_DEPTH_MAX`.

    :raises InvalidInput: for XML that is malformed or refused.
    """
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    fed = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > XML_PENDING_BYTES_MAX or len(parser.intern) > XML_NAMES_MAX:
                raise damaged()
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as fault:
        raise damaged() from fault
    yield


def _refuse_document_type(_name: str, _system: str | None, _public: str | None, _internal: bool) -> None:  # noqa: FBT001
    raise InvalidInput(
        Message(
            "文件内含有表格程序不会写入的外部引用，已拒绝读取。请用 Excel 或 WPS 另存为 xlsx 后重新上传。",
            "The file holds XML declarations that no spreadsheet writes and was refused; save it as xlsx anew.",
        )
    )


def read_elements(
    chunks: Iterator[bytes],
    on_start: Callable[[str, dict[str, str]], None],
    on_end: Callable[[str], None] = lambda _name: None,
) -> None:
    """Walk a small part, calling back with local names (``x:sheet`` → ``sheet``; attributes too).

    :raises InvalidInput: for XML that is malformed, refused or nested too deep.
    """
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > XML_DEPTH_MAX:
            raise damaged()
        on_start(name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(name.rpartition(":")[2])

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    for _ in feed_xml(parser, chunks):
        pass
