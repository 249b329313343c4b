"""Turn an author's expression into a checked condition, or refuse it with every reason at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chassis.errors import Fault
from services.monitoring.screening.language.constancy import TooComplex, can_be_true
from services.monitoring.screening.language.evaluate import Inputs, evaluate
from services.monitoring.screening.language.ranges import range_faults
from services.monitoring.screening.language.refusals import RuleRefused, refusal
from services.monitoring.screening.language.sql import duckdb_sql, spark_sql
from services.monitoring.screening.language.syntax import Node, columns, negate, parameters
from services.monitoring.screening.vocabulary import Grain, Term, Vocabulary

# With one of these an atom is not linear in its columns, or has none: there is nothing to search.
_UNSOLVABLE: Final = ("overflow", "self_product", "constant")


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked expression with its thresholds bound.

    :ivar tree: without NOT, see :mod:`.syntax`.
    :ivar columns: the names it reads, in order of first use.
    :ivar thresholds: the parameters it uses, with the bound values.
    :ivar record_table: the record table that a rule of the record grain reads, else None.
    """

    expression: str
    grain: Grain
    tree: Node
    columns: tuple[str, ...]
    thresholds: Mapping[str, int]
    record_table: str | None

    def fires(self, inputs: Inputs) -> bool:
        """Whether the condition is TRUE for these inputs."""
        return evaluate(self.tree, inputs) is True

    def duckdb(self) -> str:
        """The condition in DuckDB's SQL."""
        return duckdb_sql(self.tree)

    def spark(self) -> str:
        """The condition in Apache Spark's SQL."""
        return spark_sql(self.tree)


def parse_rule(expression: str, grain: Grain, vocabulary: Vocabulary, thresholds: Mapping[str, int]) -> Condition:
    """Read, check and bind an expression.

    :param thresholds: the value of every parameter that the rule defines, for one area and date.
    :raises RuleRefused: with every reason found; nothing is ever half accepted.
    """
    # sqlglot takes a fifth of a second to import: only a process in which a rule is read pays for it.
    from services.monitoring.screening.language.parsing import parsed
    from services.monitoring.screening.language.reader import Reader

    offered = vocabulary.of(grain)
    reader = Reader(grain=grain, vocabulary=vocabulary, thresholds=thresholds)
    expressed = parsed(expression)
    try:
        tree = reader.condition(expressed)
    except RecursionError as fault:
        raise RuleRefused(faults=[refusal("too_deep")]) from fault
    faults = list(reader.faults)
    if tree is not None and not faults:
        faults = _meaning_faults(tree, grain, offered)
    if faults or tree is None:
        raise RuleRefused(faults=tuple(dict.fromkeys(faults)))
    names = columns(tree)
    return Condition(
        expression=expression,
        grain=grain,
        tree=tree,
        columns=names,
        thresholds={name: thresholds[name] for name in parameters(tree)},
        record_table=next(iter(_record_tables(names, offered)), None) if grain is Grain.RECORD else None,
    )


def _record_tables(names: tuple[str, ...], offered: Mapping[str, Term]) -> list[str]:
    return sorted({offered[name].part for name in names if offered[name].part.startswith("record_")})


def _meaning_faults(tree: Node, grain: Grain, offered: Mapping[str, Term]) -> list[Fault]:
    names = columns(tree)
    if all(offered[name].contextual for name in names):
        return [refusal("constant")]
    faults = range_faults(tree, offered)
    if grain is Grain.RECORD:
        tables = _record_tables(names, offered)
        if not tables:
            faults.append(refusal("no_record_column"))
        elif len(tables) > 1:
            faults.append(refusal("mixed_records"))
    if any(fault.code in _UNSOLVABLE for fault in faults):
        return faults
    try:
        if not can_be_true(tree, offered):
            faults.append(refusal("always_false"))
        elif not can_be_true(negate(tree), offered):
            faults.append(refusal("always_true"))
    except TooComplex:
        faults.append(refusal("too_complex"))
    return faults
