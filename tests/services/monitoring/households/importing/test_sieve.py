"""The sieve only lets through what the rules let through without a word."""

from __future__ import annotations

import copy
import random
from datetime import date
from typing import Any

import orjson
import pytest
from stdnum.cn import ric

from services.monitoring.codes.persons import Education
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage
from services.monitoring.households.importing.documents import read_household
from services.monitoring.households.importing.model import Piece, Setting
from services.monitoring.households.importing.sieve import Sieve
from services.monitoring.households.judge import judge_registration
from services.monitoring.households.thresholds import DEFAULTS, Thresholds
from tests.personas import number

TODAY = date(2024, 6, 11)
SETTING = Setting(TODAY, 610999000000, 610999999999, Thresholds.from_rows(DEFAULTS))


def plain() -> dict[str, Any]:
    """A household of three that nobody could doubt."""
    common = {"name": "王小明", "education": "70", "is_insured": True}
    return {
        "region": "610999101203",
        "members": [
            common | {"identity_number": number("19600312", 1), "relation": "02", "health": ["healthy"]},
            common | {"identity_number": number("19620312", 1, male=False), "relation": "12"},
            common | {"identity_number": number("19900312", 1), "relation": "20", "labour_skill": "ordinary"},
        ],
    }


def _codes(codes: Any) -> list[Any]:
    return [*map(str, codes), None, "nothing", 1, [], {}]


PERSON: dict[str, list[Any]] = {
    "relation": _codes(Relation),
    "education": _codes(Education),
    "school_stage": _codes(SchoolStage),
    "labour_skill": _codes(LabourSkill),
    "health": [[], ["healthy"], ["healthy", "chronic"], ["chronic", "disabled"], None, "healthy", [[]]]
    + [[str(one)] for one in Health],
    "is_insured": [True, False, None, 1, "是"],
    "is_left_behind": [True, None, 0],
    "is_soldier": [True, False, None, 1],
    "name": ["李秀兰", "阿依古丽·买买提", "李", " 李四", "Li", "李4", "", None, "李\u3000四", "李\n四"],
    "phone": ["13800001234", "0915-2345678", "1", None, 13800001234],
    "sex": ["1", "2", "9", None],
    "birth_date": ["1960-03-12", "1990-03-12", "2030-01-01", None],
    "national_no": ["N1", " N1", None, 5],
    "disability_number": [None, "61099919480101305942"],
    "no_number_reason": ["遗失", None],
    "colour": ["red"],
}
HOUSEHOLD: dict[str, list[Any]] = {
    "region": ["610999101203", "610999101000", "510999101203", 610999101203, "6109991012٠3", None],
    "registration_region": ["510999101203", "0", None],
    "address": ["松坪村一组", " 一组", "一组（东）", "", None, "x" * 201],
    "lifted_year": [2018, 2012, 2021, True, "2018", None],
    "is_lifted": [True, None, 1],
    "land_mu_hundredths": [0, 350, 10_000, 10_001, -1, 3.5, True, None],
    "valid_from": ["2024-06-11", "2024-06-12"],
    "members": [[], None, "x"],
}


def _numbers(dice: random.Random) -> Any:
    birth = (
        f"{dice.choice((1890, 1900, 1945, 1961, 1975, 1976, 2004, 2020, 2024))}{dice.choice(('0229', '0612', '1231'))}"
    )
    # Written out, for some of these days never were: 29 February 1900 has a good check digit and is no date.
    body = f"610999{birth}{dice.randrange(1000):03d}"
    good = body + ric.calc_check_digit(body + "0")
    return dice.choice((good, good, good, good[:17] + "0", good.lower(), good[:-1], f" {good}", None, 5))


def _spoiled(dice: random.Random) -> dict[str, Any]:
    household = copy.deepcopy(plain())
    for _ in range(dice.choice((1, 1, 2, 3))):
        if dice.random() < 0.2:
            name = dice.choice(list(HOUSEHOLD))
            household[name] = dice.choice(HOUSEHOLD[name])
        elif isinstance(household["members"], list) and household["members"]:
            member = dice.choice(household["members"])
            name = dice.choice([*PERSON, "identity_number", "identity_number"])
            member[name] = _numbers(dice) if name == "identity_number" else dice.choice(PERSON[name])
    return household


def test_a_plain_household_passes():
    assert Sieve(SETTING).pass_household(plain())


@pytest.mark.parametrize("seed", range(8))
def test_what_passes_has_no_error_no_doubt_and_reads_as_it_was_written(seed: int):
    dice, sieve = random.Random(seed), Sieve(SETTING)
    passed = 0
    for _ in range(400):
        household = _spoiled(dice)
        document = orjson.dumps(household)
        if not sieve.pass_household(orjson.loads(document)):
            continue
        passed += 1
        body = read_household(Piece(1, document), SETTING)
        assert not isinstance(body, list), (seed, body)
        verdict = judge_registration(body, today=TODAY, thresholds=SETTING.thresholds)
        assert (verdict.errors, verdict.doubts) == ((), ()), household
        said = [(one["name"], one["identity_number"], one.get("phone")) for one in household["members"]]
        read = [(m.name, m.identity_number.value, m.phone.value if m.phone else None) for m in body.members]
        assert read == said
        assert (body.address, body.national_no) == (household.get("address"), household.get("national_no"))
    assert passed > 40, "a sieve that lets nothing through would prove nothing"
