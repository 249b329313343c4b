"""Walk sqlglot's tree against an allow-list and rebuild it as our own; whatever is not named here is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from sqlglot import exp
from sqlglot.expressions import Expr

from chassis.errors import Fault
from services.monitoring.screening.language.allowlist import ALLOWED, ARITHMETIC, COMPARISONS, FORBIDDEN
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

_WHOLE = re.compile(r"[0-9]{1,19}", re.ASCII)


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

    def condition(self, node: Expr) -> Node | None:
        """The condition that a node states, or None after noting why it states none."""
        readers: dict[type[Expr], Callable[[Expr], Node | None]] = {
            exp.Paren: lambda paren: self.condition(paren.this),
            exp.And: lambda both: self._join(both, And),
            exp.Or: lambda either: self._join(either, Or),
            exp.Not: self._not,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Is: self._is,
            exp.Column: self._flag,
        } | dict.fromkeys(COMPARISONS, self._comparison)
        reader = readers.get(type(node))
        if reader is not None:
            return reader(node)
        if isinstance(node, exp.Boolean):
            self._refuse("constant")
            return None
        if isinstance(node, exp.Null):
            self._refuse("null_literal")
            return None
        if type(node) in ALLOWED:
            self._operand(node)
            self._refuse("not_a_condition")
            return None
        self._forbidden(node)
        return None

    def _refuse(self, code: str, *, name: str | None = None, hint: str | None = None) -> None:
        self.faults.append(refusal(code, name=name, hint=hint))

    def _forbidden(self, node: Expr) -> None:
        """Refuse a node, and everything below it that would be refused as well."""
        for inner in node.walk():
            kind = next((code for cls, code in FORBIDDEN if isinstance(inner, cls)), None)
            if kind is not None:
                self._refuse(kind)
            elif isinstance(inner, exp.Column):
                self._term_of(inner)
            elif isinstance(inner, exp.Placeholder):
                self._parameter(inner)
            elif type(inner) not in ALLOWED:
                self._refuse("function" if isinstance(inner, exp.Func | exp.Case | exp.Window) else "construct")

    def _join(self, node: Expr, kind: type[And] | type[Or]) -> Node | None:
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

    def _not(self, node: Expr) -> Node | None:
        inner = self.condition(node.this)
        return None if inner is None else negate(inner)

    def _flag(self, node: Expr) -> Node | None:
        term = self._term_of(node)
        if term is None:
            return None
        if term.kind is not Kind.BOOLEAN:
            self._refuse("not_a_condition", name=term.name)
            return None
        return Flag(term.name, negated=False)

    def _is(self, node: Expr) -> Node | None:
        if not isinstance(node.expression, exp.Null):
            self._refuse("null_semantics")
            self._operand(node.this)
            return None
        if not isinstance(node.this, exp.Column):
            self._operand(node.this)
            self._refuse("null_semantics")
            return None
        term = self._term_of(node.this)
        return None if term is None else IsNull(term.name, negated=bool(node.args.get("negate")))

    def _comparison(self, node: Expr) -> Node | None:
        return self._compared(COMPARISONS[type(node)], node.this, node.expression)

    def _between(self, node: Expr) -> Node | None:
        if node.args.get("symmetric"):
            self._refuse("construct")
        low = self._compared(">=", node.this, node.args["low"])
        high = self._compared("<=", node.this, node.args["high"])
        return None if low is None or high is None else And((low, high))

    def _compared(self, operator: Operator, left: Expr, right: Expr) -> Node | None:
        first, second = self._operand(left), self._operand(right)
        if first is None or second is None:
            return None
        if isinstance(first, _YesNo) or isinstance(second, _YesNo):
            self._refuse("boolean_comparison")
            return None
        if isinstance(first, _Code):
            first, second, operator = second, first, MIRRORED[operator]
        match first, second:
            case _CodeColumn(name), _Code(text):
                if operator not in ("=", "<>"):
                    self._refuse("text_order", name=name)
                    return None
                return TextIn(name, (text,), negated=operator == "<>") if self._known_code(name, text) else None
            case ((Number() | NumberColumn() | Arithmetic()), (Number() | NumberColumn() | Arithmetic())):
                return Compare(operator, first, second)
        self._refuse("type_mismatch")
        return None

    def _in(self, node: Expr) -> Node | None:
        items = node.args.get("expressions") or []
        if any(value for name, value in node.args.items() if name not in ("this", "expressions")):
            self._forbidden(node)
            self._refuse("list")
            return None
        column = self._operand(node.this)
        read = [self._operand(item) for item in items]
        if column is None or not items or any(item is None for item in read):
            if not items:
                self._refuse("list")
            return None
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
            self._refuse("list")
            return None
        self._refuse("type_mismatch", name=column.name)
        return None

    def _known_code(self, name: str, code: str) -> bool:
        values = self.vocabulary[name].values
        if code in values:
            return True
        close = get_close_matches(code, values, n=1, cutoff=0.4)
        self._refuse("unknown_value", name=name, hint=close[0] if close else None)
        return False

    def _operand(self, node: Expr) -> _Operand | None:
        """The value that a node states, or None after noting why it states none."""
        kind = type(node)
        if kind is exp.Paren:
            return self._operand(node.this)
        if kind is exp.Literal:
            return _Code(node.this) if node.is_string else self._whole(node.this, sign=1)
        if kind is exp.Neg:
            return self._negative(node)
        if kind in ARITHMETIC:
            return self._arithmetic(node)
        if kind is exp.Placeholder:
            return self._parameter(node)
        if kind is exp.Column:
            return self._column(node)
        if kind is exp.Boolean:
            return _YesNo()
        if kind is exp.Null:
            self._refuse("null_literal")
            return None
        if kind in ALLOWED:
            self.condition(node)
            return _YesNo()
        self._forbidden(node)
        return None

    def _whole(self, digits: str, *, sign: int) -> Number | None:
        if not _WHOLE.fullmatch(digits):
            self._refuse("not_whole")
            return None
        if int(digits) > INT64_MAX:
            self._refuse("overflow")
            return None
        return Number(sign * int(digits))

    def _negative(self, node: Expr) -> _Operand | None:
        if isinstance(node.this, exp.Literal) and not node.this.is_string:
            return self._whole(node.this.this, sign=-1)
        inner = self._number(node.this)
        return None if inner is None else Arithmetic("-", Number(0), inner)

    def _arithmetic(self, node: Expr) -> Arithmetic | None:
        left, right = self._number(node.this), self._number(node.expression)
        if left is None or right is None:
            return None
        return Arithmetic(ARITHMETIC[type(node)], left, right)

    def _number(self, node: Expr) -> Term | None:
        operand = self._operand(node)
        if operand is None or isinstance(operand, Number | NumberColumn | Arithmetic):
            return operand
        self._refuse("type_mismatch")
        return None

    def _parameter(self, node: Expr) -> Number | None:
        name = node.this
        if not isinstance(name, str) or not name:
            self._refuse("parameter_style")
            return None
        if name not in self.thresholds:
            self._refuse("unbound_parameter", name=name)
            return None
        value = self.thresholds[name]
        if abs(value) > INT64_MAX:
            self._refuse("overflow", name=name)
            return None
        return Number(value, name)

    def _column(self, node: Expr) -> _Operand | None:
        term = self._term_of(node)
        if term is None:
            return None
        if term.kind is Kind.TEXT:
            return _CodeColumn(term.name)
        return _YesNo() if term.kind is Kind.BOOLEAN else NumberColumn(term.name)

    def _term_of(self, node: Expr) -> Published | None:
        if isinstance(node.this, exp.Star):
            self._refuse("star")
            return None
        if any(node.args.get(part) for part in ("table", "db", "catalog", "join_mark")):
            self._refuse("qualified_column")
            return None
        name = node.name
        term = self.vocabulary.of(self.grain).get(name)
        if term is not None:
            return term
        if self.vocabulary.grains_with(name):
            self._refuse("other_grain", name=name)
            return None
        self._refuse("unknown_column", name=name, hint=self.vocabulary.closest(name, self.grain))
        return None
