"""Read a PDF as a person would: its text by page, and what is in it that must not be."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without the breaks and spaces that the layout put in."""
    return [re.sub(r"\s+", "", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def printed(pdf: bytes) -> str:
    """All of the text."""
    return "".join(pages(pdf))
