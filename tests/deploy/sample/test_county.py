from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from chassis.identity_numbers import IdentityNumber
from deploy.sample.county import County, generate
from deploy.sample.model import Spoil
from deploy.sample.moments import DayOutside, Moments
from deploy.sample.oracle import firings
from deploy.sample.places import VILLAGE
from deploy.sample.tale import LINE_FEN
from deploy.sample.writing import write_county
from services.monitoring.households.judge import judge_registration
from services.monitoring.households.schemas import HouseholdCreate
from services.monitoring.households.thresholds import DEFAULTS, Thresholds
from services.monitoring.screening.catalogue import load_catalogue

ON = date(2024, 6, 3)


def test_every_household_may_be_registered(county: County):
    refused = []
    for household in county.households():
        body = HouseholdCreate.model_validate(household.body())
        refused += judge_registration(body, today=ON, thresholds=Thresholds.from_rows(DEFAULTS)).errors
    assert refused == []


def test_id_numbers_are_valid_of_the_county_and_nobody_shares_one(county: County):
    numbers = Counter(p.number for h in county.households() for p in h.persons if p.number)
    assert all(IdentityNumber.faults(number, today=ON) == () and number.startswith("610999") for number in numbers)
    assert max(numbers.values()) == 1
    assert any(person.number is None for household in county.households() for person in household.persons)


def test_ids_are_unique_uuids_of_version_7(county: County):
    ids = Counter(
        id_ for h in county.households() for id_ in (h.id, *(p.id for p in h.persons), *(line.id for line in h.incomes))
    )
    assert max(ids.values()) == 1
    assert {id_.version for id_ in ids} == {7}


def test_what_each_story_means_to_raise_is_what_the_plain_reading_of_the_rules_finds(county: County):
    wrong = {}
    for household in county.households():
        found = firings(household, county.moments)
        if found != household.fires:
            wrong[household.index] = found ^ household.fires
    assert wrong == {}


def test_what_must_stay_silent_does(county: County):
    broken = [
        (household.index, firing.rule, why)
        for household in county.households()
        for firing, why in household.silent
        if firing in firings(household, county.moments)
    ]
    assert broken == []


def test_every_rule_fires_somewhere_and_nearly_fires_somewhere_else(county: County):
    fired, silent = set(), set()
    for household in county.households():
        fired |= {firing.rule for firing in household.fires}
        silent |= {firing.rule for firing, _ in household.silent}
    rules = {rule.id for rule in load_catalogue().rules}
    assert fired == rules
    assert silent == rules


def test_every_way_of_spoiling_a_row_is_there(county: County):
    assert {row.spoil for h in county.households() for row in h.rows if row.spoil} == set(Spoil)


def test_the_acceptance_village_has_its_three_households_to_the_yuan(county: County):
    a, b, c = [household for household, _ in zip(county.households(), range(3), strict=False)]
    assert [h.region for h in (a, b, c)] == [VILLAGE] * 3
    assert [len(h.persons) for h in (a, b, c)] == [5, 4, 2]
    assert [h.is_lifted for h in (a, b, c)] == [True, False, True]
    assert [p.number for p in a.persons[:3]] == ["610999197403123010", "610999197608053028", "610999200609183013"]
    first, last = county.moments.rolling
    groups: Counter[str] = Counter()
    for line in a.incomes:
        if first <= line.on <= last:
            groups[line.kind.group.value] += line.amount_fen
    assert groups == {
        "wage": 2_520_000, "operating_income": 1_280_000, "property": 120_000, "transfer": 640_000,
        "operating_expense": 560_000, "self_pay": 2_000_000,
    }  # fmt: skip
    assert {firing.rule for firing in a.fires} == {"R01", "R22"}
    assert b.fires == c.fires == set()
    assert LINE_FEN > 3_080_000 // 4


def test_the_same_seed_gives_the_same_files_and_another_seed_others(county: County, folder: Path, tmp_path: Path):
    again, other = tmp_path / "again", tmp_path / "other"
    write_county(generate(county.size, county.seed, ON), again)
    write_county(generate(county.size, county.seed + 1, ON), other)
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix != ".xlsx"]
    assert len(names) > 20
    assert [name for name in names if (again / name).read_bytes() != (folder / name).read_bytes()] == []
    assert (other / "households.ndjson").read_bytes() != (folder / "households.ndjson").read_bytes()


@pytest.mark.parametrize("on", [date(2024, 3, 31), date(2024, 9, 1)])
def test_a_day_on_which_the_story_does_not_hold_is_refused(on: date):
    with pytest.raises(DayOutside, match="2024-04-01"):
        generate(10, 1, on)


def test_a_county_too_small_for_its_village_is_refused():
    with pytest.raises(ValueError, match="at least 3"):
        generate(2, 1, ON)


@pytest.mark.parametrize("on", [date(2024, 4, 1), date(2024, 7, 17), date(2024, 8, 31)])
def test_the_story_holds_on_other_days(on: date):
    other = generate(203, 3, on)
    assert [h.index for h in other.households() if firings(h, Moments(on)) != h.fires] == []
