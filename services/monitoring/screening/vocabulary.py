"""Publish the names that a rule may use: what each means, in which unit, and which source feeds it.

There is one vocabulary per grain. A rule of the *record* grain sees one row of a department, the person it is about and
that person's household; a rule of the *person* grain sees the person and the household; a rule of the *household* grain
sees the household. Months, ages and windows are whole numbers computed beforehand, so that no rule needs a function on
which two engines could differ. Amounts are in 分.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from chassis.errors import Message

AMOUNT_MAX_FEN: Final = (
    10**12
)  # ten thousand million 元: above any household's money, low enough for products in 64 bits
INT64_MAX: Final = 2**63 - 1

Value = int | bool | str | None
"""What a name may stand for in one evaluation; None is unknown."""


class Grain(StrEnum):
    """What one evaluation of a rule looks at, and so what a hit is about."""

    RECORD = "record"
    PERSON = "person"
    HOUSEHOLD = "household"


class Kind(StrEnum):
    """The type of a name's value. Amounts are integers in 分 and mix with integers."""

    INTEGER = "integer"
    AMOUNT = "amount"
    BOOLEAN = "boolean"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Term:
    """One published name.

    :ivar name: as written in an expression; unique in the whole vocabulary.
    :ivar label: the short name shown beside a value.
    :ivar meaning: what exactly is counted, over which time, and what NULL says.
    :ivar unit: ``fen``, ``months``, ``days``, ``years``, ``persons``, ``month``, ``year`` or ``""``.
    :ivar low, high: bounds of an integer; a snapshot outside them is refused, so that no product overflows.
    :ivar values: the codes a text may take, with their Chinese and English names.
    :ivar nullable: whether the value may be unknown.
    :ivar source: ``registry``, ``calendar``, or the codes of the contracts and tables that feed it.
    :ivar part: the part of the prepared data that holds it; for a record term the record table.
    :ivar contextual: true for facts of the run itself (its date), about which a household can do nothing.
    """

    name: str
    kind: Kind
    label: Message
    meaning: Message
    source: tuple[str, ...]
    part: str
    unit: str = ""
    low: int = 0
    high: int = 0
    values: Mapping[str, Message] = field(default_factory=dict)
    nullable: bool = True
    contextual: bool = False

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name != self.name.lower():
            raise ValueError(f"{self.name}: a published name is a lower-case identifier")
        if self.is_number and not -INT64_MAX <= self.low < self.high <= INT64_MAX:
            raise ValueError(f"{self.name}: a number needs bounds that leave a choice")
        if (self.kind is Kind.TEXT) != bool(self.values):
            raise ValueError(f"{self.name}: exactly the text terms list their values")

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.AMOUNT)

    def admits(self, value: Value) -> bool:
        """Whether a value has this term's type and lies in its bounds."""
        if value is None:
            return self.nullable
        if self.kind is Kind.BOOLEAN:
            return isinstance(value, bool)
        if self.kind is Kind.TEXT:
            return isinstance(value, str) and value in self.values
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high


class Vocabulary:
    """All published names, and which of them each grain offers."""

    def __init__(self, terms: Mapping[Grain, Iterable[Term]]) -> None:
        self._by_grain = {grain: {term.name: term for term in terms[grain]} for grain in Grain}
        owners: dict[str, Term] = {}
        for offered in self._by_grain.values():
            for name, term in offered.items():
                if owners.setdefault(name, term) != term:
                    raise ValueError(f"{name} is published with two meanings")
        self._all = owners

    def of(self, grain: Grain) -> Mapping[str, Term]:
        """The names that a rule of this grain may use."""
        return self._by_grain[grain]

    def __getitem__(self, name: str) -> Term:
        return self._all[name]

    def __iter__(self) -> Iterator[Term]:
        return iter(self._all.values())

    def grains_with(self, name: str) -> tuple[Grain, ...]:
        """The grains that offer a name; empty if nobody publishes it."""
        return tuple(grain for grain, offered in self._by_grain.items() if name in offered)

    def closest(self, name: str, grain: Grain) -> str | None:
        """The published name that looks most like a mistyped one."""
        found = get_close_matches(name.lower(), self._by_grain[grain], n=1, cutoff=0.6)
        return found[0] if found else None
