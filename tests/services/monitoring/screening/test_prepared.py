"""What is prepared in a short way says the same as the plain long way: labour, ages of work, years of income."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import duckdb
import pytest

from services.monitoring.screening import engine
from services.monitoring.screening.engine import run
from services.monitoring.screening.intake import attach
from services.monitoring.screening.prepared.part import bindings
from services.monitoring.screening.prepared.plan import views_in_order
from tests.services.monitoring.screening.hits import collected

TODAY = date(2024, 6, 3)
HOUSEHOLDS, PERSONS = 40, 120


def prepared(snapshot, numbers, *parts, on=TODAY) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    attach(connection, snapshot)
    values = bindings(on, numbers, ())
    for part in views_in_order(parts):
        connection.execute(f"CREATE VIEW {part.name} AS {part.statement(values)}")
    return connection


def workers(county, random: Random) -> None:
    """People of working age of whom much, little, nothing or what contradicts itself is told."""
    households = [county.household(f"household {number}") for number in range(HOUSEHOLDS)]
    day = lambda: TODAY - timedelta(days=random.randrange(-40, 400))  # noqa: E731
    for _ in range(PERSONS):
        person = county.person(
            random.choice(households),
            labour_skill=random.choice(["none", "ordinary", "ordinary", "weak"]),
            is_soldier=random.random() < 0.1,
            is_member=random.random() < 0.9,
            birth_date=random.choice([None, date(2008, 6, 1), date(1980, 1, 1)]),
        )
        for _ in range(random.choice([0, 0, 1, 1, 2])):
            worked = random.choice([None, day()])
            county.record("record_work", person, day(), is_working=random.random() < 0.5, last_work_month=worked)
        for _ in range(random.choice([0, 0, 0, 1, 2])):
            began = day()
            ended = random.choice([None, began + timedelta(days=random.randrange(90))])
            county.row("work_spells", person_id=person, started_on=began, ended_on=ended)


@pytest.mark.parametrize("seed", range(4))
def test_the_labour_of_a_household_is_what_is_said_of_its_members(county, numbers, seed):
    workers(county, Random(seed))
    connection = prepared(county.snapshot(), numbers, "person_work", "household_labour")
    short = connection.execute(
        "SELECT household_id, labour_members, employed_members, labour_idle_months_min FROM household_labour ORDER BY 1"
    ).fetchall()
    plain = connection.execute("""
        SELECT household_id, count(*),
               CASE WHEN bool_or(is_working) OR count(is_working) = count(*)
                    THEN count(*) FILTER (WHERE is_working) END,
               CASE WHEN count(idle_months) = count(*) THEN min(idle_months) END
        FROM person_base JOIN person_work USING (person_id) WHERE is_member AND has_labour
        GROUP BY household_id ORDER BY 1
    """).fetchall()
    assert short == plain
    assert {row[2] is None for row in short} == {True, False} == {row[3] is None for row in short}


@pytest.mark.parametrize("on", [date(2024, 2, 29), date(2023, 2, 28), date(2023, 3, 1), TODAY])
def test_who_is_of_working_age_is_so_by_years_of_age(county, numbers, on):
    ages = (numbers["labour_age_min_years"], numbers["labour_age_max_years"] + 1)
    for age in (*ages, 36):
        for days in range(-3, 4):
            born = date(on.year - age, 3, 1) + timedelta(days=days) if on.month < 4 else TODAY
            county.one(f"{age} {days}", person_labour_skill="ordinary", person_birth_date=born)
            born = date(on.year - age, on.month, min(on.day, 28)) + timedelta(days=days)
            county.one(f"around {age} {days}", person_labour_skill="ordinary", person_birth_date=born)
    connection = prepared(county.snapshot(), numbers, "person_base", on=on)
    wrong = "SELECT age_years FROM person_base WHERE has_labour <> (age_years BETWEEN ? AND ?)"
    assert connection.execute(wrong, [ages[0], ages[1] - 1]).fetchall() == []
    assert connection.execute("SELECT count(DISTINCT has_labour) FROM person_base").fetchone() == (2,)


@pytest.mark.parametrize(
    ("years", "annual", "previous"),
    [
        ((2021, 2022, 2023), 2023, 2022),
        ((2022,), 2022, None),
        ((2021, 2023), 2023, None),
        ((2020, 2023), 2023, None),
        ((2020, 2021, 2024), 2021, 2020),
        ((2024,), None, None),
    ],
)
def test_the_year_before_is_that_of_the_last_annual_statement(county, numbers, years, annual, previous):
    household = county.household("one")
    for year in years:
        county.statement(household, "annual", date(year, 9, 30), net=year, ref=-year, members=year - 2000)
    connection = prepared(county.snapshot(), numbers, "household_income")
    found = connection.execute(
        "SELECT annual_net_fen, annual_ref_fen, annual_members, annual_previous_net_fen, annual_previous_ref_fen,"
        " annual_previous_members, rolling_net_fen FROM household_income"
    ).fetchall()
    told = [value for year in (annual, previous) for value in _amounts(year)]
    assert found == ([] if annual is None else [(*told, None)])


def _amounts(year: int | None) -> tuple[int | None, ...]:
    return (None,) * 3 if year is None else (year, -year, year - 2000)


_OPEN = "wage_previous_12m_fen IS NULL OR wage_12m_fen > wage_previous_12m_fen"
_EITHER = "year_self_pay_fen >= 200 OR age_years = 50"


@pytest.mark.parametrize("expressions", [{}, {"R16": _OPEN}, {"R01": _EITHER}])
def test_leaving_out_whom_no_rule_can_be_about_changes_no_hit(county, catalogue, numbers, monkeypatch, expressions):
    random = Random(7)
    for number in range(PERSONS):
        person = county.one(str(number), is_lifted=number % 2 == 0)
        for _ in range(random.choice([0, 1, 3, 6])):
            day = TODAY - timedelta(days=random.choice([0, 20, 40, 366, 390, random.randrange(-30, 500)]))
            county.record("record_wage", person, day, wage_12m_fen=random.randrange(5) * 100)
            county.record("record_self_pay", person, day, self_pay_fen=random.randrange(5) * 100)
    rules = [
        replace(catalogue[name], expression=expressions[name], parameters=(), growing=None)
        if name in expressions
        else catalogue[name]
        for name in ("R01", "R02", "R16")
    ]
    small = {**numbers, "self_pay_monitored_min_fen": 200, "self_pay_other_min_fen": 300, "wage_recent_months": 12}
    found = collected(run(county.snapshot(), rules, small, TODAY))
    monkeypatch.setattr(engine, "wanted", lambda part, scans: "")
    assert found == collected(run(county.snapshot(), rules, small, TODAY))
    assert {rule.id for rule in rules} == {json.loads(hit)["rule_id"] for hit in found}
