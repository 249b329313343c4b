"""Find out whether an expression can be TRUE at all, and whether it can be FALSE for inputs that are known.

The search is exact for comparisons of one column (they change only at a few whole numbers, all of which are tried) and
treats a comparison of several columns as free, apart from contradicting itself. So an expression called constant is
constant; the reverse is not promised. A search that grows too large counts as a reason to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.monitoring.screening.language.evaluate import evaluate
from services.monitoring.screening.language.linear import solve
from services.monitoring.screening.language.syntax import (
    MIRRORED,
    OPPOSITE,
    And,
    Atom,
    Compare,
    Flag,
    IsNull,
    Node,
    NumberIn,
    Or,
    TextIn,
    Value,
    atom_columns,
    atoms,
)
from services.monitoring.screening.vocabulary import Term

STEPS_MAX = 20_000

Candidates = dict[str, list[Value]]
Relation = tuple[str, str, str]


class TooComplex(Exception):
    """The search was given up; treat the expression as not checkable."""


def can_be_true(node: Node, terms: Mapping[str, Term]) -> bool:
    """Whether some inputs within the vocabulary's bounds make the expression TRUE.

    :raises TooComplex: after too many steps.
    """
    search = _Search()
    return search.satisfies((node,), _candidates(node, terms), frozenset())


class _Search:
    def __init__(self) -> None:
        self._steps = 0

    def satisfies(
        self, pending: tuple[Node, ...], left: Candidates, relations: frozenset[tuple[Relation, bool]]
    ) -> bool:
        """Whether all pending nodes can be TRUE together with values that are left for each column."""
        self._steps += 1
        if self._steps > STEPS_MAX:
            raise TooComplex
        if not pending:
            return True
        first, rest = pending[0], pending[1:]
        if isinstance(first, And):
            return self.satisfies((*first.parts, *rest), left, relations)
        if isinstance(first, Or):
            return any(self.satisfies((part, *rest), left, relations) for part in first.parts)
        if isinstance(first, Compare) and len(atom_columns(first)) > 1:
            relation, holds = _relation(first)
            known: Candidates = {
                name: [value for value in left[name] if value is not None] for name in atom_columns(first)
            }
            if (relation, not holds) in relations or not all(known.values()):
                return False
            return self.satisfies(rest, {**left, **known}, relations | {(relation, holds)})
        (name,) = atom_columns(first)
        kept: list[Value] = [value for value in left[name] if evaluate(first, {name: value}) is True]
        return bool(kept) and self.satisfies(rest, {**left, name: kept}, relations)


def _candidates(node: Node, terms: Mapping[str, Term]) -> Candidates:
    """For each column the values at which one of its own comparisons could change, its bounds, and NULL if possible."""
    found: dict[str, set[Value]] = {}
    for atom in atoms(node):
        for name in atom_columns(atom):
            term = terms[name]
            values = found.setdefault(name, {None} if term.nullable else set())
            if term.is_number:
                values |= {term.low, term.high}
        if len(atom_columns(atom)) == 1:
            name = atom_columns(atom)[0]
            found[name] |= {value for value in _turning_points(atom) if terms[name].admits(value)}
    return {
        name: sorted(values | _codes(terms[name]), key=lambda value: (value is None, str(type(value)), str(value)))
        for name, values in found.items()
    }


def _codes(term: Term) -> set[Value]:
    return set(term.values) if term.values else set() if term.is_number else {True, False}


def _turning_points(atom: Atom) -> set[Value]:
    match atom:
        case Compare():
            (name,) = atom_columns(atom)
            bound = solve(atom, name, {})
            middle = [] if bound is None or bound.threshold is None else [bound.threshold]
        case NumberIn(_, items, _):
            middle = [item.value for item in items]
        case Flag() | IsNull() | TextIn():
            middle = []
    return {point for value in middle for point in (value - 1, value, value + 1)}


def _relation(atom: Compare) -> tuple[Relation, bool]:
    """A comparison of columns under one name for itself, its mirror and their opposites."""
    operator, left, right = atom.operator, repr(atom.left), repr(atom.right)
    if left > right:
        operator, left, right = MIRRORED[operator], right, left
    holds = operator in ("<", "<=", "=")
    return (operator if holds else OPPOSITE[operator], left, right), holds
