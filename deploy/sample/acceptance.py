"""Households A, B and C of 松坪村, to the yuan: the story by which the whole platform is accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from deploy.sample.model import Person
from deploy.sample.tale import Tale
from services.monitoring.codes.income import IncomeLineKind as Kind


def household_a(tale: Tale) -> None:
    """Lifted in 2018, five people: the wife's treatment left 20,000 元 of self-pay (clause G 3)."""
    people = (
        _person(tale, "陈大山", "610999197403123010", "02", labour="ordinary", phone="13800001234"),
        _person(tale, "李秀兰", "610999197608053028", "12", labour="weak", health=["serious"]),
        _person(tale, "陈志远", "610999200609183013", "20", stage="vocational_2"),
        _person(tale, "陈小雨", "610999201302273043", "30", stage="primary"),
        _person(
            tale, "陈有福", "610999194801013059", "51", labour="none", health=["disabled"],
            disability_number="61099919480101305942",
        ),
    )  # fmt: skip
    tale.family.persons.extend(people)
    tale.home(lifted=True, net=False)
    tale.household.more |= {"lifted_year": 2018, "address": "松坪村一组", "national_no": "610999101203000001"}
    husband, wife, *_ = people
    tale.row("medical.annual_self_pay", wife, event_date=tale.moments.month(), self_pay_fen=2_000_000)
    months = [tale.moments.month(before) for before in range(1, 13)]
    for month in months:
        tale.income(Kind.WAGE_OUTSIDE_WORK, 210_000, month, husband)
    tale.income(Kind.OPERATING_CROPS, 800_000, tale.moments.recent)
    tale.income(Kind.OPERATING_LIVESTOCK, 480_000, tale.moments.recent)
    tale.income(Kind.PROPERTY_LAND_TRANSFER, 120_000, tale.moments.recent)
    tale.income(Kind.TRANSFER_DISABILITY, 120_000, tale.moments.recent, people[4])
    tale.income(Kind.TRANSFER_PENSION, 520_000, tale.moments.recent, people[4])
    tale.income(Kind.EXPENSE_CROPS, 560_000, tale.moments.recent)
    tale.income(Kind.SELF_PAY_MEDICAL, 2_000_000, tale.moments.recent, wife)
    first, last = tale.moments.update()
    told = sum(210_000 for month in months if first <= month <= last)
    tale.net(tale.moments.yearly, 5 * 802_000 - told)
    tale.fires("R01", wife)
    tale.fires("R22")
    tale.silent("R21", "8,020 a person in the yearly update")


def household_b(tale: Tale) -> None:
    """Ordinary, four people, 7,700 元 each: below the county's line, above the province's."""
    tale.family.head(age=41)
    tale.family.spouse(age=39)
    tale.family.child(11)
    tale.family.child(8)
    tale.home(net=False)
    tale.net(tale.moments.recent, 3_080_000)
    tale.net(tale.moments.yearly, 4 * 800_000)
    tale.silent("R21", "the yearly update still shows 8,000 a person")


def household_c(tale: Tale) -> None:
    """Lifted, two people of 74 and 72 without labour, 6,900 元 each."""
    tale.family.head(age=74, labour="none")
    tale.family.spouse(age=72, labour="none")
    tale.home(lifted=True, net=False)
    tale.net(tale.moments.recent, 1_380_000)
    tale.net(tale.moments.yearly, 2 * 800_000)
    tale.silent("R15", "nobody is fit for work")


STORIES: Final[tuple[Callable[[Tale], None], ...]] = (household_a, household_b, household_c)


def _person(
    tale: Tale, name: str, number: str, relation: str, *, labour: str | None = None, stage: str | None = None,
    **more: object,
) -> Person:  # fmt: skip
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    told = {"is_insured": True} | ({} if stage else {"education": "70"}) | more
    id_ = tale.registrar.new_id(tale.rng, tale.place)
    return Person(id_, name, number, born, int(number[16]) % 2 == 1, relation, labour, stage, told)
