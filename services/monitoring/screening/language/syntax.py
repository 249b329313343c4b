"""Hold a checked expression as a small tree with its negations pushed down and its constants folded.

Only AND and OR stand above the atoms. NOT is gone: in three-valued logic ``NOT (a < b)`` is ``a >= b`` and
``NOT (p AND q)`` is ``NOT p OR NOT q``, so a tree without NOT fires for exactly the same rows and is explained atom by
atom.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.monitoring.screening.vocabulary import Value as Value

Operator = Literal["<", "<=", ">", ">=", "=", "<>"]
Truth = bool | None

OPPOSITE: dict[Operator, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}
MIRRORED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


@dataclass(frozen=True, slots=True)
class Number:
    """A literal or a bound parameter; ``name`` is the parameter's name."""

    value: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class NumberColumn:
    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Literal["+", "-", "*"]
    left: Term
    right: Term


Term = Number | NumberColumn | Arithmetic


@dataclass(frozen=True, slots=True)
class Compare:
    """Two whole numbers compared."""

    operator: Operator
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class NumberIn:
    column: str
    items: tuple[Number, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class TextIn:
    """A code among others; ``=`` and ``<>`` on text are lists of one."""

    column: str
    items: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean column, or its negation."""

    column: str
    negated: bool


@dataclass(frozen=True, slots=True)
class IsNull:
    column: str
    negated: bool


Atom = Compare | NumberIn | TextIn | Flag | IsNull


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


Node = And | Or | Atom


def negate(node: Node) -> Node:
    """The tree that is TRUE where this one is FALSE, FALSE where it is TRUE, and unknown where it is unknown."""
    match node:
        case And(parts):
            return Or(tuple(negate(part) for part in parts))
        case Or(parts):
            return And(tuple(negate(part) for part in parts))
        case Compare(operator, left, right):
            return Compare(OPPOSITE[operator], left, right)
        case NumberIn(column, numbers, negated):
            return NumberIn(column, numbers, not negated)
        case TextIn(column, codes, negated):
            return TextIn(column, codes, not negated)
        case Flag(column, negated):
            return Flag(column, not negated)
        case IsNull(column, negated):
            return IsNull(column, not negated)


def atoms(node: Node) -> Iterator[Atom]:
    """Every comparison of the tree, from left to right."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from atoms(part)
    else:
        yield node


def term_columns(term: Term) -> Iterator[str]:
    """The columns of an arithmetic term, from left to right, with repeats."""
    match term:
        case NumberColumn(name):
            yield name
        case Arithmetic(_, left, right):
            yield from term_columns(left)
            yield from term_columns(right)


def atom_columns(atom: Atom) -> tuple[str, ...]:
    """The columns that a comparison reads, each once, from left to right."""
    if isinstance(atom, Compare):
        return tuple(dict.fromkeys((*term_columns(atom.left), *term_columns(atom.right))))
    return (atom.column,)


def columns(node: Node) -> tuple[str, ...]:
    """The columns that an expression reads, each once, in order of first use."""
    return tuple(dict.fromkeys(name for atom in atoms(node) for name in atom_columns(atom)))


def parameters(node: Node) -> tuple[str, ...]:
    """The parameters that an expression is bound with, each once, in order of first use."""
    return tuple(dict.fromkeys(name for atom in atoms(node) for name in _atom_parameters(atom)))


def _atom_parameters(atom: Atom) -> Iterator[str]:
    if isinstance(atom, Compare):
        yield from _term_parameters(atom.left)
        yield from _term_parameters(atom.right)
    elif isinstance(atom, NumberIn):
        yield from (item.name for item in atom.items if item.name is not None)


def _term_parameters(term: Term) -> Iterator[str]:
    match term:
        case Number(_, str(name)):
            yield name
        case Arithmetic(_, left, right):
            yield from _term_parameters(left)
            yield from _term_parameters(right)
