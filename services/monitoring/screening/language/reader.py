"""Walk sqlglot's tree against an allow-list and rebuild it as our own; whatever is not named here is refused."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from sqlglot import exp
from sqlglot.expressions import Expr

from services.monitoring.screening.language.allowlist import ALLOWED, COMPARISONS
from services.monitoring.screening.language.operands import Code, CodeColumn, OperandReader, YesNo
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
    TextIn,
    negate,
)
from services.monitoring.screening.vocabulary import Kind


class Reader(OperandReader):
    """Reads one expression; :attr:`faults` holds every reason against it."""

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
            self.refuse("constant")
            return None
        if isinstance(node, exp.Null):
            self.refuse("null_literal")
            return None
        if type(node) in ALLOWED:
            self.operand(node)
            self.refuse("not_a_condition")
            return None
        self.forbidden(node)
        return None

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
        term = self.term_of(node)
        if term is None:
            return None
        if term.kind is not Kind.BOOLEAN:
            self.refuse("not_a_condition", name=term.name)
            return None
        return Flag(term.name, negated=False)

    def _is(self, node: Expr) -> Node | None:
        if not isinstance(node.expression, exp.Null):
            self.refuse("null_semantics")
            self.operand(node.this)
            return None
        if not isinstance(node.this, exp.Column):
            self.operand(node.this)
            self.refuse("null_semantics")
            return None
        term = self.term_of(node.this)
        return None if term is None else IsNull(term.name, negated=bool(node.args.get("negate")))

    def _comparison(self, node: Expr) -> Node | None:
        return self._compared(COMPARISONS[type(node)], node.this, node.expression)

    def _between(self, node: Expr) -> Node | None:
        if node.args.get("symmetric"):
            self.refuse("construct")
        low = self._compared(">=", node.this, node.args["low"])
        high = self._compared("<=", node.this, node.args["high"])
        return None if low is None or high is None else And((low, high))

    def _compared(self, operator: Operator, left: Expr, right: Expr) -> Node | None:
        first, second = self.operand(left), self.operand(right)
        if first is None or second is None:
            return None
        if isinstance(first, YesNo) or isinstance(second, YesNo):
            self.refuse("boolean_comparison")
            return None
        if isinstance(first, Code):
            first, second, operator = second, first, MIRRORED[operator]
        match first, second:
            case CodeColumn(name), Code(text):
                if operator not in ("=", "<>"):
                    self.refuse("text_order", name=name)
                    return None
                return TextIn(name, (text,), negated=operator == "<>") if self._known_code(name, text) else None
            case ((Number() | NumberColumn() | Arithmetic()), (Number() | NumberColumn() | Arithmetic())):
                return Compare(operator, first, second)
        self.refuse("type_mismatch")
        return None

    def _in(self, node: Expr) -> Node | None:
        items = node.args.get("expressions") or []
        if any(value for name, value in node.args.items() if name not in ("this", "expressions")):
            self.forbidden(node)
            self.refuse("list")
            return None
        column = self.operand(node.this)
        read = [self.operand(item) for item in items]
        if column is None or not items or any(item is None for item in read):
            if not items:
                self.refuse("list")
            return None
        if isinstance(column, NumberColumn):
            numbers = tuple(item for item in read if isinstance(item, Number))
            if len(numbers) == len(read):
                return NumberIn(column.name, numbers, negated=False)
        elif isinstance(column, CodeColumn):
            codes = tuple(item.text for item in read if isinstance(item, Code))
            if len(codes) == len(read):
                known = [self._known_code(column.name, code) for code in codes]
                return TextIn(column.name, codes, negated=False) if all(known) else None
        else:
            self.refuse("list")
            return None
        self.refuse("type_mismatch", name=column.name)
        return None

    def _known_code(self, name: str, code: str) -> bool:
        values = self.vocabulary[name].values
        if code in values:
            return True
        close = get_close_matches(code, values, n=1, cutoff=0.4)
        self.refuse("unknown_value", name=name, hint=close[0] if close else None)
        return False
