"""Write a checked expression as SQL with its thresholds bound, for DuckDB and, through sqlglot, for Apache Spark."""

from __future__ import annotations

from services.monitoring.screening.language.evaluate import number
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
    Or,
    Term,
    TextIn,
    term_columns,
)


def duckdb_sql(node: Node) -> str:
    """A boolean SQL expression over quoted column names; every number is a literal, nothing is left to bind."""
    match node:
        case And(parts):
            return "(" + " AND ".join(duckdb_sql(part) for part in parts) + ")"
        case Or(parts):
            return "(" + " OR ".join(duckdb_sql(part) for part in parts) + ")"
        case Compare(operator, left, right):
            return f"({_term(left)} {operator} {_term(right)})"
        case NumberIn(column, items, negated):
            return _membership(column, [_literal(item.value) for item in items], negated=negated)
        case TextIn(column, codes, negated):
            return _membership(column, [text_literal(code) for code in codes], negated=negated)
        case Flag(column, negated):
            return f"(NOT {quoted(column)})" if negated else quoted(column)
        case IsNull(column, negated):
            return f"({quoted(column)} IS {'NOT ' if negated else ''}NULL)"


def spark_sql(node: Node) -> str:
    """The same expression in Apache Spark's dialect."""
    import sqlglot

    return sqlglot.parse_one(duckdb_sql(node), read="duckdb").sql(dialect="spark")


def quoted(name: str) -> str:
    """A name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def _membership(column: str, items: list[str], *, negated: bool) -> str:
    return f"({quoted(column)} {'NOT ' if negated else ''}IN ({', '.join(items)}))"


def _term(term: Term) -> str:
    # Constants are folded here: an engine would compute them in 32 bits and overflow where columns (64 bits) do not.
    if not any(term_columns(term)):
        constant = number(term, {})
        if constant is None:
            raise ValueError("a constant has a value")
        return _literal(constant)
    match term:
        case Arithmetic(operator, left, right):
            return f"({_term(left)} {operator} {_term(right)})"
        case NumberColumn(name):
            return quoted(name)
        case Number(value, _):
            return _literal(value)


def _literal(value: int) -> str:
    return str(value) if value >= 0 else f"(-{-value})"
