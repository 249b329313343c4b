"""Read what departments' records say of a household's guarantees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.contracts.departments import DEPARTMENTS
from services.monitoring.datasets.tables import DepartmentRecord
from services.monitoring.guarantees.rules.proposing import DATASETS, HOUSES, WATER, DepartmentFact, Proposal, proposals
from services.monitoring.guarantees.schemas import GuaranteeProposal
from services.monitoring.households.rules.dates import age_on
from services.monitoring.households.tables import Person
from services.monitoring.parameters import RULE_PREFIX, book_of

_RECORD: Final = rows(DepartmentRecord)
_PERSON: Final = rows(Person)
_AGE_MIN, _AGE_MAX = RULE_PREFIX + "school_age_min_years", RULE_PREFIX + "school_age_max_years"

_SHOWN: Final[Mapping[str, Sequence[str]]] = {
    HOUSES: ("house_grade", "is_only_house", "repaired_on"),
    WATER: ("water_quality", "days_off", "restored_on"),
}
"""Columns shown as evidence. Whose schooling or insurance it is that fails may tell of health, so those show none."""


async def proposals_of(unit: UnitOfWork, household_id: UUID, *, on: date) -> list[GuaranteeProposal]:
    """What records in force on ``on`` say, at most one answer an item."""
    area = unit.area
    records = await unit.connection.execute(
        select(_RECORD).where(
            _RECORD.c.household_id == household_id,
            _RECORD.c.dataset.in_(list(DATASETS)),
            _RECORD.c.region.between(area.lo, area.hi),
            _RECORD.c.state == "in_force",
            _RECORD.c.event_date <= on,
        )
    )
    facts = [DepartmentFact(row.id, row.dataset, row.person_id, row.event_date, row.payload) for row in records]
    if not facts:
        return []
    members = (
        await unit.connection.execute(
            select(_PERSON.c.id, _PERSON.c.birth_date, _PERSON.c.region).where(
                _PERSON.c.household_id == household_id,
                _PERSON.c.region.between(area.lo, area.hi),
                _PERSON.c.state == "active",
            )
        )
    ).all()
    pupils = await _pupils(unit, members, on) if members else set()
    made = proposals(facts, members={row.id for row in members}, pupils=pupils, year=on.year)
    return [_shown(one) for one in made]


async def _pupils(unit: UnitOfWork, members: Sequence[Any], on: date) -> set[UUID]:
    """Who has to go to school: by the area's ages."""
    region = members[0].region
    book = await book_of(unit, region)
    least, most = (book.integer(key, region=region, on=on) for key in (_AGE_MIN, _AGE_MAX))
    return {row.id for row in members if least <= age_on(row.birth_date, on) <= most}


def _shown(one: Proposal) -> GuaranteeProposal:
    contract = next(known for known in load_contracts() if known.code == one.fact.dataset)
    return GuaranteeProposal(
        item=one.item,
        answer=one.answer,
        checked_on=one.fact.on,
        source=f"{DEPARTMENTS[contract.department].zh}：{contract.title.zh}",
        record_id=one.fact.id,
        dataset=one.fact.dataset,
        evidence={name: one.fact.payload.get(name) for name in _SHOWN.get(one.fact.dataset, ())},
    )
