"""Bound every arithmetic term by its columns' bounds: no overflow, no comparison that is decided beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chassis.errors import Fault
from services.monitoring.screening.language.refusals import refusal
from services.monitoring.screening.language.syntax import (
    Arithmetic,
    Compare,
    IsNull,
    Node,
    Number,
    NumberColumn,
    Operator,
    Term,
    atom_columns,
    atoms,
    term_columns,
)
from services.monitoring.screening.vocabulary import INT64_MAX
from services.monitoring.screening.vocabulary import Term as Published

Range = tuple[int, int]


def term_range(term: Term, terms: Mapping[str, Published]) -> Range:
    """The smallest and largest value that a term can take within its columns' bounds."""
    match term:
        case Number(value, _):
            return value, value
        case NumberColumn(name):
            return terms[name].low, terms[name].high
        case Arithmetic(operator, left, right):
            a, b = term_range(left, terms), term_range(right, terms)
            if operator == "+":
                return a[0] + b[0], a[1] + b[1]
            if operator == "-":
                return a[0] - b[1], a[1] - b[0]
            products = [x * y for x in a for y in b]
            return min(products), max(products)


def range_faults(tree: Node, terms: Mapping[str, Published]) -> list[Fault]:
    """Overflow, a column multiplied by itself, and comparisons whose result never changes."""
    faults = []
    for atom in atoms(tree):
        if isinstance(atom, IsNull) and not terms[atom.column].nullable:
            faults.append(refusal("constant_part", name=atom.column))
        if not isinstance(atom, Compare):
            continue
        inner = [*_subterms(atom.left), *_subterms(atom.right)]
        if any(_squares(term) for term in inner):
            faults.append(refusal("self_product"))
        if any(abs(edge) > INT64_MAX for term in inner for edge in term_range(term, terms)):
            faults.append(refusal("overflow"))
        elif not atom_columns(atom):
            faults.append(refusal("constant"))
        elif decided(atom.operator, term_range(atom.left, terms), term_range(atom.right, terms)):
            faults.append(refusal("constant_part", name=atom_columns(atom)[0]))
    return faults


def decided(operator: Operator, left: Range, right: Range) -> bool:
    """Whether the ranges alone settle the comparison, one way or the other."""
    below, above = left[1] < right[0], left[0] > right[1]
    touching_below, touching_above = left[1] <= right[0], left[0] >= right[1]
    match operator:
        case "<" | ">=":
            return below or touching_above
        case "<=" | ">":
            return touching_below or above
        case "=" | "<>":
            return below or above


def _subterms(term: Term) -> Iterator[Term]:
    yield term
    if isinstance(term, Arithmetic):
        yield from _subterms(term.left)
        yield from _subterms(term.right)


def _squares(term: Term) -> bool:
    if not isinstance(term, Arithmetic) or term.operator != "*":
        return False
    return bool(set(term_columns(term.left)) & set(term_columns(term.right)))
