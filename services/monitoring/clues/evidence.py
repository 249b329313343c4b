"""Explain a hit from what it keeps: the rule's version, its inputs, the numbers bound. Nothing is looked up again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from chassis.errors import Language
from chassis.types import fen_to_yuan
from services.monitoring.clues.schemas import ComparisonRead, InputChangeRead
from services.monitoring.screening.language.change import Change, smallest_change
from services.monitoring.screening.language.evaluate import bounds_that_hold
from services.monitoring.screening.language.explain import Comparison, comparisons
from services.monitoring.screening.language.rule import Condition, parse_rule
from services.monitoring.screening.language.syntax import Value
from services.monitoring.screening.terms import VOCABULARY
from services.monitoring.screening.vocabulary import Grain, Term

_UNIT: Final = {"fen": "yuan"}


@lru_cache(maxsize=256)
def _condition(expression: str, grain: str, thresholds: tuple[tuple[str, int], ...]) -> Condition:
    return parse_rule(expression, Grain(grain), VOCABULARY, dict(thresholds))


def explain_hit(
    rule: Any, inputs: Mapping[str, Value], thresholds: Mapping[str, int], language: Language
) -> tuple[list[ComparisonRead], list[InputChangeRead]]:
    """Each comparison of the rule for these inputs, and the smallest change that would have kept it silent.

    :param rule: the row of the version that fired.
    """
    condition = _condition(rule.expression, rule.grain, tuple(sorted(thresholds.items())))
    terms = VOCABULARY.of(condition.grain)
    told = [_comparison(one, terms[one.column], language) for one in comparisons(condition.tree, inputs, terms)]
    changes = smallest_change(condition.tree, inputs, terms) or ()
    return told, [_change(one, terms[one.column], language) for one in changes]


def step_threshold(rule: Any, inputs: Mapping[str, Value], thresholds: Mapping[str, int]) -> int:
    """The threshold that measures how far a dismissed fact must grow: the one that its growing column went beyond.

    That is the one that the rule names, unless it has several bounds for that column and another one made it fire.
    """
    condition = _condition(rule.expression, rule.grain, tuple(sorted(thresholds.items())))
    names = bounds_that_hold(condition.tree, inputs, rule.growing_column)
    if not names or rule.growing_threshold in names:
        return thresholds[rule.growing_threshold]
    return max(thresholds[name] for name in names)


def amount_shown(value: int | None, column: str | None) -> str | None:
    """A number of a column as people read it: 元 for amounts, else the number itself."""
    if value is None or column is None:
        return None
    return _text(value, VOCABULARY[column])


def _comparison(one: Comparison, term: Term, language: Language) -> ComparisonRead:
    bounds = one.threshold if isinstance(one.threshold, tuple) else (one.threshold,)
    return ComparisonRead(
        column=one.column,
        label=term.label.in_language(language),
        value=_text(one.value, term),
        operator=one.operator,
        threshold=[text for bound in bounds if (text := _text(bound, term)) is not None],
        distance=_text(one.distance, term),
        unit=_UNIT.get(term.unit, term.unit),
        satisfied=one.satisfied,
        sentence=one.sentence.in_language(language),
    )


def _change(one: Change, term: Term, language: Language) -> InputChangeRead:
    return InputChangeRead(
        column=one.column,
        old=_text(one.old, term),
        new=_text(one.new, term),
        difference=_text(one.difference, term),
        unit=_UNIT.get(term.unit, term.unit),
        sentence=one.sentence.in_language(language),
    )


def _text(value: Value, term: Term) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return fen_to_yuan(int(value)) if term.unit == "fen" else str(value)
