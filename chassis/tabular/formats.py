"""Tell what a file is from its bytes alone; a name or a client's word about it counts for nothing."""

from __future__ import annotations

import codecs
import io
from enum import StrEnum
from typing import BinaryIO, Final

from chassis.errors import InvalidInput, Message, UnsupportedMedia
from chassis.tabular.guard import CHUNK_BYTES, PASSWORD, Archive, Limits
from chassis.tabular.ole2 import CompoundFile

SAMPLE_BYTES: Final = 1 << 20
_BROKEN_SHARE_MAX: Final = 0.2  # text of which more than this is unreadable as UTF-8 is no damaged UTF-8


class Format(StrEnum):
    """The formats in which offices send tables."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"
    XLS = "xls"


def _refusal(zh: str, en: str) -> Message:
    return Message(
        f"{zh}请上传 xlsx、xls、csv 或 ndjson 文件。",
        f"{en} Send an xlsx, xls, csv or ndjson file.",
    )


_UNKNOWN: Final = _refusal("这不是表格文件。", "This is not a table.")
_SAVE_AS: Final = "请用 Excel 或 WPS 打开后另存为 xlsx。"
_SAVE_AS_EN: Final = "Open it in a spreadsheet and save it as xlsx."
_PAGE: Final = _refusal(f"这是网页格式的表格（扩展名可能是 xls）。{_SAVE_AS}", f"This is a web page. {_SAVE_AS_EN}")
_XML: Final = _refusal(f"这是 XML 文件。{_SAVE_AS}", f"This is an XML file. {_SAVE_AS_EN}")
_ARRAY: Final = _refusal("JSON 须为每行一个对象（NDJSON）。", "JSON must be one object on each line (NDJSON).")
_WIDE: Final = _refusal(
    "这是 UTF-16 编码的文本。请另存为 xlsx 或 UTF-8 编码的 csv。",
    "This text is encoded as UTF-16. Save it as xlsx or as CSV in UTF-8.",
)
_OTHER_BOOK: Final = _refusal(f"不支持这种工作簿格式。{_SAVE_AS}", f"This kind of workbook is not read. {_SAVE_AS_EN}")
_EMPTY: Final = Message("文件是空的，请检查后重新上传。", "The file is empty; check it and send it again.")


def sniff(stream: BinaryIO, limits: Limits) -> Format:
    """Find the format and leave the stream at its start.

    :raises InvalidInput: for an empty or damaged file.
    :raises UnsupportedMedia: for anything else than the four formats, with a sentence about what to send instead.
    """
    stream.seek(0)
    head = stream.read(CHUNK_BYTES)
    if head.startswith(b"PK\x03\x04"):
        found = _kind_of_zip(Archive(stream, limits))
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        found = _kind_of_compound(CompoundFile(stream))
    else:
        found = _kind_of_text(head)
    stream.seek(0)
    return found


def _kind_of_zip(archive: Archive) -> Format:
    names = archive.names
    if "xl/workbook.bin" in names or "mimetype" in names:
        raise UnsupportedMedia(_OTHER_BOOK)
    if "[content_types].xml" in names and any(name.endswith("workbook.xml") for name in names):
        return Format.XLSX
    raise UnsupportedMedia(_UNKNOWN)


def _kind_of_compound(compound: CompoundFile) -> Format:
    if "EncryptedPackage" in compound.names:
        raise UnsupportedMedia(PASSWORD)
    if "Workbook" in compound.names:
        return Format.XLS
    raise UnsupportedMedia(_OTHER_BOOK if "Book" in compound.names else _UNKNOWN)


def _kind_of_text(head: bytes) -> Format:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnsupportedMedia(_WIDE)
    if b"\x00" in head or head.startswith((b"%PDF", b"Rar!", b"\x1f\x8b", b"7z\xbc\xaf", b"\x89PNG", b"\xff\xd8\xff")):
        raise UnsupportedMedia(_UNKNOWN)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()
    if not start:
        raise InvalidInput(_EMPTY)
    if start.startswith(b"{"):
        return Format.NDJSON
    if start.startswith((b'[{"', b"[\n", b"[\r\n", b"[ {", b"[]")):
        raise UnsupportedMedia(_ARRAY)
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<head", b"<meta", b"<body", b"<style")):
        raise UnsupportedMedia(_PAGE)
    if start.startswith(b"<?xml"):
        raise UnsupportedMedia(_XML)
    return Format.CSV


def detect_encoding(stream: BinaryIO) -> str:
    """Find the encoding of a text file as Python names it: ``utf-8-sig`` (also without BOM) or ``gb18030``.

    The whole file is decoded once, chunk by chunk, so that reading it later cannot fail half-way.

    :raises InvalidInput: when it is neither; the message names the first line that cannot be read.
    """
    broken_line = _first_broken_line(stream, "utf-8-sig")
    if broken_line is None:
        return "utf-8-sig"
    stream.seek(0)
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    if sample.startswith(codecs.BOM_UTF8) or _is_damaged_utf8(sample):
        raise _unreadable(broken_line, "UTF-8")
    broken_line = _first_broken_line(stream, "gb18030")
    if broken_line is None:
        return "gb18030"
    raise _unreadable(broken_line, "GB18030")


def _is_damaged_utf8(sample: bytes) -> bool:
    """Whether text that fails as UTF-8 is still mostly UTF-8: GB18030 would take much of it and make nonsense."""
    text = sample.decode("utf-8", errors="replace")
    foreign = sum(1 for sign in text if sign > "\x7f")
    return foreign > 0 and text.count("\ufffd") / foreign < _BROKEN_SHARE_MAX


def _first_broken_line(stream: BinaryIO, encoding: str) -> int | None:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    while True:
        chunk = stream.read(CHUNK_BYTES)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as fault:
            # The lines before this chunk were counted as text; what precedes the fault is still bytes.
            return lines + fault.object[: fault.start].count(b"\n")
        lines += text.count("\n")
        if not chunk:
            stream.seek(0, io.SEEK_SET)
            return None


def _unreadable(line: int, encoding: str) -> InvalidInput:
    return InvalidInput(
        Message(
            f"第 {line} 行有无法识别的字符（按 {encoding} 读取）。请用 Excel 或 WPS 打开后另存为 xlsx 再上传。",
            f"Line {line} cannot be read as {encoding}; open the file in a spreadsheet and save it as xlsx.",
        )
    )
