"""Bring what a file says of known households into the registry: only what differs, the state before kept.

What a file leaves out stays as it is, and a member whom it does not name stays where they are: an import never takes
anybody out of a household, moves a household or corrects a number, because those are decisions of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message
from chassis.identifiers import new_id
from chassis.jobs.import_model import Fate
from chassis.security.vault import Vault
from services.monitoring.households.actions.register import NewPerson, number_rows, person_values
from services.monitoring.households.doubts import Doubt
from services.monitoring.households.importing.documents import read_household
from services.monitoring.households.importing.findings import renew_many
from services.monitoring.households.importing.model import Piece, Setting, refusal_of
from services.monitoring.households.importing.outcomes import Outcome
from services.monitoring.households.judge import judge_standing
from services.monitoring.households.numbers import HOUSEHOLD, PERSON, open_sealed, seal
from services.monitoring.households.rules.states import fault
from services.monitoring.households.schemas import HouseholdCreate, PersonCreate
from services.monitoring.households.standing import living_members
from services.monitoring.households.supported import support_of
from services.monitoring.households.tables import Household, Person, PersonNumber
from services.monitoring.households.versions import Change, Versions, columns_of, tell_household, tell_person

_HOUSEHOLD: Final = rows(Household)
_PERSON: Final = rows(Person)
_NUMBER: Final = rows(PersonNumber)
_HOUSEHOLD_FIELDS: Final = frozenset(
    {"registration_region", "national_no", "address", "is_lifted", "lifted_year", "is_resettled"}
    | {"land_mu_hundredths"}
)
_PERSON_FIELDS: Final = frozenset(
    {"name", "relation", "ethnicity", "marriage", "education", "school_stage", "labour_skill", "health"}
    | {"is_insured", "is_left_behind", "is_soldier", "national_no", "no_number_reason"}
)
_ELSEWHERE: Final = Message(
    "该户登记在另一个村，请办理迁移，或核对区划代码。",
    "The household stands in another village; move it, or check the division code.",
)
_NUMBER_DIFFERS: Final = Message(
    "与登记的身份证号不一致，请通过号码更正办理。",
    "The number differs from the one on record; correct it by the call for numbers.",
)
_NOBODY: Final = Message(
    "编号对应的户中没有这些成员，请核对。", "The household of this id or number has none of these members; check it."
)


@dataclass(frozen=True, slots=True, repr=False)
class Match:
    """A household of the file, and the one of the registry that it is.

    :param members: persons by their place in the file, found by number.
    """

    piece: Piece
    household: UUID
    members: Mapping[int, UUID]


@dataclass(slots=True, repr=False)
class _Plan:
    """What would become of one household."""

    match: Match
    row: Any
    household: Change
    persons: list[Change] = field(default_factory=list)
    newcomers: list[tuple[NewPerson, dict[str, Any]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return bool(self.household.fields or self.persons or self.newcomers)

    @property
    def outcome(self) -> Outcome:
        fate = Fate.UPDATED if self.differs else Fate.UNCHANGED
        return Outcome(
            fate, self.match.household, persons_created=len(self.newcomers), persons_updated=len(self.persons)
        )


async def update_known(unit: UnitOfWork, matches: Sequence[Match], setting: Setting) -> dict[UUID, Outcome]:
    """Compare and change; a few statements for all of them. Two matches never mean one household.

    Returns what became of each, by household.
    """
    ids = [match.household for match in matches]
    found = await unit.connection.execute(
        select(_HOUSEHOLD)
        .where(_HOUSEHOLD.c.id.in_(ids), _HOUSEHOLD.c.region.between(unit.area.lo, unit.area.hi))
        .order_by(_HOUSEHOLD.c.id)
        .with_for_update()
    )
    households = {row.id: row for row in found}
    members: dict[UUID, list[Any]] = {one: [] for one in ids}
    for row in await living_members(unit, ids, lock=True):
        members[row.household_id].append(row)
    setting = replace(setting, support=await support_of(unit, ids))
    plans, outcomes = await asyncio.to_thread(_plan_all, unit, matches, households, members, setting)
    changed = [plan for plan in plans if plan.differs]
    if changed:
        await _write(unit, changed)
    return outcomes | {plan.match.household: plan.outcome for plan in plans}


def _plan_all(
    unit: UnitOfWork,
    matches: Sequence[Match],
    households: Mapping[UUID, Any],
    members: Mapping[UUID, Sequence[Any]],
    setting: Setting,
) -> tuple[list[_Plan], dict[UUID, Outcome]]:
    plans, refused = [], {}
    for match in matches:
        body = read_household(match.piece, setting)
        if isinstance(body, list):
            refused[match.household] = Outcome(Fate.IGNORED, match.household, body)
            continue
        plan = _plan(unit, match, body, households[match.household], members[match.household], setting)
        if plan.faults:
            refusals = [refusal_of(match.piece, one) for one in plan.faults]
            refused[match.household] = Outcome(Fate.IGNORED, match.household, refusals)
        else:
            plans.append(plan)
    return plans, refused


def _plan(
    unit: UnitOfWork, match: Match, body: HouseholdCreate, row: Any, members: Sequence[Any], setting: Setting
) -> _Plan:
    vault = unit.vault
    on = max(row.valid_from, body.valid_from or setting.today)
    values = _given(body, _HOUSEHOLD_FIELDS)
    if body.phone and body.phone.value != _opened(vault, row, "contact_phone", HOUSEHOLD):
        values["contact_phone"] = seal(vault, body.phone, column="contact_phone", row=row.id, table=HOUSEHOLD)
    plan = _Plan(match, row, Change(row, values, on))
    if row.state != "active":
        plan.faults.append(fault("", "household_ended"))
        return plan
    if body.region != row.region:
        plan.faults.append(Fault("/region", "household_elsewhere", _ELSEWHERE))
        return plan
    by_id = {member.id: member for member in members}
    met: set[UUID] = set()
    for place, member in enumerate(body.members):
        known = by_id.get(match.members[place]) if place in match.members else _same(member, members, met)
        if known is None:
            newcomer = NewPerson(member.id or new_id(), member)
            home = {"id": row.id, "region": row.region, "valid_from": on}
            plan.newcomers.append((newcomer, person_values(unit, newcomer, home)))
            continue
        met.add(known.id)
        if place not in match.members and member.identity_number is not None:
            plan.faults.append(Fault(f"/members/{place}/identity_number", "number_differs", _NUMBER_DIFFERS))
            continue
        change = Change(known, _person_values(vault, member, known), max(known.valid_from, on))
        if change.fields:
            plan.persons.append(change)
    if not met:
        plan.faults.append(Fault("/members", "members_unknown", _NOBODY))
    if plan.newcomers:
        count = {"member_count": len(members) + len(plan.newcomers)}
        plan.household = Change(row, {**values, **count}, on)
    if plan.differs and not plan.faults:
        _check(plan, body, members, vault, setting)
    return plan


def _check(plan: _Plan, body: HouseholdCreate, members: Sequence[Any], vault: Vault, setting: Setting) -> None:
    """Judge the household as it would stand; its members are named by their place there."""
    if body.valid_from is not None and body.valid_from < plan.row.valid_from:
        plan.faults.append(fault("/valid_from", "change_before_the_last"))
    changes = {change.row.id: change.values for change in plan.persons}
    standing = [SimpleNamespace(**{**columns_of(member), **changes.get(member.id, {})}) for member in members]
    standing += [SimpleNamespace(**values) for _, values in plan.newcomers]
    household = SimpleNamespace(**{**columns_of(plan.row), **plan.household.values})
    verdict = judge_standing(
        household,
        standing,
        vault,
        today=setting.today,
        thresholds=setting.thresholds,
        known_areas=setting.known_areas,
        support=setting.support,
    )
    plan.faults += [Fault("/members", error.code, error.message) for error in verdict.errors]
    plan.doubts = verdict.doubts_of(standing)


async def _write(unit: UnitOfWork, plans: Sequence[_Plan]) -> None:
    versions = Versions(unit)
    changed = [plan for plan in plans if plan.household.fields]
    written = await versions.households([plan.household for plan in changed])
    now = {plan.match.household: plan.row for plan in plans} | {row.id: row for row in written}
    for plan, row in zip(changed, written, strict=True):
        tell_household(unit, "household.update", plan.household, row)
    persons = [(plan, change) for plan in plans for change in plan.persons]
    people = await versions.persons([change for _, change in persons])
    for (plan, change), row in zip(persons, people, strict=True):
        tell_person(unit, "person.update", change, row, now[plan.match.household])
    await _add(unit, [one for plan in plans for one in plan.newcomers], now, await versions.instant())
    await renew_many(unit, [(now[plan.match.household], plan.doubts) for plan in plans])


async def _add(
    unit: UnitOfWork, newcomers: Sequence[tuple[NewPerson, dict[str, Any]]], now: Mapping[UUID, Any], at: Any
) -> None:
    if not newcomers:
        return
    values = [{**one, "recorded_at": at} for _, one in newcomers]
    made = (await unit.connection.execute(insert(_PERSON).returning(_PERSON), values)).all()
    numbers = number_rows(unit, [newcomer for newcomer, _ in newcomers])
    if numbers:
        await unit.connection.execute(insert(_NUMBER), numbers)
    for person in made:
        tell_person(unit, "person.register", None, person, now[person.household_id])


def _given(body: HouseholdCreate | PersonCreate, fields: frozenset[str]) -> dict[str, Any]:
    """What the file really says: a column that is left out or empty changes nothing."""
    said = body.model_dump(include=set(fields & body.model_fields_set))
    return {name: _plain(value) for name, value in said.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value) if isinstance(value, str) else value


def _person_values(vault: Vault, member: PersonCreate, row: Any) -> dict[str, Any]:
    values = _given(member, _PERSON_FIELDS)
    if row.identity_number is not None:
        values.pop("no_number_reason", None)
    if member.phone and member.phone.value != _opened(vault, row, "phone", PERSON):
        values["phone"] = seal(vault, member.phone, column="phone", row=row.id)
    disability = member.disability_number
    if disability and disability.value != _opened(vault, row, "disability_number", PERSON):
        values |= {
            "disability_number": seal(vault, disability, column="disability_number", row=row.id),
            "disability_class": disability.class_code,
            "disability_level": disability.level_code,
        }
    return values


def _opened(vault: Vault, row: Any, column: str, table: str) -> str | None:
    return open_sealed(vault, getattr(row, column), column=column, row=row.id, table=table)


def _same(member: PersonCreate, members: Sequence[Any], met: set[UUID]) -> Any:
    """The member of the registry whom the file means without a number that leads to them."""
    left = [row for row in members if row.id not in met]
    for row in left:
        if member.id == row.id or (member.national_no is not None and member.national_no == row.national_no):
            return row
    if member.identity_number is not None:
        return None
    alike = [
        row
        for row in left
        if row.identity_number is None and (row.name, row.birth_date) == (member.name, member.birth_date)
    ]
    return alike[0] if alike else None
