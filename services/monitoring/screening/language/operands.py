"""Read the values of a rule (columns, numbers, parameters, arithmetic), and refuse what no rule may hold."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.expressions import Expr

from chassis.errors import Fault
from services.monitoring.screening.language.allowlist import ALLOWED, ARITHMETIC, FORBIDDEN
from services.monitoring.screening.language.refusals import refusal
from services.monitoring.screening.language.syntax import Arithmetic, Node, Number, NumberColumn, Term
from services.monitoring.screening.vocabulary import INT64_MAX, Grain, Kind, Vocabulary
from services.monitoring.screening.vocabulary import Term as Published

_WHOLE = re.compile(r"[0-9]{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Code:
    """A text literal; it becomes part of a :class:`TextIn` once its column is known."""

    text: str


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """A column that holds codes, named in place of a value."""

    name: str


@dataclass(frozen=True, slots=True)
class YesNo:
    """A boolean column, a literal TRUE, or a condition where a value belongs."""


Operand = Number | NumberColumn | Arithmetic | Code | CodeColumn | YesNo


@dataclass
class OperandReader(ABC):
    """Reads the values of one expression; :attr:`faults` holds every reason against it."""

    grain: Grain
    vocabulary: Vocabulary
    thresholds: Mapping[str, int]
    faults: list[Fault] = field(default_factory=list)

    @abstractmethod
    def condition(self, node: Expr) -> Node | None:
        """The condition that a node states, or None after noting why it states none."""

    def operand(self, node: Expr) -> Operand | None:
        """The value that a node states, or None after noting why it states none."""
        kind = type(node)
        if kind is exp.Paren:
            return self.operand(node.this)
        if kind is exp.Literal:
            return Code(node.this) if node.is_string else self._whole(node.this, sign=1)
        if kind is exp.Neg:
            return self._negative(node)
        if kind in ARITHMETIC:
            return self._arithmetic(node)
        if kind is exp.Placeholder:
            return self._parameter(node)
        if kind is exp.Column:
            return self._column(node)
        if kind is exp.Boolean:
            return YesNo()
        if kind is exp.Null:
            self.refuse("null_literal")
            return None
        if kind in ALLOWED:
            self.condition(node)
            return YesNo()
        self.forbidden(node)
        return None

    def term_of(self, node: Expr) -> Published | None:
        """The published column that a node names, or None after noting why it names none."""
        if isinstance(node.this, exp.Star):
            self.refuse("star")
            return None
        if any(node.args.get(part) for part in ("table", "db", "catalog", "join_mark")):
            self.refuse("qualified_column")
            return None
        name = node.name
        term = self.vocabulary.of(self.grain).get(name)
        if term is not None:
            return term
        if self.vocabulary.grains_with(name):
            self.refuse("other_grain", name=name)
            return None
        self.refuse("unknown_column", name=name, hint=self.vocabulary.closest(name, self.grain))
        return None

    def refuse(self, code: str, *, name: str | None = None, hint: str | None = None) -> None:
        """Note a reason against the expression."""
        self.faults.append(refusal(code, name=name, hint=hint))

    def forbidden(self, node: Expr) -> None:
        """Refuse a node, and everything below it that would be refused as well."""
        for inner in node.walk():
            kind = next((code for cls, code in FORBIDDEN if isinstance(inner, cls)), None)
            if kind is not None:
                self.refuse(kind)
            elif isinstance(inner, exp.Column):
                self.term_of(inner)
            elif isinstance(inner, exp.Placeholder):
                self._parameter(inner)
            elif type(inner) not in ALLOWED:
                self.refuse("function" if isinstance(inner, exp.Func | exp.Case | exp.Window) else "construct")

    def _whole(self, digits: str, *, sign: int) -> Number | None:
        if not _WHOLE.fullmatch(digits):
            self.refuse("not_whole")
            return None
        if int(digits) > INT64_MAX:
            self.refuse("overflow")
            return None
        return Number(sign * int(digits))

    def _negative(self, node: Expr) -> Operand | None:
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
        operand = self.operand(node)
        if operand is None or isinstance(operand, Number | NumberColumn | Arithmetic):
            return operand
        self.refuse("type_mismatch")
        return None

    def _parameter(self, node: Expr) -> Number | None:
        name = node.this
        if not isinstance(name, str) or not name:
            self.refuse("parameter_style")
            return None
        if name not in self.thresholds:
            self.refuse("unbound_parameter", name=name)
            return None
        value = self.thresholds[name]
        if abs(value) > INT64_MAX:
            self.refuse("overflow", name=name)
            return None
        return Number(value, name)

    def _column(self, node: Expr) -> Operand | None:
        term = self.term_of(node)
        if term is None:
            return None
        if term.kind is Kind.TEXT:
            return CodeColumn(term.name)
        return YesNo() if term.kind is Kind.BOOLEAN else NumberColumn(term.name)
