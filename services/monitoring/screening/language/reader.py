"""Walk sqlglot's tree against an allow-list and rebuild it as our own; whatever is not named here is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Literal

from sqlglot import exp
from sqlglot.expressions import Expression

from chassis.errors import Fault
from services.monitoring.screening.language.refusals import refusal
from services.monitoring.screening.language.syntax import (
    MIRRORED,
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
    negate,
)
from services.monitoring.screening.vocabulary import INT64_MAX, Grain, Kind, Vocabulary
from services.monitoring.screening.vocabulary import Term as Published

_COMPARISONS: Final[dict[type[Expression], Operator]] = {
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.EQ: "=",
    exp.NEQ: "<>",
}
_ARITHMETIC: Final[dict[type[Expression], Literal["+", "-", "*"]]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_WHOLE = re.compile(r"[0-9]{1,19}", re.ASCII)

# Asked in this order, because sqlglot's classes overlap (a cast is a function, a pattern a binary operator).
_FORBIDDEN: Final[tuple[tuple[type[Expression], str], ...]] = (
    (exp.Query, "subquery"),
    (exp.Exists, "subquery"),
    (exp.SubqueryPredicate, "subquery"),
    (exp.Cast, "cast"),
    (exp.Div, "division"),
    (exp.IntDiv, "division"),
    (exp.Mod, "division"),
    (exp.Like, "pattern"),
    (exp.ILike, "pattern"),
    (exp.SimilarTo, "pattern"),
    (exp.RegexpLike, "pattern"),
    (exp.Glob, "pattern"),
    (exp.Escape, "pattern"),
    (exp.Star, "star"),
    (exp.Alias, "alias"),
    (exp.NullSafeEQ, "null_semantics"),
    (exp.NullSafeNEQ, "null_semantics"),
    (exp.Parameter, "parameter_style"),
    (exp.SessionParameter, "parameter_style"),
    (exp.Tuple, "list"),
    (exp.Array, "list"),
)
_ALLOWED: Final = (
    *_COMPARISONS, *_ARITHMETIC, exp.And, exp.Or, exp.Not, exp.Paren, exp.In, exp.Between, exp.Is, exp.Neg,
    exp.Column, exp.Identifier, exp.Literal, exp.Placeholder, exp.Null, exp.Boolean,
)  # fmt: skip



@dataclass(frozen=True, slots=True)
class _Code:
    """A text literal; it becomes part of a :class:`TextIn` once its column is known."""

    text: str


@dataclass(frozen=True, slots=True)
class _CodeColumn:
    name: str


@dataclass(frozen=True, slots=True)
class _YesNo:
    """A boolean column, a literal TRUE, or a condition where a value belongs."""


_Operand = Number | NumberColumn | Arithmetic | _Code | _CodeColumn | _YesNo


@dataclass
class Reader:
    """Reads one expression; :attr:`faults` holds every reason against it."""

    grain: Grain
    vocabulary: Vocabulary
    thresholds: Mapping[str, int]
    faults: list[Fault] = field(default_factory=list)

    def condition(self, node: Expression) -> Node | None:
        """The condition that a node states, or None after noting why it states none."""
        readers: dict[type[Expression], Callable[[Expression], Node | None]] = {
            exp.Paren: lambda paren: self.condition(paren.this),
            exp.And: lambda both: self._join(both, And),
            exp.Or: lambda either: self._join(either, Or),
            exp.Not: self._not,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Is: self._is,
            exp.Column: self._flag,
        } | dict.fromkeys(_COMPARISONS, self._comparison)
        reader = readers.get(type(node))
        if reader is not None:
            return reader(node)
        if isinstance(node, exp.Boolean):
            return self._refuse("constant")
        if isinstance(node, exp.Null):
            return self._refuse("null_literal")
        if type(node) in _ALLOWED:
            self._operand(node)
            return self._refuse("not_a_condition")
        return self._forbidden(node)

    def _refuse(self, code: str, *, name: str | None = None, hint: str | None = None) -> None:
        self.faults.append(refusal(code, name=name, hint=hint))

    def _forbidden(self, node: Expression) -> None:
        """Refuse a node, and everything below it that would be refused as well."""
        for inner in node.walk():
            kind = next((code for cls, code in _FORBIDDEN if isinstance(inner, cls)), None)
            if kind is not None:
                self._refuse(kind)
            elif isinstance(inner, exp.Column):
                self._term_of(inner)
            elif isinstance(inner, exp.Placeholder):
                self._parameter(inner)
            elif type(inner) not in _ALLOWED:
                self._refuse("function" if isinstance(inner, exp.Func | exp.Case | exp.Window) else "construct")

    def _join(self, node: Expression, kind: type[And] | type[Or]) -> Node | None:
        sides = [node.expression]
        while type(node.this) is type(node):  # a long chain leans to the left; walk it instead of descending
            node = node.this
            sides.append(node.expression)
        sides.append(node.this)
        parts: list[Node] = []
        for part in [self.condition(side) for side in reversed(sides)]:
            if part is None:
                return None
            parts.extend(part.parts if isinstance(part, kind) else [part])
        return kind(tuple(parts))

    def _not(self, node: Expression) -> Node | None:
        inner = self.condition(node.this)
        return None if inner is None else negate(inner)

    def _flag(self, node: Expression) -> Node | None:
        term = self._term_of(node)
        if term is None:
            return None
        if term.kind is not Kind.BOOLEAN:
            return self._refuse("not_a_condition", name=term.name)
        return Flag(term.name, negated=False)

    def _is(self, node: Expression) -> Node | None:
        if not isinstance(node.expression, exp.Null):
            self._refuse("null_semantics")
            self._operand(node.this)
            return None
        if not isinstance(node.this, exp.Column):
            self._operand(node.this)
            return self._refuse("null_semantics")
        term = self._term_of(node.this)
        return None if term is None else IsNull(term.name, negated=bool(node.args.get("negate")))

    def _comparison(self, node: Expression) -> Node | None:
        return self._compared(_COMPARISONS[type(node)], node.this, node.expression)

    def _between(self, node: Expression) -> Node | None:
        if node.args.get("symmetric"):
            self._refuse("construct")
        low = self._compared(">=", node.this, node.args["low"])
        high = self._compared("<=", node.this, node.args["high"])
        return None if low is None or high is None else And((low, high))

    def _compared(self, operator: Operator, left: Expression, right: Expression) -> Node | None:
        first, second = self._operand(left), self._operand(right)
        if first is None or second is None:
            return None
        if isinstance(first, _YesNo) or isinstance(second, _YesNo):
            return self._refuse("boolean_comparison")
        if isinstance(first, _Code):
            first, second, operator = second, first, MIRRORED[operator]
        match first, second:
            case _CodeColumn(name), _Code(text):
                if operator not in ("=", "<>"):
                    return self._refuse("text_order", name=name)
                return TextIn(name, (text,), negated=operator == "<>") if self._known_code(name, text) else None
            case (Number() | NumberColumn() | Arithmetic()), (Number() | NumberColumn() | Arithmetic()):
                return Compare(operator, first, second)
        return self._refuse("type_mismatch")

    def _in(self, node: Expression) -> Node | None:
        items = node.args.get("expressions") or []
        if any(value for name, value in node.args.items() if name not in ("this", "expressions")):
            self._forbidden(node)
            return self._refuse("list")
        column = self._operand(node.this)
        read = [self._operand(item) for item in items]
        if column is None or not items or any(item is None for item in read):
            return self._refuse("list") if not items else None
        if isinstance(column, NumberColumn):
            numbers = tuple(item for item in read if isinstance(item, Number))
            if len(numbers) == len(read):
                return NumberIn(column.name, numbers, negated=False)
        elif isinstance(column, _CodeColumn):
            codes = tuple(item.text for item in read if isinstance(item, _Code))
            if len(codes) == len(read):
                known = [self._known_code(column.name, code) for code in codes]
                return TextIn(column.name, codes, negated=False) if all(known) else None
        else:
            return self._refuse("list")
        return self._refuse("type_mismatch", name=column.name)

    def _known_code(self, name: str, code: str) -> bool:
        values = self.vocabulary[name].values
        if code in values:
            return True
        close = get_close_matches(code, values, n=1, cutoff=0.4)
        self._refuse("unknown_value", name=name, hint=close[0] if close else None)
        return False

    def _operand(self, node: Expression) -> _Operand | None:
        """The value that a node states, or None after noting why it states none."""
        kind = type(node)
        if kind is exp.Paren:
            return self._operand(node.this)
        if kind is exp.Literal:
            return _Code(node.this) if node.is_string else self._whole(node.this, sign=1)
        if kind is exp.Neg:
            return self._negative(node)
        if kind in _ARITHMETIC:
            return self._arithmetic(node)
        if kind is exp.Placeholder:
            return self._parameter(node)
        if kind is exp.Column:
            return self._column(node)
        if kind is exp.Boolean:
            return _YesNo()
        if kind is exp.Null:
            return self._refuse("null_literal")
        if kind in _ALLOWED:
            self.condition(node)
            return _YesNo()
        return self._forbidden(node)

    def _whole(self, digits: str, *, sign: int) -> Number | None:
        if not _WHOLE.fullmatch(digits):
            return self._refuse("not_whole")
        return Number(sign * int(digits)) if int(digits) <= INT64_MAX else self._refuse("overflow")

    def _negative(self, node: Expression) -> _Operand | None:
        if isinstance(node.this, exp.Literal) and not node.this.is_string:
            return self._whole(node.this.this, sign=-1)
        inner = self._number(node.this)
        return None if inner is None else Arithmetic("-", Number(0), inner)

    def _arithmetic(self, node: Expression) -> Arithmetic | None:
        left, right = self._number(node.this), self._number(node.expression)
        if left is None or right is None:
            return None
        return Arithmetic(_ARITHMETIC[type(node)], left, right)

    def _number(self, node: Expression) -> Term | None:
        operand = self._operand(node)
        if operand is None or isinstance(operand, Number | NumberColumn | Arithmetic):
            return operand
        return self._refuse("type_mismatch")

    def _parameter(self, node: Expression) -> Number | None:
        name = node.this
        if not isinstance(name, str) or not name:
            return self._refuse("parameter_style")
        if name not in self.thresholds:
            return self._refuse("unbound_parameter", name=name)
        value = self.thresholds[name]
        return Number(value, name) if abs(value) <= INT64_MAX else self._refuse("overflow", name=name)

    def _column(self, node: Expression) -> _Operand | None:
        term = self._term_of(node)
        if term is None:
            return None
        if term.kind is Kind.TEXT:
            return _CodeColumn(term.name)
        return _YesNo() if term.kind is Kind.BOOLEAN else NumberColumn(term.name)

    def _term_of(self, node: Expression) -> Published | None:
        if isinstance(node.this, exp.Star):
            return self._refuse("star")
        if any(node.args.get(part) for part in ("table", "db", "catalog", "join_mark")):
            return self._refuse("qualified_column")
        name = node.name
        term = self.vocabulary.of(self.grain).get(name)
        if term is not None:
            return term
        if self.vocabulary.grains_with(name):
            return self._refuse("other_grain", name=name)
        return self._refuse("unknown_column", name=name, hint=self.vocabulary.closest(name, self.grain))
