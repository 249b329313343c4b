"""The fonts of every paper, and which signs they have: one that they lack is told of, never printed as an empty box.

Noto Serif SC and Noto Sans SC (SIL Open Font License 1.1) come as a locked package, so nothing is fetched when a paper
is made. They have all of CJK Extension A and of 通用规范汉字表, which is implementation level 2 of GB 18030-2022; of
Extension B and beyond only the signs of that table.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from pylopdf_fonts_zh_cn import sans_path, serif_path

FOLDER: Final[Path] = serif_path().parent
_FULL_REPERTOIRE: Final = 12
"""Format of the subtable that maps every sign of Unicode."""
_UNPRINTED: Final = frozenset("\n\t ")


def missing_signs(text: str) -> frozenset[str]:
    """The signs of ``text`` that the fonts lack."""
    known = _known()
    return frozenset(sign for sign in text if ord(sign) not in known and sign not in _UNPRINTED)


def spelt(sign: str) -> str:
    """What stands for a sign that the fonts lack: its number in Unicode, by which it can be looked up."""
    return f"〔U+{ord(sign):04X}〕"


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    # Text that is set in one face alone would show a box for what only the other one has.
    return frozenset(_signs_of(serif_path())) & frozenset(_signs_of(sans_path()))


def _signs_of(path: Path) -> Iterable[int]:
    """What a font maps to a glyph of its own: OpenType, table ``cmap``, format 12."""
    data = path.read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    start = next(
        offset
        for tag, _checksum, offset, _length in struct.iter_unpack(">4sIII", data[12 : 12 + 16 * tables])
        if tag == b"cmap"
    )
    count = struct.unpack_from(">H", data, start + 2)[0]
    for place in range(count):
        table = start + struct.unpack_from(">I", data, start + 4 + 8 * place + 4)[0]
        if struct.unpack_from(">H", data, table)[0] != _FULL_REPERTOIRE:
            continue
        groups = struct.unpack_from(">I", data, table + 12)[0]
        begin = table + 16
        for first, last, _glyph in struct.iter_unpack(">III", data[begin : begin + 12 * groups]):
            yield from range(first, last + 1)
        return
    raise ValueError(f"{path.name} has no map of all signs")
