"""Load households for a change of composition, and bring the outcome of the rules back into the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import InvalidInput, NotFound
from services.monitoring.codes.relations import Relation
from services.monitoring.departing import nothing_is_owed
from services.monitoring.households.findings import carry_findings, end_findings, renew_findings
from services.monitoring.households.judge import STANDING, Verdict, judge_standing
from services.monitoring.households.known_areas import judged
from services.monitoring.households.rules import states
from services.monitoring.households.supported import support_of
from services.monitoring.households.tables import Household, Person, Transfer
from services.monitoring.households.versions import Change, Versions, columns_of, tell_household, tell_person
from services.monitoring.visits.actions.refresh import refresh_dues

_HOUSEHOLD: Final = rows(Household)
_PERSON: Final = rows(Person)
_TRANSFER: Final = rows(Transfer)


@dataclass(frozen=True, slots=True, repr=False)
class Standing:
    """A household as it stands: its row, the rows of its living members, and both as the rules see them."""

    row: Any
    members: Mapping[UUID, Any]
    state: states.Household


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """What becomes of a household.

    :param before: its row; None for a household that begins, whose columns are in ``values``.
    :param values: columns that change beside region and number of members.
    """

    before: Any
    after: states.Household
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Departure:
    """A member who is in no household afterwards, and what their row says then."""

    values: Mapping[str, Any]
    on: date


async def load_standing(unit: UnitOfWork, *households: UUID) -> list[Standing]:
    """These households with their living members, all locked, in the order asked for.

    :raises NotFound: if one is not in the unit's area.
    """
    lo, hi = unit.area.lo, unit.area.hi
    found = await unit.connection.execute(
        # In order of id, so that two changes of the same pair wait for each other instead of crossing.
        select(_HOUSEHOLD)
        .where(_HOUSEHOLD.c.id.in_(households), _HOUSEHOLD.c.region.between(lo, hi))
        .order_by(_HOUSEHOLD.c.id)
        .with_for_update()
    )
    by_id = {row.id: row for row in found}
    if len(by_id) < len(set(households)):
        raise NotFound
    members = await living_members(unit, households, lock=True)
    offers = await unit.connection.execute(
        select(_TRANSFER.c.household_id, _TRANSFER.c.id).where(
            _TRANSFER.c.household_id.in_(households), _TRANSFER.c.state == "open"
        )
    )
    open_offers = {offer.household_id: offer.id for offer in offers}
    return [
        _standing(by_id[one], [m for m in members if m.household_id == one], open_offers.get(one)) for one in households
    ]


async def living_members(unit: UnitOfWork, households: Iterable[UUID], *, lock: bool = False) -> Sequence[Any]:
    """The rows of the active members of these households, in order of id."""
    statement = (
        select(_PERSON)
        .where(
            _PERSON.c.household_id.in_(list(households)),
            _PERSON.c.region.between(unit.area.lo, unit.area.hi),
            _PERSON.c.state == "active",
        )
        .order_by(_PERSON.c.id)
    )
    if lock:
        statement = statement.with_for_update()
    return (await unit.connection.execute(statement)).all()


async def judge_again(unit: UnitOfWork, household: Any, *, about: UUID | None = None) -> None:
    """Put the household as it stands before the rules again: errors refuse the change, doubts renew its findings.

    :param about: a person whose number was confirmed or changed, so that doubts about what was handed in end too.
    :raises InvalidInput: with every error.
    """
    if household.state != "active":
        await end_findings(unit, household.id)
        return
    verdict, members = await verdict_on(unit, household)
    if verdict.errors:
        raise InvalidInput(faults=verdict.errors)
    await renew_findings(unit, household, verdict.doubts_of(members), codes=STANDING, about=about)


async def verdict_on(unit: UnitOfWork, household: Any) -> tuple[Verdict, Sequence[Any]]:
    """What the rules say of the household as it stands, and the rows of the members whom its doubts name by place."""
    members = await living_members(unit, [household.id])
    support = await support_of(unit, [household.id])
    today = unit.clock.today()
    verdict = await judged(
        unit,
        household.region,
        lambda thresholds, known: judge_standing(
            household,
            members,
            unit.vault,
            today=today,
            thresholds=thresholds,
            known_areas=known,
            support=support,
        ),
    )
    return verdict, members


async def bring_about(
    unit: UnitOfWork,
    action: str,
    outcomes: Sequence[Outcome],
    persons: Mapping[UUID, Any],
    *,
    departures: Mapping[UUID, Departure] | None = None,
    values: Mapping[UUID, Mapping[str, Any]] | None = None,
    since: Mapping[UUID, date] | None = None,
    reason: str | None = None,
    dues_later: bool = False,
) -> list[Any]:
    """Write what the rules made of households and ``persons``, tell it, and judge each household again.

    :param action: the last part of the audited action, such as ``split``.
    :param persons: rows of everybody who was or is a member, by id.
    :param values: further columns of persons, by id.
    :param since: from when what becomes of a person holds, where that is earlier than what becomes of the household.
    :param dues_later: the caller works out which visits are due, once what hangs on the households has gone along.
    :returns: the households' rows, in the order of ``outcomes``.
    """
    versions = Versions(unit)
    households = await _write_households(unit, versions, outcomes)
    changes, homes = _changes_of_persons(outcomes, households, persons, departures or {}, values or {}, since or {})
    people = await versions.persons(changes)
    for outcome, household in zip(outcomes, households, strict=True):
        change = None
        if outcome.before is not None:
            change = Change(outcome.before, columns_of(household), outcome.after.changed_on)
        tell_household(unit, f"household.{action}", change, household, reason=reason)
        come = [change.row.id for change, home in zip(changes, homes, strict=True) if _moved(change, home, household)]
        if come:
            await carry_findings(unit, come, household)
    for change, home, person in zip(changes, homes, people, strict=True):
        tell_person(unit, f"person.{action}", change, person, home, reason=reason)
    for household in households:
        await judge_again(unit, household)
    if departures:
        await nothing_is_owed(unit, [household.id for household in households])
    if not dues_later:
        for region in {household.region for household in households}:
            there = [household.id for household in households if household.region == region]
            await refresh_dues(unit, region, households=there)
    return households


def _standing(row: Any, members: Sequence[Any], open_offer: UUID | None) -> Standing:
    state = states.Household(
        id=row.id,
        region=row.region,
        changed_on=max([row.valid_from, *(member.valid_from for member in members)]),
        members=tuple(
            states.Member(
                person=member.id,
                relation=Relation(member.relation),
                joined_on=member.valid_from,
                born=member.birth_date,
            )
            for member in members
        ),
        ended_on=None if row.state == "active" else row.valid_from,
        open_offer=open_offer,
    )
    return Standing(row, {member.id: member for member in members}, state)


async def _write_households(unit: UnitOfWork, versions: Versions, outcomes: Sequence[Outcome]) -> list[Any]:
    known = [(place, outcome) for place, outcome in enumerate(outcomes) if outcome.before is not None]
    written: dict[int, Any] = {}
    changed = await versions.households(
        [Change(outcome.before, _household_values(outcome), outcome.after.changed_on) for _, outcome in known]
    )
    for (place, _), row in zip(known, changed, strict=True):
        written[place] = row
    for place, outcome in enumerate(outcomes):
        if outcome.before is None:
            begun = {
                **outcome.values,
                **_household_values(outcome),
                "id": outcome.after.id,
                "version": 1,
                "valid_from": outcome.after.changed_on,
                "recorded_at": await versions.instant(),
            }
            result = await unit.connection.execute(insert(_HOUSEHOLD).values(begun).returning(_HOUSEHOLD))
            written[place] = result.one()
    return [written[place] for place in range(len(outcomes))]


def _household_values(outcome: Outcome) -> dict[str, Any]:
    return {"region": outcome.after.region, "member_count": len(outcome.after.members), **outcome.values}


def _changes_of_persons(
    outcomes: Sequence[Outcome],
    households: Sequence[Any],
    persons: Mapping[UUID, Any],
    departures: Mapping[UUID, Departure],
    values: Mapping[UUID, Mapping[str, Any]],
    since: Mapping[UUID, date],
) -> tuple[list[Change], list[Any]]:
    """The changes of everybody whose row differs afterwards, and the household that each belongs to then."""
    changes, homes = [], []
    by_id = {household.id: household for household in households}
    for outcome, household in zip(outcomes, households, strict=True):
        for member in outcome.after.members:
            new = {
                "household_id": household.id,
                "region": household.region,
                "relation": str(member.relation),
                **values.get(member.person, {}),
            }
            row = persons[member.person]
            change = Change(row, new, since.get(member.person, max(row.valid_from, outcome.after.changed_on)))
            if change.fields:
                changes.append(change)
                homes.append(household)
    for person, departure in departures.items():
        changes.append(Change(persons[person], departure.values, departure.on))
        homes.append(by_id[persons[person].household_id])
    return changes, homes


def _moved(change: Change, home: Any, household: Any) -> bool:
    row = change.row
    return home.id == household.id and (row.household_id, row.region) != (household.id, household.region)
