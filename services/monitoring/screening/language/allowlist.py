"""List what sqlglot may find in an expression, and what each forbidden thing is called when it is refused."""

from __future__ import annotations

from typing import Final, Literal

from sqlglot import exp
from sqlglot.expressions import Expr

from services.monitoring.screening.language.syntax import Operator

COMPARISONS: Final[dict[type[Expr], Operator]] = {
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.EQ: "=",
    exp.NEQ: "<>",
}
ARITHMETIC: Final[dict[type[Expr], Literal["+", "-", "*"]]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}

# Asked in this order, because sqlglot's classes overlap (a cast is a function, a pattern a binary operator).
FORBIDDEN: Final[tuple[tuple[type[Expr], str], ...]] = (
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
ALLOWED: Final = (
    *COMPARISONS, *ARITHMETIC, exp.And, exp.Or, exp.Not, exp.Paren, exp.In, exp.Between, exp.Is, exp.Neg,
    exp.Column, exp.Identifier, exp.Literal, exp.Placeholder, exp.Null, exp.Boolean,
)  # fmt: skip
