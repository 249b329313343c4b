"""Say which answer to each guarantee holds on a day, which are unsolved, and which nobody has checked (clause B7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.monitoring.codes.monitoring import GuaranteeAnswer, GuaranteeItem


@dataclass(frozen=True, slots=True)
class Check:
    """One check as it decides.

    :param recorded_at: settles which of two checks of one day holds: the one recorded later.
    """

    id: UUID
    item: GuaranteeItem
    answer: GuaranteeAnswer
    checked_on: date
    source: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Guarantees:
    """The guarantees of one household on a day.

    :param answers: the check that holds, by item; items that nobody checked are absent.
    """

    answers: Mapping[GuaranteeItem, Check]

    @property
    def failed(self) -> tuple[GuaranteeItem, ...]:
        """未解决: items whose answer is no, in the order of the form."""
        return tuple(
            item for item in GuaranteeItem if item in self.answers and self.answers[item].answer is GuaranteeAnswer.NO
        )

    @property
    def missing(self) -> tuple[GuaranteeItem, ...]:
        """Items without an answer. They are not failed: nobody has looked."""
        return tuple(item for item in GuaranteeItem if item not in self.answers)

    @property
    def all_hold(self) -> bool:
        """Every item was checked and none is unsolved."""
        return not self.failed and not self.missing


def latest(checks: Iterable[Check], *, on: date) -> Guarantees:
    """The guarantees on ``on`` from the active checks of one household; later ones are left out."""
    answers: dict[GuaranteeItem, Check] = {}
    for check in sorted(checks, key=lambda one: (one.checked_on, one.recorded_at, one.id)):
        if check.checked_on <= on:
            answers[check.item] = check
    return Guarantees(answers)
