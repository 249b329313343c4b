"""Short constructors for published names, one per kind of value."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.errors import Message
from services.monitoring.screening.vocabulary import AMOUNT_MAX_FEN, Kind, Term

Pair = tuple[str, str]


def amount(
    name: str, label: Pair, meaning: Pair, *, part: str, source: str, signed: bool = False, nullable: bool = True
) -> Term:
    """An amount in 分; ``signed`` if it can be negative."""
    return Term(
        name, Kind.AMOUNT, Message(*label), Message(*meaning), (source,), part, "fen",
        -AMOUNT_MAX_FEN if signed else 0, AMOUNT_MAX_FEN, nullable=nullable,
    )  # fmt: skip


def count(
    name: str, label: Pair, meaning: Pair, *, part: str, source: str, unit: str, high: int, low: int = 0,
    nullable: bool = True, contextual: bool = False,
) -> Term:  # fmt: skip
    """A whole number in ``unit`` between its bounds."""
    return Term(
        name, Kind.INTEGER, Message(*label), Message(*meaning), (source,), part, unit, low, high,
        nullable=nullable, contextual=contextual,
    )  # fmt: skip


def flag(name: str, label: Pair, meaning: Pair, *, part: str, source: str, nullable: bool = False) -> Term:
    """Yes or no."""
    return Term(name, Kind.BOOLEAN, Message(*label), Message(*meaning), (source,), part, nullable=nullable)


def code(
    name: str, label: Pair, meaning: Pair, values: Mapping[str, Pair], *, part: str, source: str, nullable: bool = True
) -> Term:
    """One of the listed codes."""
    named = {key: Message(*texts) for key, texts in values.items()}
    return Term(
        name, Kind.TEXT, Message(*label), Message(*meaning), (source,), part, values=named, nullable=nullable
    )  # fmt: skip
