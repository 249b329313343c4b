"""Make the sample county from a size, a seed and a business date; the same three give the same county, always."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from deploy.sample import acceptance
from deploy.sample.model import Household, Place, SampleOfficer
from deploy.sample.moments import Moments
from deploy.sample.officers import officers
from deploy.sample.ordinary import untroubled
from deploy.sample.places import VILLAGE, places, villages
from deploy.sample.registrar import Registrar
from deploy.sample.stories import STORIES
from deploy.sample.tale import Tale

ROUND: Final = 200
"""Of so many households in a row each story is told once; the others are untroubled."""


@dataclass(frozen=True)
class County:
    """The county, made household by household when it is asked for, so that its size costs no memory."""

    size: int
    seed: int
    moments: Moments
    places: list[Place] = field(repr=False)
    officers: list[SampleOfficer] = field(repr=False)

    def households(self) -> Iterator[Household]:
        """Every household in order. Each call tells the same county anew."""
        registrar = Registrar(self.moments.on)
        homes = villages(self.places)
        for index in range(self.size):
            rng = Random(f"{self.seed}/{index}")  # noqa: S311 - a story, no secret
            region = VILLAGE if index < len(acceptance.STORIES) else homes[index % len(homes)]
            tale = Tale(rng, registrar, self.moments, index, region)
            _tell(tale, index)
            yield tale.household


def generate(households: int, seed: int, on: date) -> County:
    """The sample county of so many households.

    :raises DayOutside: for a business date on which its story does not hold.
    :raises ValueError: for fewer households than the acceptance story has.
    """
    if households < len(acceptance.STORIES):
        raise ValueError(f"a sample county has at least {len(acceptance.STORIES)} households")
    found = places(households)
    return County(households, seed, Moments(on), found, officers(found))


def _tell(tale: Tale, index: int) -> None:
    if index < len(acceptance.STORIES):
        acceptance.STORIES[index](tale)
        return
    turn = (index - len(acceptance.STORIES)) % ROUND
    if turn < len(STORIES):
        STORIES[turn](tale)
    else:
        untroubled(tale)
