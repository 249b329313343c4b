"""Evaluate a checked expression over one set of inputs, with the same three-valued logic as the engines."""

from __future__ import annotations

from collections.abc import Mapping

from services.monitoring.screening.language.syntax import (
    And,
    Arithmetic,
    Compare,
    Flag,
    IsNull,
    Node,
    Number,
    NumberColumn,
    NumberIn,
    Operator,
    Or,
    Term,
    TextIn,
    Truth,
    Value,
)

Inputs = Mapping[str, Value]


def evaluate(node: Node, inputs: Inputs) -> Truth:
    """TRUE, FALSE or unknown (None). A rule fires only on ``True``.

    :raises KeyError: if an input that the expression reads is missing; give None for an unknown one.
    """
    match node:
        case And(parts):
            truths = [evaluate(part, inputs) for part in parts]
            return False if False in truths else None if None in truths else True
        case Or(parts):
            truths = [evaluate(part, inputs) for part in parts]
            return True if True in truths else None if None in truths else False
        case Compare(operator, left, right):
            return compare(operator, number(left, inputs), number(right, inputs))
        case NumberIn(column, items, negated):
            return _member(inputs[column], [item.value for item in items], negated=negated)
        case TextIn(column, codes, negated):
            return _member(inputs[column], codes, negated=negated)
        case Flag(column, negated):
            flag = inputs[column]
            return None if flag is None else bool(flag) is not negated
        case IsNull(column, negated):
            return (inputs[column] is None) is not negated


def bounds_that_hold(node: Node, inputs: Inputs, column: str) -> tuple[str, ...]:
    """The parameters that a column is compared with, alone, in what makes ``node`` TRUE.

    Of an OR only the branches that hold count: a bound for monitored households says nothing about others.
    """
    if evaluate(node, inputs) is not True:
        return ()
    match node:
        case And(parts) | Or(parts):
            return tuple(dict.fromkeys(name for part in parts for name in bounds_that_hold(part, inputs, column)))
        case Compare(_, NumberColumn(name), Number(_, bound)) | Compare(_, Number(_, bound), NumberColumn(name)):
            return (bound,) if name == column and bound is not None else ()
    return ()


def number(term: Term, inputs: Inputs) -> int | None:
    """The value of an arithmetic term; unknown as soon as one of its columns is."""
    match term:
        case Number(value, _):
            return value
        case NumberColumn(name):
            value_read = inputs[name]
            return None if value_read is None else int(value_read)
        case Arithmetic(operator, left, right):
            first, second = number(left, inputs), number(right, inputs)
            if first is None or second is None:
                return None
            return first + second if operator == "+" else first - second if operator == "-" else first * second


def compare(operator: Operator, left: int | None, right: int | None) -> Truth:
    """One comparison; unknown if either side is."""
    if left is None or right is None:
        return None
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "=":
            return left == right
        case "<>":
            return left != right


def _member(value: Value, items: list[int] | tuple[str, ...], *, negated: bool) -> Truth:
    return None if value is None else (value in items) is not negated
