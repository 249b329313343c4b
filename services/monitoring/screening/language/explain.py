"""Show why a rule fired: each comparison with its value, bound and distance, as numbers and as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from chassis.errors import Message
from chassis.types import fen_to_yuan
from services.monitoring.screening.language.evaluate import Inputs, evaluate
from services.monitoring.screening.language.linear import solve
from services.monitoring.screening.language.syntax import (
    Atom,
    Compare,
    Flag,
    IsNull,
    Node,
    NumberIn,
    Operator,
    TextIn,
    Truth,
    Value,
    atom_columns,
    atoms,
)
from services.monitoring.screening.vocabulary import Kind, Term

Threshold: TypeAlias = int | bool | tuple[int, ...] | tuple[str, ...] | None

UNITS: Mapping[str, Message] = {
    "": Message("", ""),
    "fen": Message(" 元", " yuan"),
    "days": Message(" 天", " days"),
    "months": Message(" 个月", " months"),
    "years": Message(" 岁", " years"),
    "persons": Message(" 人", " persons"),
    "month": Message(" 月", ""),
    "year": Message(" 年", ""),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a rule, seen as a bound on one column while the other inputs keep their values.

    :ivar column: the column it is told about, the first one of the comparison about which something could change.
    :ivar value: that column's value, amounts in 分.
    :ivar operator: ``<`` … ``<>``, ``in``, ``not in``, ``is``, ``is null`` or ``is not null``.
    :ivar threshold: the bound in the column's own unit, a tuple of codes or numbers, or None if there is no such bound.
    :ivar distance: value minus threshold for an ordered comparison, else None.
    :ivar satisfied: True, False, or None where an input is unknown.
    :ivar inputs: every column that the comparison reads, with its value.
    """

    column: str
    value: Value
    operator: str
    threshold: Threshold
    distance: int | None
    satisfied: Truth
    inputs: Mapping[str, Value]
    sentence: Message


def comparisons(node: Node, inputs: Inputs, terms: Mapping[str, Term]) -> tuple[Comparison, ...]:
    """Every comparison of a rule in the order in which it is written, each once."""
    return tuple(_comparison(atom, inputs, terms) for atom in dict.fromkeys(atoms(node)))


def shown(value: Value, term: Term) -> Message:
    """A value as people read it: amounts in 元, codes by their names."""
    if value is None:
        return Message("无数据", "unknown")
    if term.kind is Kind.BOOLEAN:
        return Message("是", "yes") if value else Message("否", "no")
    if term.kind is Kind.TEXT:
        return term.values.get(str(value), Message(str(value), str(value)))
    text = fen_to_yuan(int(value)) if term.unit == "fen" else str(value)
    unit = UNITS[term.unit]
    return Message(text + unit.zh, text + unit.en)


def _comparison(atom: Atom, inputs: Inputs, terms: Mapping[str, Term]) -> Comparison:
    names = atom_columns(atom)
    column, operator, threshold = _as_bound(atom, inputs, terms)
    value = inputs[column]
    ordered = operator in ("<", "<=", ">", ">=")
    distance = int(value) - threshold if ordered and value is not None and isinstance(threshold, int) else None
    return Comparison(
        column=column,
        value=value,
        operator=operator,
        threshold=threshold,
        distance=distance,
        satisfied=evaluate(atom, inputs),
        inputs={name: inputs[name] for name in names},
        sentence=_sentence(terms[column], value, operator, threshold),
    )


def _as_bound(atom: Atom, inputs: Inputs, terms: Mapping[str, Term]) -> tuple[str, str, Threshold]:
    match atom:
        case Compare():
            return _compare_as_bound(atom, inputs, terms)
        case NumberIn(column, items, negated):
            return column, "not in" if negated else "in", tuple(item.value for item in items)
        case TextIn(column, codes, negated):
            return column, "not in" if negated else "in", codes
        case Flag(column, negated):
            return column, "is", not negated
        case IsNull(column, negated):
            return column, "is not null" if negated else "is null", None


def _compare_as_bound(atom: Compare, inputs: Inputs, terms: Mapping[str, Term]) -> tuple[str, Operator, int | None]:
    names = sorted(atom_columns(atom), key=lambda name: terms[name].contextual)
    for name in names:
        bound = solve(atom, name, inputs)
        if bound is not None:
            return name, bound.operator, bound.threshold
    return names[0], atom.operator, None


_WORDS: Mapping[str, Message] = {
    "<": Message("低于", "below"),
    "<=": Message("不超过", "at most"),
    ">": Message("超过", "above"),
    ">=": Message("达到或超过", "at least"),
    "=": Message("等于", "equal to"),
    "<>": Message("不等于", "different from"),
    "in": Message("属于", "one of"),
    "not in": Message("不属于", "none of"),
    "is": Message("为", ""),
}


def _sentence(term: Term, value: Value, operator: str, threshold: Threshold) -> Message:
    now = shown(value, term)
    if operator in ("is null", "is not null"):
        zh, en = ("无数据", "unknown") if operator == "is null" else ("有数据", "known")
    elif threshold is None:
        zh, en = "与其他数据比较", "compared with other data"
    else:
        items = threshold if isinstance(threshold, tuple) else (threshold,)
        texts = [shown(item, term) for item in items]
        word = _WORDS[operator]
        zh, en = (
            f"{word.zh} {'、'.join(text.zh for text in texts)}",
            f"{word.en} {', '.join(text.en for text in texts)}",
        )
    return Message(f"{term.label.zh}为 {now.zh}；条件：{zh}", f"{term.label.en} is {now.en}; condition: {en.strip()}")
