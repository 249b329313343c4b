"""Describe a column once: its reading, its checks, its template and its export all follow from the description."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from chassis.tabular.model import Unit
from chassis.types import compact


class Kind(StrEnum):
    """What a column's cells hold, and so which converter of :mod:`chassis.tabular.cells` reads them."""

    IDENTITY_NUMBER = "identity_number"
    AMOUNT = "amount"
    DAY = "day"
    MONTH = "month"
    INTEGER = "integer"
    YES_NO = "yes_no"
    TEXT = "text"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a contract.

    ``name`` is our field, ``label`` the Chinese heading (中文表头) that templates and exports show, ``aliases`` the
    other headings under which offices send it. ``unit`` counts for amounts; ``choices`` maps a label to its value, and
    the value itself is understood too; ``max_length`` counts signs of text; ``minimum`` and ``maximum`` bound whole
    numbers, and amounts in 分. ``note`` and ``example`` go into the template.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    required: bool = False
    unit: Unit = "yuan"
    choices: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    max_length: int = 200
    minimum: int | None = None
    maximum: int | None = None
    note: str = ""
    example: str = ""

    def __post_init__(self) -> None:
        if not self.name or not label_key(self.label):
            raise ValueError("a column needs a name and a label")
        if self.kind is Kind.CHOICE and not self.choices:
            raise ValueError(f"column {self.name} is a choice without choices")


class Label(NamedTuple):
    """A heading reduced to what can be compared: its ``key``, the same without a unit, and that unit."""

    key: str
    base: str
    unit: Unit | None


_BRACKETS: Final = str.maketrans("[]{}【】〔〕《》〈〉", "()()()()()()")
_MARKS: Final = re.compile(r"^\*+|\*+$|\((?:必填|选填|可选|可不填)\)")
_UNITS: Final[Mapping[str, Unit]] = {"元": "yuan", "人民币元": "yuan", "万元": "wan", "人民币万元": "wan"}
_UNIT_IN_LABEL: Final = re.compile(r"^(.+?)(?:\((?:单位:?)?((?:人民币)?万?元)\)|[/_,]((?:人民币)?万?元))$")
_UNIT_ABOVE: Final = re.compile(r"(?:金额)?单位:?((?:人民币)?万?元)")


def label_key(label: str) -> str:
    """A heading without white space, width, case, style of brackets and marks such as ``*`` or ``（必填）``.

    Signs that cannot be stored make the heading incomparable: its key is ``""``.
    """
    try:
        key = compact(re.sub(r"\s+", " ", label)).translate(_BRACKETS).casefold()
    except ValueError:
        return ""
    return _MARKS.sub("", key)


def read_label(label: str) -> Label:
    """Take a heading such as ``报销金额（万元）`` apart into key, base and unit."""
    key = label_key(label)
    if found := _UNIT_IN_LABEL.fullmatch(key):
        return Label(key, found[1], _UNITS[found[2] or found[3]])
    return Label(key, key, None)


def unit_stated(text: str) -> Unit | None:
    """The unit that a line above the table states for all of it (``单位：万元``), if it does."""
    found = _UNIT_ABOVE.search(label_key(text))
    return _UNITS[found[1]] if found else None
