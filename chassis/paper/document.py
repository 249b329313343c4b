"""Say what stands on a paper, block by block; how it looks is the page's business alone.

A document is plain data, so that a test can read it, and nothing in it is ever taken for markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; line ends are kept. ``indent``: whether its first line is set in by two signs."""

    kind: ClassVar[str] = "paragraph"
    text: str
    indent: bool = True


@dataclass(frozen=True, slots=True)
class Fields:
    """Label and value side by side, ``columns`` pairs in a row; an empty value leaves room to write."""

    kind: ClassVar[str] = "fields"
    pairs: tuple[tuple[str, str], ...]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head that stands again on each page.

    :param widths: of the columns in relation to each other.
    :param empty: what stands there if there are no rows.
    """

    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    empty: str = "无"

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in (self.widths, *self.rows)):
            raise ValueError("every row of a table, and its widths, are as long as its head")


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, kept together on one page."""

    kind: ClassVar[str] = "signatures"
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark in smaller type."""

    kind: ClassVar[str] = "note"
    text: str


Block: TypeAlias = Heading | Paragraph | Fields | Table | Signatures | Note


@dataclass(frozen=True, slots=True)
class Document:
    """One paper with pages of its own count (第 n 页 共 m 页).

    :param foot: what stands at the foot of each page beside the count.
    :param size: of the type in points: bigger for what hangs on a wall.
    """

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    foot: str = ""
    size: float = 10.5


def plain(value: Any) -> Any:
    """A document as JSON has it, each block with its ``kind``."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return told | ({"kind": value.kind} if hasattr(value, "kind") else {})
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def texts(value: Any) -> Iterator[str]:
    """Every text of a plain document, for whoever has to look through it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from texts(one)
