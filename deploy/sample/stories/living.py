"""House, water, disaster, accident, farm projects: R11 to R14 and R19."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from deploy.sample.tale import Tale

_HOUSE, _WATER, _DISASTER = "housing.appraisals", "water.supply", "emergency.disasters"
_ACCIDENT, _FARM = "traffic.accidents", "agriculture.losses"


def only_house_at_c(tale: Tale) -> None:
    _house(tale, "C", only=True)
    tale.fires("R11", tale.head)


def only_house_at_d(tale: Tale) -> None:
    _house(tale, "D", only=True)
    tale.fires("R11", tale.head)


def only_house_at_b(tale: Tale) -> None:
    _house(tale, "B", only=True)
    tale.silent("R11", "grade B is safe", tale.head)


def second_house_at_d(tale: Tale) -> None:
    _house(tale, "D", only=False)
    tale.silent("R11", "there is another house", tale.head)


def repaired_house(tale: Tale) -> None:
    _house(tale, "C", only=True, repaired_on=tale.moments.ago(3))
    tale.silent("R11", "repaired since", tale.head)


def water_off_31_days(tale: Tale) -> None:
    _water(tale, 50, days_off=31, restored_on=tale.moments.ago(19))
    tale.fires("R12", tale.head)


def water_off_30_days(tale: Tale) -> None:
    _water(tale, 50, days_off=30, restored_on=tale.moments.ago(20))
    tale.silent("R12", "30 days are not more than 30", tale.head)


def water_still_off(tale: Tale) -> None:
    _water(tale, 31, days_off=5)
    tale.fires("R12", tale.head)


def bad_water(tale: Tale) -> None:
    _water(tale, 9, days_off=0, water_quality="fail")
    tale.fires("R12", tale.head)


def good_water(tale: Tale) -> None:
    _water(tale, 9, days_off=0, water_quality="pass")
    tale.silent("R12", "the test was passed", tale.head)


def damaged_house(tale: Tale) -> None:
    _disaster(tale, "light", 100_000)
    tale.fires("R13", tale.head)


def disaster_loss_at_the_threshold(tale: Tale) -> None:
    _disaster(tale, "none", 1_000_000)
    tale.fires("R13", tale.head)


def disaster_loss_a_fen_below(tale: Tale) -> None:
    _disaster(tale, "none", 999_999)
    tale.silent("R13", "one fen below 10,000 and no damage", tale.head)


def serious_injury(tale: Tale) -> None:
    _accident(tale, "serious")
    tale.fires("R14", tale.other)


def minor_injury(tale: Tale) -> None:
    _accident(tale, "minor")
    tale.silent("R14", "a minor injury", tale.other)


def farm_loss_at_the_threshold(tale: Tale) -> None:
    _farm(tale, _FARM, 1_000_000)
    tale.fires("R19", tale.head)


def farm_loss_a_fen_below(tale: Tale) -> None:
    _farm(tale, _FARM, 999_999)
    tale.silent("R19", "one fen below 10,000", tale.head)


def farm_loss_told_late(tale: Tale) -> None:
    """A late row is still judged."""
    _farm(tale, f"{_FARM}@late", 1_500_000)
    tale.fires("R19", tale.head)


def _house(tale: Tale, grade: str, *, only: bool, repaired_on: date | None = None) -> None:
    tale.home()
    values: dict[str, Any] = {"house_no": "1", "house_grade": grade, "is_only_house": only}
    if repaired_on:
        values["repaired_on"] = repaired_on
    tale.row(_HOUSE, tale.head, event_date=tale.moments.ago(25), **values)


def _water(tale: Tale, ago: int, **values: Any) -> None:
    tale.home()
    tale.row(_WATER, tale.head, event_date=tale.moments.ago(ago), **values)


def _disaster(tale: Tale, damage: str, fen: int) -> None:
    tale.home()
    tale.row(
        _DISASTER, tale.head, event_date=tale.moments.ago(18), disaster_kind="flood", house_damage=damage,
        disaster_loss_fen=fen,
    )  # fmt: skip


def _accident(tale: Tale, injury: str) -> None:
    tale.home()
    tale.row(
        _ACCIDENT, tale.other, event_date=tale.moments.ago(11), accident_no=f"JG{tale.household.index:06d}",
        injury=injury, liability="none",
    )  # fmt: skip


def _farm(tale: Tale, batch: str, fen: int) -> None:
    tale.home()
    day = tale.moments.month(2).replace(day=9) if batch.endswith("@late") else tale.moments.ago(15)
    tale.row(batch, tale.head, event_date=day, project_kind="livestock", farm_loss_fen=fen, scale="120只")


STORIES: Final = (
    only_house_at_c, only_house_at_d, only_house_at_b, second_house_at_d, repaired_house, water_off_31_days,
    water_off_30_days, water_still_off, bad_water, good_water, damaged_house, disaster_loss_at_the_threshold,
    disaster_loss_a_fen_below, serious_injury, minor_injury, farm_loss_at_the_threshold, farm_loss_a_fen_below,
    farm_loss_told_late,
)  # fmt: skip
