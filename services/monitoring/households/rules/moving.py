"""Move people from one area to another: one side offers, the other accepts or declines, nobody is lost between.

Until the answer the people stay where they are. So an offer changes nothing but the household's waiting, and an
acceptance is checked against the household as it is then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from chassis.errors import Fault
from chassis.security.scope import Area, Level, level_of
from services.monitoring.codes.changes import MoveOfferState
from services.monitoring.codes.relations import Relation
from services.monitoring.households.rules.states import (
    Household,
    arriving,
    fault,
    liveliness,
    membership,
    remaining,
    remaining_roles,
    roles,
    timing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOffer:
    """迁出: ``leaving`` would move from ``household`` to somewhere in ``destination``.

    :param household: as it was when the offer was made.
    :param leaving: all of its members, or some; the rest stays with the relations that ``staying`` gives anew.
    :param destination: a county, a town or a village.
    """

    id: UUID
    household: Household
    leaving: frozenset[UUID]
    destination: int
    offered_on: date
    staying: Mapping[UUID, Relation] = field(default_factory=dict)
    state: MoveOfferState = MoveOfferState.OPEN


def refusals_of_offer(offer: MoveOffer, *, today: date) -> tuple[Fault, ...]:
    """Every reason why this offer may not be made."""
    household = offer.household
    faults = timing(offer.offered_on, today=today, households=[household])
    faults += liveliness(household, "/household")
    faults += membership(offer.leaving, household, "/leaving")
    faults += remaining_roles(household, offer.leaving, offer.staying)
    if level_of(offer.destination) < Level.COUNTY:
        faults.append(fault("/destination", "destination_too_wide"))
    if Area.of(offer.destination).contains(household.region):
        faults.append(fault("/destination", "already_there"))
    return tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """迁入: the receiving side takes the people into ``region``, a village.

    :param household: the household that they leave, as it is now.
    :param target: the household that they join, None if they live on as one of their own.
    :param new_id: of the household that they found when only some leave and there is no target.
    :param relations: new relations of those who come (all of them, unless a whole household comes without a target),
        and, where they change, of the target's members.
    """

    offer: MoveOffer
    household: Household
    region: int
    on: date
    new_id: UUID
    target: Household | None = None
    relations: Mapping[UUID, Relation] = field(default_factory=dict)


def refusals_of_acceptance(acceptance: Acceptance, *, today: date) -> tuple[Fault, ...]:
    """Every reason why this offer may not be accepted so."""
    offer, target = acceptance.offer, acceptance.target
    faults = timing(acceptance.on, today=today, households=[acceptance.household, *([target] if target else [])])
    if acceptance.on < offer.offered_on:
        faults.append(fault("/on", "accepted_before_offer"))
    if offer.state is not MoveOfferState.OPEN:
        faults.append(fault("/offer", "offer_answered"))
    if offer.leaving - acceptance.household.persons:
        faults.append(fault("/offer", "offer_person_gone"))
    if level_of(acceptance.region) is not Level.VILLAGE:
        faults.append(fault("/region", "region_not_a_village"))
    if not Area.of(offer.destination).contains(acceptance.region):
        faults.append(fault("/region", "region_outside_destination"))
    if target is not None:
        faults += liveliness(target, "/target")
        if target.id == acceptance.household.id:
            faults.append(fault("/target", "same_household"))
        if target.region != acceptance.region:
            faults.append(fault("/target", "target_elsewhere"))
    faults += roles(
        _relations_there(acceptance), offer.leaving | (target.persons if target else frozenset()), "/relations"
    )
    faults += remaining_roles(acceptance.household, offer.leaving, offer.staying)
    return tuple(faults)


def after_acceptance(acceptance: Acceptance) -> tuple[Household, Household]:
    """The household that was left, and the one where the people are now. For an acceptance without refusals.

    A whole household that joins no other keeps its id, so both are the same.
    """
    left, leaving, on = acceptance.household, acceptance.offer.leaving, acceptance.on
    relations = _relations_there(acceptance)
    if acceptance.target is None and leaving >= left.persons:
        moved = replace(left, region=acceptance.region, open_offer=None)
        moved = moved.with_members(remaining(left, frozenset(), relations), on=on)
        return moved, moved
    rest = replace(left, open_offer=None).with_members(remaining(left, leaving, acceptance.offer.staying), on=on)
    come = arriving([member for member in left.members if member.person in leaving], relations, on=on)
    if acceptance.target is not None:
        kept = remaining(acceptance.target, frozenset(), relations)
        return rest, acceptance.target.with_members([*kept, *come], on=on)
    return rest, Household(id=acceptance.new_id, region=acceptance.region, changed_on=on, members=tuple(come))


def _relations_there(acceptance: Acceptance) -> dict[UUID, Relation]:
    """Everybody's relation in the household where the people arrive, as far as it is known."""
    offer, target, left = acceptance.offer, acceptance.target, acceptance.household
    known: dict[UUID, Relation] = {}
    if target is not None:
        known = {member.person: member.relation for member in target.members}
    elif offer.leaving >= left.persons:
        known = {member.person: member.relation for member in left.members}
    return {**known, **acceptance.relations}
