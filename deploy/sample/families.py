"""Compose households that are consistent: ages fit relations, pupils are no labour, elders are parents."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from deploy.sample.model import Household, Person
from deploy.sample.moments import Moments
from deploy.sample.names import full_name, minority_name, surname
from deploy.sample.registrar import Registrar

NO_NUMBER: Final = "新生儿尚未办理户口"
VALID_FROM: Final = "2021-01-01"


class Family:
    """Builds one household's members with a generator of random numbers of its own."""

    def __init__(self, rng: Random, registrar: Registrar, moments: Moments, place: int) -> None:
        self.rng, self.registrar, self.moments, self.place = rng, registrar, moments, place
        self.surname = surname(rng)
        self.is_minority = rng.random() < 0.08
        self.persons: list[Person] = []

    def head(self, *, age: int | None = None, labour: str | None = "ordinary", male: bool = True) -> Person:
        """户主."""
        return self._add("02", age or self.rng.randint(32, 50), male=male, labour=labour)

    def spouse(self, *, age: int | None = None, labour: str | None = "ordinary") -> Person:
        head = self.persons[0]
        years = age or self._age(head) - self.rng.randint(0, 4)
        return self._add("11" if not head.is_male else "12", years, male=not head.is_male, labour=labour)

    def child(self, school_age: int, *, male: bool | None = None) -> Person:
        """A child by its completed years on the 31 August before the school year; from 6 on a pupil."""
        is_male = self.rng.random() < 0.5 if male is None else male
        year = self.moments.update()[1].year - school_age
        born = date(year, 8, 31) - timedelta(days=self.rng.randint(40, 330))
        return self._born(born, "20" if is_male else "30", male=is_male, labour=None, stage=stage_of(school_age))

    def newborn(self, days: int, *, has_number: bool = True) -> Person:
        is_male = self.rng.random() < 0.5
        born = self.moments.ago(days)
        stage = "before_school"
        relation = "20" if is_male else "30"
        return self._born(born, relation, male=is_male, labour=None, stage=stage, has_number=has_number)

    def parent(self, *, male: bool | None = None, has_number: bool = True) -> Person:
        """An elder of the head; a mother by default half the time."""
        is_male = self.rng.random() < 0.5 if male is None else male
        age = max(60, self._age(self.persons[0]) + self.rng.randint(22, 30))
        relation = "51" if is_male else "52"
        return self._add(relation, age, male=is_male, labour="none", has_number=has_number)

    def household(self, index: int, region: int, *, lifted: bool, resettled: bool) -> Household:
        """The household of these members."""
        more: dict[str, Any] = {"valid_from": VALID_FROM, "address": f"{self.rng.randint(1, 9)}组"}
        if lifted:
            more["lifted_year"] = self.rng.randint(2016, 2020)
        more["land_mu_hundredths"] = self.rng.randint(50, 1500)
        id_ = self.registrar.new_id(self.rng, self.place)
        return Household(index, id_, region, lifted, resettled, self.persons, more=more)

    def _age(self, person: Person) -> int:
        return self.moments.on.year - person.born.year

    def _add(self, relation: str, age: int, *, male: bool, labour: str | None, has_number: bool = True) -> Person:
        born = date(self.moments.on.year - age, 1, 1) + timedelta(days=self.rng.randrange(365))
        return self._born(born, relation, male=male, labour=labour, stage=None, has_number=has_number)

    def _born(
        self, born: date, relation: str, *, male: bool, labour: str | None, stage: str | None, has_number: bool = True
    ) -> Person:
        name = minority_name(self.rng) if self.is_minority else self._named(relation, male=male)
        number = self.registrar.number(born, male=male) if has_number else None
        more: dict[str, Any] = {"is_insured": True}
        if stage is None:
            more["education"] = self.rng.choice(("70", "80", "60"))
        if number is None:
            more["no_number_reason"] = NO_NUMBER if stage else "从未办理身份证，正在补办"
        if labour in ("ordinary", "skilled"):
            more["phone"] = f"199{self.rng.randrange(10**8):08d}"
        person = Person(self._id(), name, number, born, male, relation, labour, stage, more)
        self.persons.append(person)
        return person

    def _named(self, relation: str, *, male: bool) -> str:
        family = surname(self.rng) if relation in ("12", "52", "11") else self.surname
        return full_name(self.rng, family, male=male)

    def _id(self) -> UUID:
        return self.registrar.new_id(self.rng, self.place)


def stage_of(school_age: int) -> str:
    """The stage at school of a child of that age at the start of the school year."""
    if school_age < 6:
        return "preschool" if school_age >= 3 else "before_school"
    if school_age < 12:
        return "primary"
    return f"junior_high_{school_age - 11}" if school_age < 15 else f"senior_high_{min(school_age - 14, 3)}"
