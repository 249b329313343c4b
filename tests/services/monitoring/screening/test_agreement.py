"""DuckDB and the evaluator agree on random expressions and data; the smallest change works and is the smallest."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.errors import Message
from services.monitoring.screening.language.change import smallest_change
from services.monitoring.screening.language.evaluate import evaluate
from services.monitoring.screening.language.explain import comparisons
from services.monitoring.screening.language.refusals import RuleRefused
from services.monitoring.screening.language.rule import Condition, parse_rule
from services.monitoring.screening.vocabulary import Grain, Kind, Term, Vocabulary

NAMES = Message("名", "name")


def term(name: str, kind: Kind, **facts) -> Term:
    return Term(name, kind, NAMES, NAMES, ("test",), "person_base", **facts)


TERMS = (
    term("a", Kind.INTEGER, low=-6, high=6),
    term("b", Kind.INTEGER, low=0, high=9, nullable=False),
    term("c", Kind.AMOUNT, low=-6, high=6, unit="fen"),
    term("p", Kind.BOOLEAN),
    term("q", Kind.BOOLEAN, nullable=False),
    term("t", Kind.TEXT, values={"x": NAMES, "y": NAMES, "z": NAMES}),
)
BY_NAME = {each.name: each for each in TERMS}
VOCABULARY = Vocabulary(dict.fromkeys(Grain, TERMS))
COLUMNS = {"a": "BIGINT", "b": "BIGINT", "c": "BIGINT", "p": "BOOLEAN", "q": "BOOLEAN", "t": "VARCHAR"}
THRESHOLDS = {"limit": 3, "loss": -2}


def domain(each: Term) -> list:
    values = [*each.values] or ([False, True] if each.kind is Kind.BOOLEAN else list(range(each.low, each.high + 1)))
    return [*values, None] if each.nullable else values


row = st.fixed_dictionaries({each.name: st.sampled_from(domain(each)) for each in TERMS})
leaf = st.sampled_from(["a", "b", "c", ":limit", ":loss"]) | st.integers(-9, 9).map(str)
number = st.recursive(
    leaf, lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda x: f"({' '.join(x)})"), max_leaves=4
)
atom = st.one_of(
    st.tuples(number, st.sampled_from(["<", "<=", ">", ">=", "=", "<>", "!="]), number).map(" ".join),
    st.tuples(number, number, number).map(lambda x: f"{x[0]} BETWEEN {x[1]} AND {x[2]}"),
    st.tuples(st.sampled_from("abc"), st.lists(st.integers(-6, 9), min_size=1, max_size=3)).map(
        lambda x: f"{x[0]} IN ({', '.join(map(str, x[1]))})"
    ),
    st.lists(st.sampled_from("xyz"), min_size=1, max_size=2).map(lambda x: f"t NOT IN ({str(x)[1:-1]})"),
    st.sampled_from(["p", "q", "t = 'x'", "t <> 'y'", "a IS NULL", "t IS NOT NULL", "p IS NULL"]),
)
expression = st.recursive(
    atom,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda x: f"({' '.join(x)})"),
        inner.map(lambda x: f"NOT ({x})"),
    ),
    max_leaves=7,
)

CONSTANT = {"always_true", "always_false", "constant", "constant_part", "self_product", "too_complex"}


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(":memory:") as opened:
        yield opened


def cost(old, new) -> Fraction:
    if isinstance(old, bool) or not isinstance(old, int) or not isinstance(new, int):
        return Fraction(1)
    return Fraction(abs(new - old), max(abs(old), 1))


@settings(
    max_examples=150,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(text=expression, rows=st.lists(row, min_size=1, max_size=12))
def test_duckdb_and_the_evaluator_agree_and_the_smallest_change_stops_the_rule(connection, text, rows):
    condition, refused = read(text)
    assert refused <= CONSTANT
    if condition is None:
        return
    values = ", ".join(f"CAST(? AS {kind})" for kind in COLUMNS.values())
    literals = [each[name] for each in rows for name in COLUMNS]
    table = ", ".join([f"({values})"] * len(rows))
    query = f"SELECT {condition.duckdb()}, ({text_bound(text)}) FROM (VALUES {table}) AS r({', '.join(COLUMNS)})"
    for each, (compiled, written) in zip(rows, connection.execute(query, literals).fetchall(), strict=True):
        assert evaluate(condition.tree, each) is compiled
        assert compiled is written
        assert all(one.satisfied in (True, False, None) for one in comparisons(condition.tree, each, BY_NAME))
        check_change(condition, each)


def read(text: str) -> tuple[Condition | None, set[str]]:
    """The condition, or the codes of the reasons against it."""
    try:
        return parse_rule(text, Grain.PERSON, VOCABULARY, THRESHOLDS), set()
    except RuleRefused as refused:
        return None, {fault.code for fault in refused.faults}


def text_bound(text: str) -> str:
    """The author's own text with its parameters written in, for DuckDB to read with its own parser."""
    for name, value in THRESHOLDS.items():
        text = text.replace(f":{name}", f"({value})")
    return text


def check_change(condition, inputs) -> None:
    changes = smallest_change(condition.tree, inputs, BY_NAME)
    if not condition.fires(inputs):
        assert changes is None
        return
    alone = [
        cost(inputs[name], value)
        for name in condition.columns
        for value in domain(BY_NAME[name])
        if value is not None and not condition.fires({**inputs, name: value})
    ]
    if changes is None:
        assert not alone
        return
    applied = {**inputs, **{change.column: change.new for change in changes}}
    assert not condition.fires(applied)
    assert all(BY_NAME[change.column].admits(change.new) and change.new != change.old for change in changes)
    if alone:
        assert sum(cost(change.old, change.new) for change in changes) <= min(alone)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=expression, rows=st.lists(row, min_size=1, max_size=30))
def test_an_expression_called_constant_is_constant(connection, text, rows):
    _, codes = read(text)
    if codes & {"always_true", "always_false"}:
        for each in rows:
            selected = ", ".join(f"CAST({literal(each[name])} AS {kind}) AS {name}" for name, kind in COLUMNS.items())
            (truth,) = connection.execute(f"SELECT ({text_bound(text)}) FROM (SELECT {selected})").fetchone()
            assert truth is None or ("always_true" if truth else "always_false") in codes


def literal(value) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)
