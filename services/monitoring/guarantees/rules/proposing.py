"""What departments' records say of a household's guarantees, so that nobody asks or types it again (clause B7)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from services.monitoring.codes.monitoring import GuaranteeAnswer, GuaranteeItem

HOUSES, WATER, INSURANCE, SCHOOL = "housing.appraisals", "water.supply", "medical.insurance", "education.status"
DATASETS: Final = {
    HOUSES: GuaranteeItem.HOUSING,
    WATER: GuaranteeItem.WATER,
    INSURANCE: GuaranteeItem.BASIC_MEDICAL,
    SCHOOL: GuaranteeItem.COMPULSORY_EDUCATION,
}
"""Departments' files that a guarantee can be read from; food and clothing are seen at home alone."""

_UNSAFE: Final = frozenset({"C", "D"})
_INSURED: Final = frozenset({"insured", "insured_elsewhere"})


@dataclass(frozen=True, slots=True)
class DepartmentFact:
    """A department's record in force, with the columns of its contract."""

    id: UUID
    dataset: str
    person_id: UUID
    on: date
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that a record gives; ``fact`` is the record that decided it."""

    item: GuaranteeItem
    answer: GuaranteeAnswer
    fact: DepartmentFact


def proposals(
    facts: Iterable[DepartmentFact], *, members: Collection[UUID], pupils: Collection[UUID], year: int
) -> tuple[Proposal, ...]:
    """At most one answer for each item; where a member's record is lacking, nothing is claimed for all.

    :param members: who lives in the household; ``pupils``: those of them who have to go to school.
    :param year: for which insurance has to be in force.
    """
    by_dataset: dict[str, list[DepartmentFact]] = {dataset: [] for dataset in DATASETS}
    for fact in sorted(facts, key=lambda one: (one.on, one.id)):
        by_dataset[fact.dataset].append(fact)
    insured = [fact for fact in by_dataset[INSURANCE] if _integer(fact.payload.get("insured_year")) == year]
    found = (
        _houses(by_dataset[HOUSES]),
        _water(by_dataset[WATER]),
        _of_each(insured, members, lambda fact: fact.payload.get("insurance_status") in _INSURED),
        _of_each(by_dataset[SCHOOL], pupils, lambda fact: fact.payload.get("school_status") != "dropped_out"),
    )
    return tuple(sorted((one for one in found if one is not None), key=lambda one: _ORDER[one.item]))


def _houses(facts: Sequence[DepartmentFact]) -> Proposal | None:
    """No sole house of grade C or D that nobody repaired; the latest appraisal of a house counts."""
    houses = {(fact.person_id, fact.payload.get("house_no")): fact for fact in facts}.values()
    unsafe = [fact for fact in houses if _is_unsafe(fact.payload)]
    return _told(unsafe, houses)


def _is_unsafe(payload: Mapping[str, Any]) -> bool:
    repaired = payload.get("repaired_on") is not None
    return payload.get("house_grade") in _UNSAFE and payload.get("is_only_house") is True and not repaired


def _water(facts: Sequence[DepartmentFact]) -> Proposal | None:
    """Neither failed in quality nor still cut off, by the last word about the household."""
    last = facts[-1:]
    bad = [fact for fact in last if fact.payload.get("water_quality") == "fail" or _is_cut_off(fact.payload)]
    return _told(bad, last)


def _is_cut_off(payload: Mapping[str, Any]) -> bool:
    return (_integer(payload.get("days_off")) or 0) > 0 and payload.get("restored_on") is None


def _of_each(
    facts: Sequence[DepartmentFact], persons: Collection[UUID], holds: Callable[[DepartmentFact], bool]
) -> Proposal | None:
    """A no of one person is the household's; a yes needs everybody's."""
    known = {fact.person_id: fact for fact in facts if fact.person_id in persons}
    failing = [fact for fact in known.values() if not holds(fact)]
    if not failing and len(known) < len(persons):
        return None
    return _told(failing, known.values())


def _told(failing: Collection[DepartmentFact], known: Collection[DepartmentFact]) -> Proposal | None:
    def newest(facts: Iterable[DepartmentFact]) -> DepartmentFact:
        return max(facts, key=lambda one: (one.on, one.id))

    if failing:
        fact = newest(failing)
        return Proposal(DATASETS[fact.dataset], GuaranteeAnswer.NO, fact)
    if not known:
        return None
    fact = newest(known)
    return Proposal(DATASETS[fact.dataset], GuaranteeAnswer.YES, fact)


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)


_ORDER: Final = {item: place for place, item in enumerate(GuaranteeItem)}
