"""Households without trouble, of many kinds, and rows about them that go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from deploy.sample.model import Person, Spoil
from deploy.sample.moments import Moments
from deploy.sample.tale import Tale


def couple_with_pupils(tale: Tale) -> None:
    tale.family.head()
    tale.family.spouse()
    for _ in range(tale.rng.randint(1, 2)):
        tale.family.child(tale.rng.randint(6, 14))


def three_generations(tale: Tale) -> None:
    tale.family.head(labour="skilled")
    tale.family.spouse(labour="weak")
    tale.family.child(tale.rng.randint(0, 17))
    tale.family.parent()


def elders(tale: Tale) -> None:
    tale.family.head(age=tale.rng.randint(66, 88), labour="none")
    if tale.rng.random() < 0.7:
        tale.family.spouse(age=tale.rng.randint(64, 86), labour="none")


def single(tale: Tale) -> None:
    tale.family.head(age=tale.rng.randint(25, 58), male=tale.rng.random() < 0.7)


def couple_with_newborn(tale: Tale) -> None:
    """The child has no number yet, so nobody's file can name it."""
    tale.family.head(age=30)
    tale.family.spouse(age=28)
    tale.family.newborn(tale.rng.randint(3, 45), has_number=False)


def elder_without_number(tale: Tale) -> None:
    tale.family.head()
    tale.family.spouse()
    tale.family.parent(has_number=False)


_KINDS: Final[tuple[Callable[[Tale], None], ...]] = (
    couple_with_pupils, three_generations, couple_with_pupils, elders, three_generations, single, couple_with_pupils,
    couple_with_newborn, three_generations, elder_without_number,
)  # fmt: skip

Alarm = Callable[[Moments, int], Mapping[str, Any]]

_ALARMS: Final[tuple[tuple[str, str, Alarm], ...]] = (
    ("R02", "medical.annual_self_pay", lambda m, _: {"event_date": m.month(), "self_pay_fen": 9_000_000}),
    ("R03", "medical.stays", lambda m, i: {
        "event_date": m.ago(14), "stay_no": f"ZY{i:06d}9", "stay_self_pay_fen": 4_000_000}),
    ("R04", "medical.outpatient", lambda m, _: {"event_date": m.month(), "outpatient_self_pay_fen": 90_000}),
    ("R12", "water.supply", lambda m, _: {"event_date": m.ago(60), "days_off": 45}),
    ("R13", "emergency.disasters", lambda m, _: {
        "event_date": m.ago(18), "disaster_kind": "storm", "house_damage": "collapsed"}),
    ("R20", "finance.credit", lambda m, i: {
        "event_date": m.month_end(), "loan_no": f"XD2022-{i:06d}", "credit_days_overdue": 120}),
    ("R26", "petitions.calls", lambda m, i: {
        "event_date": m.ago(5), "call_no": f"12317-{i:06d}9", "petition_category": "hardship"}),
    ("R11", "housing.appraisals", lambda m, _: {
        "event_date": m.ago(25), "house_no": "1", "house_grade": "D", "is_only_house": True}),
    ("R18", "civil.temporary_aid", lambda m, i: {
        "event_date": m.ago(9), "payment_no": f"LS{i:06d}9", "temporary_aid_fen": 700_000}),
)  # fmt: skip
"""Rows that would raise a clue, if they were about the person whom they seem to name."""

_SPOILS: Final = tuple(spoil for spoil in Spoil if spoil is not Spoil.OTHER_PERIOD)
_WRONG_PERIOD_TURN: Final = 20  # one untroubled household in so many is in the file of the wrong month
_SPOILT_SHARE: Final = 0.3
_WHY: Final = {
    Spoil.DIGITS_LOST: "the ID number lost its digits",
    Spoil.CHECK_DIGIT: "the ID number fails its check digit",
    Spoil.NO_NAME: "the row has no name",
    Spoil.NAME_DIFFERS: "the number belongs to somebody of another name",
    Spoil.STRANGER: "nobody of the registry has this number",
    Spoil.OTHER_COUNTY: "the row names another county",
}


def untroubled(tale: Tale) -> None:
    """A household that no rule touches; three in ten have a row that would, had it not been spoilt."""
    _KINDS[tale.place % len(_KINDS)](tale)
    is_lifted = tale.rng.random() < 0.25
    tale.home(lifted=is_lifted, resettled=is_lifted and tale.rng.random() < 0.3 and _has_labour(tale.family.persons))
    if tale.place % _WRONG_PERIOD_TURN == 0:
        _in_the_file_of_the_wrong_month(tale)
    elif tale.rng.random() < _SPOILT_SHARE:
        rule, batch, alarm = tale.rng.choice(_ALARMS)
        spoil = tale.rng.choice(_SPOILS)
        tale.row(batch, tale.head, spoil=spoil, **alarm(tale.moments, tale.place))
        tale.silent("R01" if rule == "R02" and is_lifted else rule, _WHY[spoil], tale.head)


def _in_the_file_of_the_wrong_month(tale: Tale) -> None:
    tale.row(
        "finance.credit@wrong", tale.head, spoil=Spoil.OTHER_PERIOD, event_date=tale.moments.month_end(2),
        loan_no=f"XD2022-{tale.place:06d}", credit_days_overdue=90,
    )  # fmt: skip
    tale.silent("R20", "its file was handed in under the wrong month", tale.head)


def _has_labour(persons: list[Person]) -> bool:
    return any(person.labour in ("skilled", "ordinary") for person in persons)
