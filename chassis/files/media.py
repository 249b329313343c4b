"""Tell what a file is from its first bytes; a name or a client's word about it counts for nothing."""

from __future__ import annotations

import io
from enum import StrEnum
from typing import Final

import filetype

from chassis.errors import InvalidInput, Message, UnsupportedMedia
from chassis.tabular.formats import Format, sniff
from chassis.tabular.guard import Limits


class Media(StrEnum):
    """The kinds of file that anything here takes."""

    CSV = "text/csv"
    NDJSON = "application/x-ndjson"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    XLS = "application/vnd.ms-excel"
    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"

    @property
    def extension(self) -> str:
        return _EXTENSIONS[self]


_EXTENSIONS: Final = {
    Media.CSV: "csv",
    Media.NDJSON: "ndjson",
    Media.XLSX: "xlsx",
    Media.XLS: "xls",
    Media.PDF: "pdf",
    Media.JPEG: "jpg",
    Media.PNG: "png",
}
_OF_TEXT: Final = {Format.CSV: Media.CSV, Format.NDJSON: Media.NDJSON}
_BINARY: Final = {Media.PDF, Media.JPEG, Media.PNG}

TABLES: Final = frozenset({Media.CSV, Media.NDJSON, Media.XLSX, Media.XLS})
"""What an import takes."""

EVIDENCE: Final = frozenset({Media.PDF, Media.JPEG, Media.PNG})
"""What a case or a visit takes."""

_UTF_16: Final = Message(
    "这是 UTF-16 编码的文本（表格程序的“Unicode 文本”），请另存为“CSV UTF-8”或 xlsx 后上传。",
    "This is text in UTF-16 (a spreadsheet's “Unicode text”); save it as “CSV UTF-8” or xlsx, and send that.",
)
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_EMPTY: Final = Message("文件是空的，请检查后重新上传。", "The file is empty; check it and send it again.")


def media_of(head: bytes, accepted: frozenset[Media]) -> Media:
    """What a file is whose first bytes are ``head`` (64 KiB, or all of it).

    A workbook is told from other archives only when it is opened as a whole, by :mod:`chassis.tabular`.

    :raises InvalidInput: for an empty file.
    :raises UnsupportedMedia: for anything that is not accepted; it says what is.
    """
    if not head:
        raise InvalidInput(_EMPTY)
    found = _sniffed(head)
    if found not in accepted:
        if Media.CSV in accepted and head.startswith(_UTF_16_MARKS):
            raise UnsupportedMedia(_UTF_16)
        listed = "、".join(sorted(media.extension for media in accepted))
        in_english = ", ".join(sorted(media.extension for media in accepted))
        raise UnsupportedMedia(
            Message(f"不接受这种文件，请上传 {listed} 文件。", f"This kind of file is not taken; send {in_english}.")
        )
    return found


def _sniffed(head: bytes) -> Media | None:
    if head.startswith(b"PK\x03\x04"):
        return Media.XLSX
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Media.XLS
    kind = filetype.guess(head)
    if kind is not None:
        return Media(kind.mime) if kind.mime in _BINARY else None
    try:
        return _OF_TEXT[sniff(io.BytesIO(head), Limits())]
    except UnsupportedMedia:
        return None
