"""Tell one household's story: who they are, what they earn, what departments say of them, and what must come of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from random import Random
from typing import Any, Final

from deploy.sample.families import Family
from deploy.sample.model import Firing, Household, Income, Person, Row, Spoil
from deploy.sample.moments import Moments
from deploy.sample.registrar import Registrar
from services.monitoring.codes.income import IncomeLineKind

LINE_FEN: Final = 792_000
"""The monitoring line of 2024 in the sample county: 60 % of 13,200 元, above the province's 7,500 元."""

WORKS: Final = frozenset({"skilled", "ordinary", "weak"})
_COMFORT_FEN: Final = (100_000, 600_000)  # how far above the line an untroubled household lies, a person


class Tale:
    """A story in the making; ``home`` comes first."""

    def __init__(self, rng: Random, registrar: Registrar, moments: Moments, index: int, region: int) -> None:
        self.rng, self.registrar, self.moments = rng, registrar, moments
        self.place, self._region = index, region
        self.family = Family(rng, registrar, moments, index)
        self.household: Household

    def home(
        self, *, lifted: bool = False, resettled: bool = False, skip: Iterable[str] = (), net: bool = True
    ) -> Household:
        """Settle the family: a couple with a pupil, unless somebody was born into it before.

        Departments have their rows about everybody, except in the datasets of ``skip``.
        """
        if not self.family.persons:
            self.family.head()
            self.family.spouse()
            self.family.child(self.rng.randint(6, 13))
        self.household = self.family.household(self.place, self._region, lifted=lifted, resettled=resettled)
        left_out = set(skip)
        if "medical.insurance" not in left_out:
            self.insured(*self.persons)
        if "education.status" not in left_out:
            self.at_school(*(person for person in self.persons if self.is_pupil(person)))
        if "work.status" not in left_out:
            self.at_work(*(person for person in self.persons if person.labour in WORKS))
        if resettled and "reform.resettlement" not in left_out:
            self.row("reform.resettlement", self.head, event_date=self.moments.quarter_end, employed_count=1)
        if net:
            self.comfortable()
        return self.household

    @property
    def persons(self) -> list[Person]:
        return self.household.persons

    @property
    def head(self) -> Person:
        return self.household.persons[0]

    @property
    def other(self) -> Person:
        """The second member."""
        return self.household.persons[1]

    @staticmethod
    def is_pupil(person: Person) -> bool:
        stage = person.stage or ""
        return stage == "primary" or stage.startswith("junior")

    def row(self, batch: str, person: Person, *, spoil: Spoil | None = None, **values: Any) -> None:
        """What a department writes of a person; nothing for somebody without a number."""
        number = person.number
        if spoil is Spoil.STRANGER:
            number = self.registrar.number(date(1970, 1, 1 + self.rng.randrange(28)), male=person.is_male)
        if number is not None:
            self.household.rows.append(Row(batch, person, values, number, spoil))

    def fires(self, rule: str, person: Person | None = None) -> None:
        """This rule must fire."""
        self.household.fires.add(Firing(rule, person.id if person else None))

    def silent(self, rule: str, why: str, person: Person | None = None) -> None:
        """This rule must not fire, although it nearly would."""
        self.household.silent.append((Firing(rule, person.id if person else None), why))

    def insured(self, *persons: Person, status: str = "insured") -> None:
        """Rows of the list of the insured."""
        year = self.moments.on.year
        for person in persons:
            day = max(date(year, 1, 5), person.born)
            self.row("medical.insurance", person, event_date=day, insured_year=year, insurance_status=status)

    def at_school(self, *persons: Person, status: str = "enrolled") -> None:
        """Rows of the school roll."""
        for person in persons:
            self.row("education.status", person, event_date=date(self.moments.on.year, 3, 1), school_status=status)

    def at_work(self, *persons: Person) -> None:
        """Rows of people who work."""
        for person in persons:
            self.row("work.status", person, event_date=self.moments.month_end(), is_working=True)

    def jobless(self, *persons: Person, months: int) -> None:
        """Rows of people who last worked so many whole months before the present one."""
        for person in persons:
            self.row(
                "work.status", person, event_date=self.moments.month_end(), is_working=False,
                last_work_month=self.moments.month(months + 1),
            )  # fmt: skip

    def comfortable(self) -> None:
        """Incomes well above the line in every window."""
        people = len(self.persons)
        self.net(self.moments.recent, people * (LINE_FEN + self.rng.randint(*_COMFORT_FEN)))
        annual = people * (LINE_FEN + self.rng.randint(*_COMFORT_FEN))
        self.net(self.moments.yearly, annual)
        self.net(self.moments.year_before, annual * 9 // 10)

    def net(self, on: date, fen: int) -> None:
        """A net income of exactly ``fen`` on a day: wages, crops, and what the crops cost."""
        wage, cost = fen * 6 // 10, 50_000
        self.income(IncomeLineKind.WAGE_OUTSIDE_WORK, wage, on, self.head)
        self.income(IncomeLineKind.OPERATING_CROPS, fen - wage + cost, on)
        self.income(IncomeLineKind.EXPENSE_CROPS, cost, on)

    def income(self, kind: IncomeLineKind, fen: int, on: date, person: Person | None = None) -> None:
        """One line of income or cost."""
        id_ = self.registrar.new_id(self.rng, self.place)
        self.household.incomes.append(Income(id_, kind, fen, on, person.id if person else None))
