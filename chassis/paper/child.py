"""Typeset one file in a process that ends with it: the compiler keeps what it computed, 300 MB for 300 households.

Reads the file's JSON from standard input and writes the PDF to standard output. It says nothing else: what the compiler
would say of a fault quotes what was to be printed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import orjson
import typst

from chassis.paper.fonts import FOLDER

_PAGE: Final = Path(__file__).parent / "page.typ"


def typeset(content: bytes) -> bytes:
    """The PDF of a file; of the same file always the same."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER])
    made = typst.compile(
        _PAGE.read_bytes(),
        font_paths=fonts,
        sys_inputs={"file": content.decode()},
        timestamp=int(orjson.loads(content)["made_at"]),
        # Tags cost six times the time and nine times the size.
        pdf_tags=False,
    )
    assert isinstance(made, bytes)
    return made


def main() -> int:
    """Exit code 1 stands for every fault."""
    try:
        made = typeset(sys.stdin.buffer.read())
    except Exception:  # noqa: BLE001  # its text may quote a person's data
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
