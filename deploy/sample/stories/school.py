"""School: R08 and R09."""

from __future__ import annotations

from typing import Final

from deploy.sample.model import Person
from deploy.sample.tale import Tale

_COST: Final = "education.costs"


def child_dropped_out(tale: Tale) -> None:
    child = _with_child(tale, 10)
    tale.at_school(child, status="dropped_out")
    tale.fires("R08", child)


def child_at_school_elsewhere(tale: Tale) -> None:
    child = _with_child(tale, 10)
    tale.at_school(child, status="enrolled_elsewhere")
    tale.silent("R08", "enrolled in another county", child)


def child_taught_at_home(tale: Tale) -> None:
    child = _with_child(tale, 9)
    tale.at_school(child, status="home_teaching")
    tale.silent("R08", "taught at home", child)


def child_exempt(tale: Tale) -> None:
    child = _with_child(tale, 12)
    tale.at_school(child, status="exempt_medical")
    tale.silent("R08", "exempt for health", child)


def left_school_past_the_age(tale: Tale) -> None:
    child = _with_child(tale, 16)
    tale.at_school(child, status="dropped_out")
    tale.silent("R08", "older than 15", child)


def dear_school_year(tale: Tale) -> None:
    child = _with_child(tale, 16)
    _cost(tale, child, "senior", 1_000_000)
    tale.fires("R09", child)


def school_year_a_fen_below(tale: Tale) -> None:
    child = _with_child(tale, 16)
    _cost(tale, child, "senior", 999_999)
    tale.silent("R09", "one fen below 10,000", child)


def dear_compulsory_school(tale: Tale) -> None:
    child = _with_child(tale, 13)
    tale.at_school(child)
    _cost(tale, child, "junior", 1_500_000)
    tale.silent("R09", "compulsory schooling does not count", child)


def _with_child(tale: Tale, school_age: int) -> Person:
    tale.family.head()
    tale.family.spouse()
    child = tale.family.child(school_age)
    tale.home(skip=["education.status"])
    return child


def _cost(tale: Tale, child: Person, stage: str, fen: int) -> None:
    year = tale.moments.on.year
    tale.row(
        _COST, child, event_date=tale.moments.month(3).replace(day=10), school_year=year - 1, study_stage=stage,
        school_net_cost_fen=fen,
    )  # fmt: skip


STORIES: Final = (
    child_dropped_out, child_at_school_elsewhere, child_taught_at_home, child_exempt, left_school_past_the_age,
    dear_school_year, school_year_a_fen_below, dear_compulsory_school,
)  # fmt: skip
