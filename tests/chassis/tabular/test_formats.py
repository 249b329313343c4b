"""What a file is comes from its bytes; everything that is not one of the four gets a sentence."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from chassis.errors import InvalidInput, UnsupportedMedia
from chassis.tabular import Column, Format, HeaderSpec, Limits, open_table
from chassis.tabular.formats import detect_encoding, sniff
from chassis.tabular.ole2 import CompoundFile


def kind_of(content):
    stream = io.BytesIO(content)
    found = sniff(stream, Limits())
    assert stream.tell() == 0
    return found


def test_each_format_is_known_by_its_content(xlsx_bytes, xls_bytes):
    assert kind_of(xlsx_bytes([["姓名"]])) is Format.XLSX
    assert kind_of(xls_bytes([["姓名"]])) is Format.XLS
    assert kind_of(b'\xef\xbb\xbf\r\n {"name": 1}\n') is Format.NDJSON
    assert kind_of("姓名,年龄\n".encode("gb18030")) is Format.CSV


def test_a_small_xls_in_the_mini_stream_is_read_like_any_other():
    content = b"x" * 100
    assert CompoundFile(io.BytesIO(compound_with_mini_stream(content))).read("Workbook") == content


def test_a_circular_chain_costs_no_more_than_the_file():
    content = bytearray(compound_with_mini_stream(b"x" * 100))
    content[76 : 76 + 4 * 5] = bytes(4 * 5)  # the one sector of the table, named as often as the file has sectors
    struct.pack_into("<I", content, 512 + 4, 1)  # the directory's chain leads to itself
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="damaged"):
        CompoundFile(io.BytesIO(bytes(content)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000


def zipped(names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"%PDF-1.7 ...", "不是表格"),
        (b"\x89PNG\r\n\x1a\n", "不是表格"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b'[{"name": 1}]', "每行一个对象"),
        ("姓名\t年龄".encode("utf-16"), "UTF-16"),
        (b"a\x00b", "不是表格"),
        (zipped(["word/document.xml", "[Content_Types].xml"]), "不是表格"),
        (zipped(["mimetype", "content.xml"]), "另存为 xlsx"),
        (zipped(["xl/workbook.bin", "[Content_Types].xml"]), "另存为 xlsx"),
    ],
    ids=["pdf", "png", "html", "xml", "json-array", "utf-16", "nul", "docx", "ods", "xlsb"],
)
def test_anything_else_is_refused_with_a_sentence_that_helps(content, hint):
    with pytest.raises(UnsupportedMedia) as refusal:
        kind_of(content)
    assert hint in refusal.value.detail.zh
    assert "xlsx" in refusal.value.detail.en


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\r\n"])
def test_an_empty_file_is_said_to_be_empty(content):
    with pytest.raises(InvalidInput) as refusal:
        kind_of(content)
    assert "空" in refusal.value.detail.zh


@pytest.mark.parametrize(
    "cut", [lambda content: content[:700], lambda content: content[:-200] + b"x" * 200, lambda content: content[:2600]]
)
def test_a_damaged_workbook_is_said_to_be_damaged(cut, xls_bytes, xlsx_bytes):
    for content in (xlsx_bytes([["姓名"], ["张三"]]), xls_bytes([["姓名"], ["张三"]])):
        if content.startswith(b"\xd0") and len(cut(content)) == len(content):
            continue  # the tail of an OLE2 file is padding
        with pytest.raises(InvalidInput) as refusal:
            list(open_table(cut(content), limits=Limits(), header=HeaderSpec([Column(name="name", label="姓名")])))
        assert "损坏" in refusal.value.detail.zh


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encoding_is_found_even_where_the_start_is_plain_ascii(encoding):
    content = ("a,b\n" * 50_000 + "张三,䶮\n").encode(encoding)
    found = detect_encoding(io.BytesIO(content))
    assert content.decode(found).endswith("张三,䶮\n")


def test_the_famous_word_that_gb18030_shares_with_utf8_does_not_mislead():
    content = "联通\n联通,村民委员会\n".encode("gb18030")
    assert detect_encoding(io.BytesIO(content)) == "gb18030"


def test_a_damaged_utf8_file_names_the_line_and_is_not_read_as_gb18030():
    lines = ["姓名,备注"] + [f"张三{i},云岭县" for i in range(30_000)]
    content = bytearray("\n".join(lines).encode())
    at = content.index("张三20000,".encode())
    content[at + 1] = 0xFF
    with pytest.raises(InvalidInput) as refusal:
        detect_encoding(io.BytesIO(bytes(content)))
    assert "第 20002 行" in refusal.value.detail.zh
    assert "UTF-8" in refusal.value.detail.en


def test_a_damaged_gb18030_file_names_the_line():
    content = "姓名\n张三\n".encode("gb18030") + b"\xff\xff\n" + "李四\n".encode("gb18030")
    with pytest.raises(InvalidInput) as refusal:
        detect_encoding(io.BytesIO(content))
    assert "第 3 行" in refusal.value.detail.zh


def compound_with_mini_stream(content):
    """A compound file by hand, with one short stream: header, FAT, directory, mini FAT, mini stream."""

    def entry(name, kind, first, size):
        encoded = name.encode("utf-16-le") + b"\0\0"
        head = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, 1)
        return head.ljust(116, b"\0") + struct.pack("<III", first, size, 0)

    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 2, 1, end, 0)
    header += struct.pack("<109I", 0, *([free] * 108))
    fat = struct.pack("<128I", 0xFFFFFFFD, end, end, end, *([free] * 124))
    directory = entry("Root Entry", 5, 3, 128) + entry("Workbook", 2, 0, len(content))
    mini_fat = struct.pack("<128I", 1, end, *([free] * 126))
    return header + fat + directory.ljust(512, b"\0") + mini_fat + content.ljust(512, b"\0")
