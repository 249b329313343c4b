"""Find the smallest change of inputs that would have kept a rule from firing, and say it.

For AND the cheapest comparison is turned, for OR every branch that holds. The size of a change is the sum over its
columns of what changes relative to what is there; another code or the other answer counts as a whole. Each candidate is
applied and the rule evaluated again before it is offered, because one column may stand in several comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Final

from chassis.errors import Message
from chassis.types import fen_to_yuan
from services.monitoring.screening.language.evaluate import Inputs, evaluate
from services.monitoring.screening.language.explain import UNITS, shown
from services.monitoring.screening.language.linear import nearest_outside, solve
from services.monitoring.screening.language.syntax import (
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
    columns,
)
from services.monitoring.screening.vocabulary import Term

WIDTH_MAX: Final = 24  # candidates kept per subtree, the cheapest first
ROUNDS_MAX: Final = 6  # how often a branch that a change has opened is closed again

Assignment = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One column's other value. ``difference`` is new minus old for numbers, else None."""

    column: str
    old: Value
    new: Value
    difference: int | None
    sentence: Message


def smallest_change(node: Node, inputs: Inputs, terms: Mapping[str, Term]) -> tuple[Change, ...] | None:
    """The cheapest change found that keeps the rule from firing; all its parts are needed together.

    None if the rule does not fire, or if no change within the bounds of the vocabulary was found.
    """
    if evaluate(node, inputs) is not True:
        return None
    search = _Search(inputs, terms)
    found = search.cheapest(node)
    return None if found is None else tuple(_change(terms[name], inputs[name], value) for name, value in found)


class _Search:
    def __init__(self, inputs: Inputs, terms: Mapping[str, Term]) -> None:
        self._inputs = inputs
        self._terms = terms

    def cheapest(self, node: Node) -> Assignment | None:
        """The cheapest of the changes found by structure and of all changes of a single column."""
        found = [*self.turning(node, self._inputs, ROUNDS_MAX), *self._single(node)]
        return min(found, key=self._cost, default=None)

    def _single(self, node: Node) -> Iterator[Assignment]:
        """Every change of one column that is enough: truth can only change where one of its comparisons does."""
        for name in columns(node):
            term = self._terms[name]
            tried = {value for atom in atoms(node) if name in atom_columns(atom) for value in self._steps(atom, name)}
            for value in tried:
                if term.admits(value) and evaluate(node, {**self._inputs, name: value}) is not True:
                    yield ((name, value),)

    def _steps(self, atom: Atom, name: str) -> tuple[Value, ...]:
        match atom:
            case Compare():
                bound = solve(atom, name, self._inputs)
                middle = [] if bound is None or bound.threshold is None else [bound.threshold]
            case NumberIn(_, items, _):
                middle = [item.value for item in items]
            case _:
                return _other_values(atom, name, self._inputs, self._terms[name])
        return tuple(edge for value in middle for edge in (value - 1, value, value + 1))

    def turning(self, node: Node, now: Inputs, rounds: int) -> list[Assignment]:
        """Changes after which ``node`` is not TRUE, verified, cheapest first. ``now`` makes it TRUE."""
        if isinstance(node, And):
            found = [change for part in node.parts for change in self.turning(part, now, rounds)]
        elif isinstance(node, Or):
            found = self._turning_all(node, now, rounds)
        else:
            found = [((column, value),) for column, value in self._turning_atom(node, now)]
            found = found or list(self._turning_pair(node, now))
        verified = {change for change in found if evaluate(node, {**now, **dict(change)}) is not True}
        return sorted(verified, key=self._cost)[:WIDTH_MAX]

    def _turning_all(self, node: Or, now: Inputs, rounds: int) -> list[Assignment]:
        holding = [part for part in node.parts if evaluate(part, now) is True]
        options = [self.turning(part, now, rounds) for part in holding]
        found: list[Assignment] = []
        for combination in islice(product(*options), WIDTH_MAX * WIDTH_MAX):
            for merged in _merged(combination):
                after = {**now, **dict(merged)}
                if evaluate(node, after) is not True:
                    found.append(merged)
                elif rounds:
                    # The change has opened another branch: close that one too, without undoing what was changed.
                    found += [
                        _joined(merged, further)
                        for further in self._turning_all(node, after, rounds - 1)[:4]
                        if not {name for name, _ in merged} & {name for name, _ in further}
                    ]
        return sorted(set(found), key=self._cost)[:WIDTH_MAX]

    def _turning_atom(self, atom: Atom, now: Inputs) -> Iterator[tuple[str, Value]]:
        for name in atom_columns(atom):
            term = self._terms[name]
            for value in _other_values(atom, name, now, term):
                if term.admits(value):
                    yield name, value

    def _turning_pair(self, atom: Atom, now: Inputs) -> Iterator[Assignment]:
        """Where no column alone can turn a comparison: one goes to its bound, another does the rest."""
        for first in atom_columns(atom) if isinstance(atom, Compare) else ():
            for edge in (self._terms[first].low, self._terms[first].high):
                for name, value in self._turning_atom(atom, {**now, first: edge}):
                    if name != first and now[first] != edge:
                        yield (first, edge), (name, value)

    def _cost(self, change: Assignment) -> tuple[bool, Fraction, int, str]:
        contextual = any(self._terms[name].contextual for name, _ in change)
        return (
            contextual,
            sum((self._size(name, value) for name, value in change), Fraction()),
            len(change),
            str(change),
        )

    def _size(self, name: str, value: Value) -> Fraction:
        old = self._inputs[name]
        if value is None or old is None or not self._terms[name].is_number:
            return Fraction(1)
        return Fraction(abs(int(value) - int(old)), max(abs(int(old)), 1))


def _other_values(atom: Atom, column: str, now: Inputs, term: Term) -> tuple[Value, ...]:
    match atom:
        case Compare():
            bound = solve(atom, column, now)
            return () if bound is None else nearest_outside(bound)
        case NumberIn(_, items, negated):
            listed = [item.value for item in items]
            if negated:
                return tuple(listed)
            return tuple(edge for value in listed for edge in (value - 1, value + 1) if edge not in listed)
        case TextIn(_, codes, negated):
            return codes if negated else tuple(code for code in term.values if code not in codes)
        case Flag(_, negated):
            return (negated,)
        case IsNull(_, negated):
            return (None,) if negated else _any_value(term)


def _any_value(term: Term) -> tuple[Value, ...]:
    if term.is_number:
        return (max(term.low, 0), term.low, term.high)
    return tuple(term.values) if term.values else (False, True)


def _merged(combination: tuple[Assignment, ...]) -> Iterator[Assignment]:
    """One assignment for several; where they disagree about a column, each proposal is tried."""
    proposals: dict[str, list[Value]] = {}
    for change in combination:
        for name, value in change:
            if value not in proposals.setdefault(name, []):
                proposals[name].append(value)
    names = sorted(proposals)
    for values in islice(product(*(proposals[name] for name in names)), WIDTH_MAX):
        yield tuple(zip(names, values, strict=True))


def _joined(first: Assignment, second: Assignment) -> Assignment:
    return tuple(sorted((dict(first) | dict(second)).items(), key=lambda pair: pair[0]))


def _change(term: Term, old: Value, new: Value) -> Change:
    difference = int(new) - int(old) if term.is_number and new is not None and old is not None else None
    before, after = shown(old, term), shown(new, term)
    zh, en = f"若{term.label.zh}为 {after.zh}（现为 {before.zh}", f"{term.label.en} {after.en} instead of {before.en}"
    if difference is not None:
        size = fen_to_yuan(abs(difference)) if term.unit == "fen" else str(abs(difference))
        unit = UNITS[term.unit]
        zh += f"，{'多' if difference > 0 else '少'} {size}{unit.zh}"
        en += f" ({size}{unit.en} {'more' if difference > 0 else 'less'})"
    return Change(term.name, old, new, difference, Message(zh + "），则不触发", en + " would not have fired"))
