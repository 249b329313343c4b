"""Let sqlglot read an expression, once it is short and shallow enough for that; loaded by the first that is read."""

from __future__ import annotations

from typing import Final

import sqlglot
from sqlglot import errors as sqlglot_errors
from sqlglot.expressions import Expr
from sqlglot.tokenizer_core import Token, TokenType

from chassis.errors import Fault
from services.monitoring.screening.language.refusals import RuleRefused, refusal

LENGTH_MAX: Final = 4_000
TOKENS_MAX: Final = 400
DEPTH_MAX: Final = 24

_SIGNS = (TokenType.NOT, TokenType.DASH, TokenType.PLUS)
_DEEPENING = (*_SIGNS, TokenType.L_PAREN, TokenType.STAR)


def parsed(expression: str) -> Expr:
    """sqlglot's tree of one short, shallow statement; its depth is bounded before sqlglot descends into it."""
    if len(expression) > LENGTH_MAX:
        raise RuleRefused(faults=[refusal("too_long")])
    try:
        stream = sqlglot.tokenize(expression)
    except sqlglot_errors.TokenError as fault:
        raise RuleRefused(faults=[refusal("syntax")]) from fault
    faults = _token_faults(stream)
    if faults:
        raise RuleRefused(faults=faults)
    try:
        statements = sqlglot.parse(expression)
    except sqlglot_errors.ParseError as fault:
        raise RuleRefused(faults=[refusal("syntax")]) from fault
    if len(statements) != 1 or statements[0] is None:
        raise RuleRefused(faults=[refusal("syntax")])
    return statements[0]


def _token_faults(stream: list[Token]) -> list[Fault]:
    faults = []
    if len(stream) > TOKENS_MAX:
        faults.append(refusal("too_long"))
    if sum(token.token_type in _DEEPENING for token in stream) > 4 * DEPTH_MAX or _nesting(stream) > DEPTH_MAX:
        faults.append(refusal("too_deep"))
    if any(token.token_type is TokenType.SEMICOLON for token in stream):
        faults.append(refusal("several_statements"))
    if any(token.comments for token in stream):
        faults.append(refusal("comment"))
    if not stream:
        faults.append(refusal("syntax"))
    return faults


def _nesting(stream: list[Token]) -> int:
    """The deepest run of open parentheses, NOTs and signs; each costs the parser a level."""
    deepest = depth = signs = 0
    for token in stream:
        if token.token_type is TokenType.L_PAREN:
            depth += 1
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
        signs = signs + 1 if token.token_type in _SIGNS else 0
        deepest = max(deepest, depth + signs)
    return deepest
